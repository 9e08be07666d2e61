//! Bounds of one request: its head, its target, and the body that an endpoint of ours reads.

use std::time::Duration;

/// Longest name of a keyed table of the configuration; a longer one is a malformed name to `check`, and in a page no name.
pub(crate) const NAME_BYTES_MAX: usize = 64;
/// Largest request head that the listener reads; hyper answers 431 beyond it.
pub(crate) const REQUEST_HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most request header lines; hyper answers 431 beyond it.
pub(crate) const REQUEST_HEADERS_MAX: usize = 100;
/// Bytes that are kept of a header line that comes in pieces, while the end of its head is looked for; a longer line says nothing of it.
pub(crate) const WALKED_LINE_BYTES_MAX: usize = 64;
/// Longest request path plus query; 400 `bad_path` beyond it.
pub(crate) const TARGET_BYTES_MAX: usize = 16 * 1024;
/// Most ways in which one path may be read; 400 `bad_path` beyond it.
pub(crate) const PATH_READINGS_MAX: usize = 128;
/// Most bytes of all readings of one path together; 400 `bad_path` beyond it.
pub(crate) const PATH_READINGS_BYTES_MAX: usize = 256 * 1024;
/// Most addresses of a list of proxies (`X-Forwarded-For`, `Forwarded`) that are read, from the right; where all of them are trusted,
/// the client's is unknown beyond it.
pub(crate) const FORWARDED_ADDRESSES_MAX: usize = 32;
/// How often a request may have passed a gateway of this kind (its `Via` says so); 508 `loop_detected` beyond it.
pub(crate) const GATEWAY_PASSES_MAX: usize = 3;
/// Largest body that an own endpoint reads; 413 beyond it.
pub(crate) const OWN_BODY_BYTES_MAX: usize = 8 * 1024;
/// A wait for the whole body of an own endpoint; 413 beyond it.
pub(crate) const OWN_BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest method; a longer one is refused.
pub(crate) const METHOD_BYTES_MAX: usize = 32;
