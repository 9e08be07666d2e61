//! The one TOML file: text → [`Draft`] (every key walked, every problem noted) → [`Config`] (checked values).
//!
//! In: the file's text and the values of the secrets it names. Out: a [`Config`], or every `Problem` at once, each
//! with key, line and what to write instead. Pure: reading files and the environment is `system`'s.
//!
//! Each key has a line in the one table of all keys, `file::keys`: the walk holds a file to it, the JSON Schema is printed
//! from it, and a test holds the reference `gateway.toml` to it. What a key means is read where its section is:
//!
//! | room | sections |
//! |---|---|
//! | `gateway` | `[listen]`, `[log]`, `[outbound]`, `[paths]`, `[pages]` |
//! | `identity` | `[identity.NAME]`, `[session]`, `[[revoke]]` |
//! | `sigma` | `[sigma.SLUG]`, `[embed.NAME]`, `[[mapping]]`, `[mapping_defaults]` |
//! | `site` | `[[site]]`, and all that is in it |
//!
//! They all read with `reading`, which also has what several of them say alike (a `when`, a secret, a certificate, a proxy),
//! and none of them knows another. `across` holds them to each other; `assemble` is the order of it all. The words of choices
//! are in `file::choices`, the checked values in `settings`, what is wrong in `problem`. Tests of a room are in it, over the
//! small file of `testing`.

mod across;
mod assemble;
mod draft;
mod file;
mod gateway;
mod identity;
mod problem;
mod reading;
mod secrets;
mod settings;
mod sigma;
mod site;

#[cfg(test)]
mod testing;

pub use draft::Draft;
pub(crate) use file::json_schema;
pub(crate) use gateway::words_file;
pub(crate) use problem::{Problem, Problems, Warning, WarningWeight};
pub(crate) use secrets::ProxyVariables;
pub use secrets::{SecretSource, SecretValues};
pub use settings::Config;
pub(crate) use settings::{AccessLog, ListenSettings, OutboundWay, Route, RouteAnswer, Site};
