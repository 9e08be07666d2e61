//! Bounds of Sigma URLs, and of pages and JSON that are looked through.

use std::time::Duration;

/// Longest life of a Sigma token: 30 days (Sigma, JSON web token claims reference).
pub(crate) const SIGMA_TOKEN_AGE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// Longest path segment, tag, page or element id of a Sigma URL; refused beyond it. Sigma's ids have 10 to 36 characters.
pub(crate) const SIGMA_SEGMENT_BYTES_MAX: usize = 512;
/// Longest beginning of a page in which its head must begin; beyond it a page gets no script, and a note.
pub(crate) const OPENING_BYTES_MAX: usize = 8 * 1024;
/// Longest Sigma URL in the query of `{sigma}/to`; refused as `embed_unknown` beyond it.
pub(crate) const SIGMA_URL_BYTES_MAX: usize = 4 * 1024;
/// Longest `title` of an embed; refused beyond it.
pub(crate) const TITLE_BYTES_MAX: usize = 256;
/// Longest signed URL; a mint beyond it is refused as `url_too_long`.
pub(crate) const SIGNED_URL_BYTES_MAX: usize = 16 * 1024;
/// Most frames filled and URLs signed in one answer; later ones are left as they are, with a log line. Links have no bound.
pub(crate) const SLOTS_MAX: usize = 100;
/// A page up to this is held and looked through before its head is sent; a longer one streams.
pub(crate) const HELD_PAGE_BYTES_MAX: usize = 256 * 1024;
/// A wait for the next piece of a page whose length is not known; it streams beyond it, for its application lets readers wait.
pub(crate) const HELD_PAUSE_MAX: Duration = Duration::from_millis(100);
/// A wait for the whole of such a page, whose pieces come one soon after the other; it streams beyond it.
pub(crate) const HELD_UNSIZED_TIMEOUT: Duration = Duration::from_millis(400);
/// Most `<meta>` policies of a page that are read; with more of them no frame counts as let in.
pub(crate) const META_POLICIES_MAX: usize = 16;
/// Tallest frame of an insert, in CSS pixels; refused as out of range beyond it.
pub(crate) const INSERT_HEIGHT_MAX: u32 = 20_000;
/// Longest `title` and `class` of an insert; refused beyond it.
pub(crate) const INSERT_TEXT_BYTES_MAX: usize = 256;
/// Bytes of a held page that are searched at a time for what every slot has.
pub(crate) const SEARCH_BLOCK_BYTES: usize = 256;
/// Longest numeric reference (`&#46;`, without its `&`) that a search of a held page looks into; with a longer one it is read.
pub(crate) const REFERENCE_BYTES_MAX: usize = 10;
/// Longest tag of a slot that is held until it is over; a slot with a longer one is left as it is, if it had to change before that.
pub(crate) const REWRITER_BYTES_MAX: usize = 512 * 1024;
/// Longest attribute that is looked at; a longer one is no URL of Sigma's, and nothing that a selector can select by.
pub(crate) const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a piece of markup that are kept while it comes; a longer one is read on without them.
pub(crate) const TOKEN_BYTES_MAX: usize = 2 * ATTRIBUTE_BYTES_MAX;
/// Bytes behind `</body>` that are kept while the page may end with them; beyond, an insert that waits goes to the end of the page.
pub(crate) const PAGE_END_BYTES_MAX: usize = 1024;
/// Most open elements of a page: beyond it the innermost ends where the next one begins, as browsers nest no deeper than 512.
pub(crate) const OPEN_ELEMENTS_MAX: usize = 512;
/// Longest name of an element that is told from others, and most such names of a page that have more than 16 bytes; an element
/// beyond ends with the one around it, and gets no insert.
pub(crate) const ELEMENT_NAME_BYTES_MAX: usize = 256;
pub(crate) const LONG_NAMES_MAX: usize = 1_024;
/// Memory of what follows the selectors of one page's inserts; beyond it those that are not placed are given up, with a note.
pub(crate) const SELECTION_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest JSON answer that is looked through; a larger one passes unchanged.
pub const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest answer with parts of a page, which a script puts in, that is looked through; a larger one passes unchanged.
pub(crate) const PARTS_BYTES_MAX: usize = 1024 * 1024;
/// Most digits of the first length of an answer to an UpdatePanel; what begins with more is none.
pub(crate) const DELTA_DIGITS_MAX: usize = 9;
/// Memory of all answers that are held at a time, in KiB; beyond it answers pass unchanged.
pub const HELD_KIB_MAX: usize = 256 * 1024;
/// Pieces of a coded page that may have a slot, up to which it is searched for where the last one is; with more it is read to its end.
pub(crate) const SEARCHED_PIECES_MAX: usize = 3;
/// Most decoded bytes of a page that is held; it passes as it came beyond it, whatever was found.
pub(crate) const HELD_DECODED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest window of a zstd body, as a power of two: browsers take no larger one (RFC 9659). The body passes as it came beyond it.
pub(crate) const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// JSON texts in strings of JSON texts that are looked into; what is deeper stays as it is.
pub(crate) const JSON_TEXT_DEPTH_MAX: usize = 3;
/// Most decoded bytes per encoded byte, once more than a held page was decoded; the rest is not looked into beyond it.
pub(crate) const DECODE_RATIO_MAX: u64 = 200;
/// Bytes of coded brotli that are gathered before they go on.
pub(crate) const BROTLI_BUFFER_BYTES: usize = 4 * 1024;
/// Bytes rewritten before other tasks of the core get a turn.
pub(crate) const REWRITE_CHUNK_BYTES: usize = 16 * 1024;
