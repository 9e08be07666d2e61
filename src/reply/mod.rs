//! Everything the gateway itself says: pages, JSON errors, redirects; the only place where a
//! [`Reason`](crate::reason::Reason) becomes an answer, with its status and its words.
//!
//! In: values (a reason, a request id, a link). Out: an [`Answer`]. Always: `no-store` (but for the
//! style), a request id, a `Sigma-Gateway` header that says that the gateway answered and why. Never: a library's error
//! text, an upstream's address, or anything a visitor sent, unescaped.

mod answer;
mod assets;
mod choice;
mod embed_page;
mod failure;
mod hand_over;
mod inline_script;
mod page_settings;
mod pages;
mod transport_security;
mod words;

pub(crate) use answer::{
    Answer, Audience, Context, frameable, json, redirect, redirect_to_site, to_proxy, without_words,
};
pub(crate) use assets::{key_set, script, style};
pub(crate) use choice::{AddressForm, ProviderChoice, choice};
pub(crate) use embed_page::{EmbedPage, First, embed_page};
pub(crate) use failure::{Failure, failure};
pub(crate) use hand_over::hand_over;
pub(crate) use page_settings::PageSettings;
pub(crate) use pages::{confirm_sign_out, going_on, signed_in_but_cut, signed_out};
pub(crate) use transport_security::TransportSecurity;
pub(crate) use words::{Language, WordKey, WordTable};
