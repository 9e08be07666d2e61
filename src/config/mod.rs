//! The one TOML file: text → [`Draft`] (every key walked, every problem noted) → [`Config`] (checked values).
//!
//! In: the file's text and the values of the secrets it names. Out: a [`Config`], or every `Problem` at once, each
//! with key, line and what to write instead. Pure: reading files and the environment is `system`'s.
//!
//! `keys` is the one table of all keys. `walk` holds a file to it (unknown keys, types, missing keys, defaults), the
//! JSON Schema is printed from it, and a test holds the reference `gateway.toml` to it. Each section then reads its
//! own part of the walked file, and `assemble` holds the sections to each other.

mod accept;
mod assemble;
mod assertion;
mod assertion_shapes;
mod check;
mod choices;
mod client;
mod condition;
mod draft;
mod embed;
mod headers;
mod identity;
mod identity_headers;
mod in_front;
mod insert;
mod keys;
mod known;
mod listen;
mod mapping;
mod nearest;
mod only_asked;
mod outbound;
mod overlap;
mod pages;
mod problem;
mod public_issuers;
mod raw;
mod route;
mod schema;
mod secrets;
mod session;
mod settings;
mod shared_names;
mod sigma;
mod site;
mod source;
mod source_keys;
mod times;
mod tls;
mod toothless;
mod upstream;
mod walk;

#[cfg(test)]
mod tests;

pub use draft::Draft;
pub(crate) use pages::words_file;
pub(crate) use problem::{Problem, Problems, Warning, WarningWeight};
pub(crate) use schema::json_schema;
pub(crate) use secrets::ProxyVariables;
pub use secrets::{SecretSource, SecretValues};
pub use settings::Config;
pub(crate) use settings::{AccessLog, ListenSettings, OutboundWay, Route, RouteAnswer, Site};
