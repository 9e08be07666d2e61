//! What Sigma is told: the catalogue of embeds, Sigma's URL grammar, its claims, the HS256 token and the signed URL,
//! the stable links, and the table that says where a mint may happen at all.
//!
//! In: an embed, a [`Viewer`], `now` and randomness. Out: a [`SignedUrl`] (a bearer secret that works once) with the
//! [`MintRecord`] for the audit log, or an [`EmbedError`]. Facts and sources: Sigma's JWT claims reference.

mod catalogue;
mod claims;
mod link;
mod mint;
mod mint_table;
mod parameters;
mod sigma_url;
#[cfg(test)]
pub(crate) mod tests;
mod token;

pub use catalogue::{Allow, Catalogue, Embed, EmbedName, EmbedTarget, OpenAs, Organization};
pub use claims::{EmbedUserClaims, SigmaClaims};
pub use link::{LinkError, StableLink, view_of_link};
pub use mint::{EmbedError, MintRecord, Minted, SignedUrl, Viewer, mint, permitted, preview};
pub use mint_table::{Delivery, MintOutcome, Surface, mint_outcome};
pub use sigma_url::{Document, DocumentKind, DocumentPart, SigmaUrl, SigmaUrlError, Slug, View};
pub use token::{SigningKey, TokenError, UnverifiedToken, inspect};
