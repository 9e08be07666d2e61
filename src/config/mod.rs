//! The one TOML file: text → [`Draft`] (every key walked, every problem noted) → [`Config`] (checked values).
//!
//! In: the file's text and the values of the secrets it names. Out: a [`Config`], or every [`Problem`] at once, each
//! with key, line and what to write instead. Pure: reading files and the environment is `system`'s.

mod settings;

pub use settings::{AccessLog, Config, ListenSettings, Route, RouteAnswer, Site};
