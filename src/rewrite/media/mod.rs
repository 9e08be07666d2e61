//! What the bytes of an answer are: their type, charset and coding, as its head says it and as browsers look at them.

pub(super) mod charset;
pub(super) mod codec;
pub(super) mod coding;
pub(super) mod content_type;
pub(super) mod sniff;

pub(crate) use self::{codec::CodingError, coding::Coding};
