//! IO.
//! The Sigma stand-in: verifies embed URLs as the documented rules say, strictly, and shows who came in.
//!
//! The decision is [`judge`], a pure function; this folder's HTTP part only keeps which tokens were used.

mod judge;
mod opening;
mod organization;
mod page;
mod refusal;
mod server;
mod target;
#[cfg(test)]
mod tests;
mod token;
mod used;

pub(crate) use judge::judge;
pub(crate) use opening::{Opening, ViewerKind};
pub(crate) use organization::SigmaOrganization;
pub(crate) use refusal::Refusal;
pub(crate) use server::{SigmaOptions, SigmaStandIn};
pub(crate) use used::UsedTokens;
