//! What Sigma is told: the catalogue of embeds, Sigma's URL grammar, its claims, the HS256 token and the signed URL,
//! the stable links, and the table that says where a mint may happen at all.
//!
//! In: an embed, a [`Viewer`], `now` and randomness. Out: a [`SignedUrl`] (a bearer secret that works once) with the
//! [`MintRecord`] for the audit log, or an [`EmbedError`]. Facts and sources: Sigma's JWT claims reference.

mod catalogue;
mod claims;
mod embed_print;
mod link;
mod mint;
mod mint_table;
mod parameters;
mod sigma_url;
#[cfg(test)]
pub(crate) mod tests;
mod to;
mod token;

pub(crate) use catalogue::{Allow, Catalogue, Embed, EmbedName, EmbedTarget, OpenAs, Openings, Organization, Renew};
pub(crate) use claims::SigmaClaims;
pub(crate) use embed_print::EmbedPrint;
pub(crate) use link::{StableLink, view_of_link};
#[cfg(test)]
pub(crate) use mint::EmbedError;
pub(crate) use mint::{MintRecord, Minted, Viewer, mint, preview};
pub(crate) use mint_table::{Delivery, MintOutcome, Surface, mint_outcome};
pub(crate) use parameters::{InterfaceParameters, in_utf8};
pub(crate) use sigma_url::{Document, DocumentKind, DocumentPart, SigmaUrl, SigmaUrlError, Slug, View};
pub(crate) use to::embed_of_query;
pub(crate) use token::{SigningKey, TokenError, UnverifiedToken, inspect};
