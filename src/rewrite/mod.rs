//! The host application's answer on its way back: pass or rewrite, find the slots, fill them.
//!
//! In: response heads and chunks of bytes, and a [`Filler`] that knows the viewer and the embeds. Out: chunks of bytes,
//! [`Note`]s for the logs, [`MintRecord`](crate::embed::MintRecord)s for the audit log. Always: bytes outside slots do
//! not change, and any split of a page into chunks gives the same bytes (but for the place where a page with more open elements
//! than [`REWRITER_BYTES_MAX`](crate::limits::REWRITER_BYTES_MAX) holds is given up). Never: a mint outside a slot.
//!
//! One exchange: [`plan_request`] before the request goes out, [`plan_response`] when the head comes back. Its answer says
//! what to do: [`ResponsePlan::Pass`] the answer on, [`rewrite_location`], hold the body ([`HeldBody`], short pages and
//! JSON) or rewrite it as it streams ([`PageBody`]); [`change_head`] then makes the head say what was done to the body. A
//! host application's page gets the value of an attribute, and nothing else
//! ([decision 0025](../../docs/decisions/0025-a-page-gets-a-value-and-nothing-else.md)).
//!
//! Rooms, each above those it uses: `held` and `stream` (bodies), `parts` (answers that scripts put into a page), `html`, `json`, `csp`,
//! `media` (what the bytes are), `markup`.

mod csp;
mod fill;
mod head;
mod heard;
mod held;
mod html;
mod json;
mod json_path;
mod landmarks;
mod location;
mod markup;
mod media;
mod meta;
mod note;
mod parts;
mod patch;
mod plan;
mod slots;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use csp::{FramePolicies, PageScript, ScriptTag};
pub(crate) use fill::{FillContext, Filled, Filler, SlotFiller, SlotKind, Wanted};
pub(crate) use head::{Change, change_head};
pub(crate) use heard::{Heard, Minting, Stepped};
pub(crate) use held::{HeldAnswer, HeldBody, HeldStep, Onward, room_for};
pub(crate) use html::{HtmlRewriter, HtmlSettings};
pub(crate) use json::rewrite_json;
pub(crate) use json_path::JsonPath;
pub(crate) use landmarks::Landmarks;
pub(crate) use location::{embed_redirect, location_text, rewrite_location, rewrite_refreshes, sends_on};
pub(crate) use markup::Syntax;
pub(crate) use media::{Coding, CodingError};
pub(crate) use note::{Note, Untouched};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use parts::{rewrite_delta, rewrite_parts};
pub(crate) use plan::{
    DoubtfulPlan, Hold, HtmlPlan, JsonPlan, PageMark, RequestPlan, ResponsePlan, plan_request, plan_response,
};
pub(crate) use slots::{FrameSrc, Insert, InsertFrame, InsertPlace, JsonRule, RewriteRules, Selector, SiteRewrite};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use stream::PageError;
pub(crate) use stream::{PageBody, Step};
