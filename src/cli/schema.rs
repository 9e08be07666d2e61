//! `schema`: the JSON Schema of the configuration file, for editors.

use std::io::{self, Write};

use crate::config::json_schema;

/// Prints the schema.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn run(out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &json_schema())?;
    writeln!(out)
}
