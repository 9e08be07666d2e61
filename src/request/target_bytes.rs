//! Which request targets a URI holds as they are.

use http::Uri;

/// Whether it can be decided on, and forwarded, byte for byte. A URI has no fragment where it is asked for (RFC 9112 3.2), and would
/// lose it without a word.
pub(super) fn is_held(target: &[u8]) -> bool {
    is_plain(target) || !target.contains(&b'#') && Uri::try_from(target).is_ok()
}

/// Whether that is so at a glance.
pub(super) fn is_plain(target: &[u8]) -> bool {
    target.starts_with(b"/") && target.iter().all(|byte| is_everyday(*byte))
}

/// What a target of any browser holds, and any URI may.
pub(super) const fn is_everyday(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'/' | b'?'
                | b'&'
                | b'='
                | b'%'
                | b'.'
                | b'_'
                | b'-'
                | b'~'
                | b'+'
                | b':'
                | b','
                | b';'
                | b'@'
                | b'!'
                | b'$'
                | b'*'
        )
}
