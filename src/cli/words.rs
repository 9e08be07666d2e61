//! `words`: the texts of the gateway's pages in a language, as a file to change.

use std::io::{self, Write};

use crate::{config::words_file, reply::Language};

/// Which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum WordsOf {
    /// English
    En,
    /// German
    De,
    /// French
    Fr,
}

/// Prints the texts.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn run(of: WordsOf, out: &mut impl Write) -> io::Result<()> {
    let language = match of {
        WordsOf::En => Language::English,
        WordsOf::De => Language::German,
        WordsOf::Fr => Language::French,
    };
    write!(out, "{}", words_file(language))
}
