//! The endpoints of our own, one file each: from the [`Facts`](crate::decide::Facts) of a request to what is [`Said`].
//!
//! In: facts, and as far as an endpoint needs them what was asked for (an embed), what was read or heard from the provider, and a
//! stream of random values. Out: a [`Said`], or what has to come first (a sign-in). Never: IO. What waits for the provider is split
//! into the question, and the answer to what came of it.

mod asset;
mod callback;
mod embed_api;
mod events;
mod said;
mod sign_in;
mod sign_out;
mod stable_link;
#[cfg(test)]
mod tests;
mod user_info;
mod viewing;

pub(crate) use asset::{script, style};
pub(crate) use callback::{Returned, callback, returned};
pub(crate) use embed_api::embed_api;
pub(crate) use events::{ReadBody, events, is_read};
pub(crate) use said::Said;
pub(crate) use sign_in::{begin, link_to_sign_in, may_begin};
pub(crate) use sign_out::{confirm_sign_out, sign_out};
pub(crate) use stable_link::stable_link;
pub(crate) use user_info::user_info;
pub(crate) use viewing::viewer;
