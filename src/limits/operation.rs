//! Bounds of the configuration, its files, and the log.

use std::time::Duration;

/// Most problems of TOML's syntax that a load names; the first is mostly the cause of the others.
pub(crate) const SYNTAX_PROBLEMS_MAX: usize = 20;
/// Longest `session.max_age`; refused as out of range beyond it. Browsers keep no cookie longer (RFC 6265bis 5.5).
pub(crate) const SESSION_AGE_LONGEST: Duration = Duration::from_secs(400 * 24 * 3600);
/// Longest `upstream_timeout`; refused as out of range beyond it. Interim answers begin the wait anew up to this in all.
pub(crate) const UPSTREAM_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
/// Longest `upstream_idle_timeout`; refused as out of range beyond it.
pub(crate) const UPSTREAM_IDLE_TIMEOUT_LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Longest `held_timeout`; refused as out of range beyond it.
pub(crate) const HELD_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
/// Most `aliases` of one site; refused beyond it.
pub(crate) const ALIASES_MAX: usize = 100;
/// Longest `hsts`; refused as out of range beyond it. Lists of https-only hosts ask for no more.
pub(crate) const HSTS_LONGEST: Duration = Duration::from_secs(730 * 24 * 3600);
/// Largest configuration file.
pub(crate) const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// Most ranges of an `Accept-Language` that are looked at; the rest is not wanted.
pub(crate) const LANGUAGE_RANGES_MAX: usize = 16;
/// Largest file of words for our pages; a larger one is refused by `check`.
pub(crate) const WORDS_BYTES_MAX: u64 = 256 * 1024;
/// Longest text of our pages that an operator writes, in characters; a longer one is refused by `check`.
pub(crate) const PAGE_TEXT_CHARS_MAX: usize = 1_000;
/// Largest picture for our pages, which is part of each; a larger one is refused by `check`.
pub(crate) const LOGO_BYTES_MAX: u64 = 32 * 1024;
/// How long browsers keep a style, a script and the keys of assertions of ours: their names do not change with the release, and a key
/// that is new may sign once all have it.
pub(crate) const ASSET_AGE: Duration = Duration::from_secs(300);
/// Largest secret file.
pub(crate) const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// Largest file of certificates; a bundle of every public CA fits.
pub(crate) const CERTIFICATES_BYTES_MAX: u64 = 1024 * 1024;
/// Quiet time after a change of a file before the configuration is read again.
pub(crate) const RELOAD_DEBOUNCE: Duration = Duration::from_millis(250);
/// Pause between two looks at the configuration's files, for changes that no event tells of.
pub(crate) const RELOAD_POLL: Duration = Duration::from_secs(5);
/// Most quiet times that are waited for while a folder does not come to rest.
pub(crate) const RELOAD_DEBOUNCE_ROUNDS_MAX: u32 = 8;
/// Access and event lines that wait for a slow reader; beyond it such lines are dropped and counted.
pub(crate) const LOG_LINES_MAX: usize = 8_192;
/// Audit lines that may wait beyond [`LOG_LINES_MAX`]: a flood of requests does not push them out.
pub(crate) const LOG_AUDIT_LINES_MAX: usize = 8_192;
/// Bytes of log lines that are gathered before they are written, while more lines wait.
pub(crate) const LOG_WRITE_BYTES: usize = 64 * 1024;
/// Room that a log line begins with; most need no more.
pub(crate) const LOG_LINE_BYTES: usize = 512;
/// Time in which log lines gather behind one that was written.
pub(crate) const LOG_GATHER: Duration = Duration::from_millis(2);
/// A wait, at the end of the program, for lines that are not written yet; they are lost beyond it.
pub(crate) const LOG_FLUSH_MAX: Duration = Duration::from_secs(1);
/// Most sentences about claims in one audit line (`[log] claims`); the rest is left out.
pub(crate) const LOG_CLAIMS_MAX: usize = 50;
/// A claim is quoted in such a line up to this.
pub(crate) const CLAIM_QUOTE_CHARS_MAX: usize = 1_000;
/// What a peer sent is quoted in a log line up to this.
pub(crate) const LOG_QUOTE_BYTES_MAX: usize = 512;
