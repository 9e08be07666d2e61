//! The HTML of a page while it streams: its slots found, and filled.
//!
//! [`HtmlRewriter`] takes bytes in any pieces. [`markup`](super::markup) says what they are; `state` is what is known of the page, which
//! `tags`, `forms` and `meta_tags` add to; `splice` puts edits into bytes that otherwise come out as they went in.

mod forms;
mod inserts;
mod meta_tags;
mod opening;
mod rewriter;
mod selected;
mod settings;
mod slot_tags;
mod splice;
mod state;
mod tags;

pub(crate) use self::{rewriter::HtmlRewriter, settings::HtmlSettings};
