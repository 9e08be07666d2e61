//! A signed JWT (RFC 7515, RFC 7519), as ID tokens and assertions are one: read once, strictly, and its signature judged in one place.
//!
//! In: the text, the keys, the algorithms that are accepted. Out: header and claims. What the claims must say is the matter of
//! who reads it.

mod algorithms;
mod audience;
mod error;
mod parts;
mod public_key;
mod times;

pub(crate) use algorithms::SignatureAlgorithm;
pub(super) use audience::foreign_audience;
pub(super) use error::{JwsError, JwsFault};
pub(super) use parts::{Jws, Padding, is_jwt_or, is_typ};
pub(super) use public_key::{KeyKind, PublicKey};
pub(super) use times::{ago, check_not_ahead, check_not_past, date, says};
