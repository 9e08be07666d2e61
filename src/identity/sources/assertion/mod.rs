//! An identity that a proxy in front attaches to each request, as an assertion that somebody has signed.
//!
//! In: the settings of a source, what a request presents for it, its keys, `now`. Out: a [`VerifiedAssertion`], and by it an
//! [`Identity`](crate::identity::Identity), or an [`AssertionError`] that names its reason. Every check of a preset is made, of
//! every assertion: none can be configured away (decision 0039). Nothing is kept: no assertion is remembered, and none is a session.

mod checks;
mod error;
mod presets;
mod read;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use error::AssertionError;
#[cfg(test)]
pub(crate) use error::AssertionFault;
pub(crate) use presets::{IapPeople, Preset, TokenMark};
pub(crate) use read::{ReadAssertion, VerifiedAssertion};
pub(crate) use settings::{AssertionSettings, KeyPlace};
