//! What the logs and metrics hear about an answer.

use crate::{embed::EmbedName, reason::Reason};

/// Something about an answer that somebody may want to look at. What a page wrote is kept short; no URL, no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A slot names an embed that the site does not have: the slot is left as it is.
    UnknownEmbed(String),
    /// A slot names an embed of any workbook, without a URL that says which: the slot is left as it is.
    NoDocument(EmbedName),
    /// The page has more slots than the limit: later ones are left as they are.
    TooManySlots,
    /// The answer (or its rest) passes byte for byte.
    NotRewritten(Untouched),
    /// The page's own CSP does not let it frame the embed.
    CspBlocksFrame,
    /// The page's own CSP does not let it load our script: Back and Forward will replay used URLs.
    CspBlocksScript,
    /// Nothing was minted for this viewer: the slot has the stable link, which says why.
    MintRefused(EmbedName, Reason),
    /// The element that a `[[site.insert]]` chose cannot hold an embed.
    InsertNotPlaced(String),
}

/// Why an answer passes byte for byte, although its site has embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Untouched {
    /// `Cache-Control: no-transform` (RFC 9110 7.7).
    NoTransform,
    /// The charset is unknown, or not a superset of ASCII.
    Charset,
    /// The content coding is not identity or gzip.
    Coding,
    /// The coded body is broken.
    BrokenCoding,
    /// The answer is a part of a whole (206).
    Partial,
    /// Over the limit.
    TooLarge,
    /// All memory for answers that are held is in use.
    NoRoom,
    /// The rewriter's memory limit was reached.
    MemoryLimit,
    /// The body is not JSON.
    InvalidJson,
}

impl Note {
    /// The stable name, for logs and metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownEmbed(_) => "unknown_embed",
            Self::NoDocument(_) => "no_document",
            Self::TooManySlots => "too_many_slots",
            Self::NotRewritten(why) => why.as_str(),
            Self::CspBlocksFrame => "csp_blocks_frame",
            Self::CspBlocksScript => "csp_blocks_script",
            Self::MintRefused(..) => "mint_refused",
            Self::InsertNotPlaced(_) => "insert_not_placed",
        }
    }
}

impl Untouched {
    /// The stable name, for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoTransform => "no_transform",
            Self::Charset => "charset",
            Self::Coding => "coding",
            Self::BrokenCoding => "broken_coding",
            Self::Partial => "partial",
            Self::TooLarge => "too_large",
            Self::NoRoom => "no_room",
            Self::MemoryLimit => "memory_limit",
            Self::InvalidJson => "invalid_json",
        }
    }
}
