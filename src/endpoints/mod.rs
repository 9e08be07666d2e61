//! The endpoints of our own, one file each, all of one signature: from what one is [`Asked`] with to what is [`Said`].
//!
//! In: the [`Facts`](crate::decide::Facts) of a request, what was heard from elsewhere where an endpoint needs that, and a stream
//! of random values. Out: a [`Said`]. Never: IO, or whether somebody may have it: that is decided. What waits for the provider or
//! a body is split into the question, and the endpoint that takes what came of it.

#![expect(clippy::needless_pass_by_value, reason = "endpoints have one signature, whatever each makes of it")]

#[cfg(test)]
mod account_tests;
mod asked;
mod asset;
mod callback;
mod choose;
mod embed_api;
mod events;
mod form_answer;
#[cfg(test)]
mod form_tests;
mod forward_auth;
#[cfg(test)]
mod forward_auth_tests;
#[cfg(test)]
mod groups_tests;
#[cfg(test)]
mod recheck_tests;
mod said;
mod sign_in;
mod sign_out;
mod signed_out;
mod stable_link;
#[cfg(test)]
mod tests;
mod user_info;
mod viewing;

pub(crate) use asked::Asked;
pub(crate) use asset::{assertion_keys, script, style};
pub(crate) use callback::{Redeemed, Returned, callback, came_of_nothing, returned};
pub(crate) use embed_api::embed_api;
pub(crate) use events::{ReadBody, events};
pub(crate) use form_answer::keep_answer;
pub(crate) use forward_auth::forward_auth;
pub(crate) use said::Said;
pub(crate) use sign_in::{Described, begin, link_to_sign_in, may_begin};
pub(crate) use sign_out::{SigningOut, confirm_sign_out, sign_out};
pub(crate) use signed_out::signed_out;
pub(crate) use stable_link::{embed_page, embed_page_without_url, embed_redirect};
pub(crate) use user_info::user_info;
pub(crate) use viewing::viewer_of_answer;
