//! The host application's answer on its way back: pass or rewrite, find the slots, fill them.
//!
//! In: response heads and chunks of bytes, and a [`Filler`] that knows the viewer and the embeds. Out: chunks of bytes,
//! [`Note`]s for the logs, [`MintRecord`](crate::embed::MintRecord)s for the audit log. Always: bytes outside slots do
//! not change, and any split of a page into chunks gives the same bytes. Never: a mint outside a slot.

mod json_path;
mod slots;

pub use json_path::{JsonPath, JsonPathError};
pub use slots::{Insert, JsonRule, Place, Selector, SelectorError, SiteRewrite};
