//! What several sections say alike.

mod conditions;
mod secrets;
mod toothless;
