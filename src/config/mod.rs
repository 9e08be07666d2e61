//! The one TOML file: text → [`Draft`] (every key walked, every problem noted) → [`Config`] (checked values).
//!
//! In: the file's text and the values of the secrets it names. Out: a [`Config`], or every `Problem` at once, each
//! with key, line and what to write instead. Pure: reading files and the environment is `system`'s.
//!
//! `keys` is the one table of all keys. `walk` holds a file to it (unknown keys, types, missing keys, defaults), the
//! JSON Schema is printed from it, and a test holds the reference `gateway.toml` to it. Each section then reads its
//! own part of the walked file, and `assemble` holds the sections to each other.

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
