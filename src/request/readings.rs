//! The ways in which a host application might read one path.
//!
//! In: a raw path. Out: every other text that a server may make of it by decoding (once, twice, only what needs no
//! escape), by taking `\` or an encoded separator for `/`, by merging slashes, by cutting `;params`, an encoded query
//! or the trailing dots and spaces that Windows ignores, by folding full-width characters — and by all of these one
//! after the other. Letter case is left to the comparison. A path that a plain server reads as it stands has none.

use super::path_error::PathError;
use crate::limits::{PATH_READINGS_BYTES_MAX, PATH_READINGS_MAX};

/// Every reading of `raw` other than itself.
///
/// # Errors
/// [`PathError::DotSegment`] or [`PathError::BadEscape`] where a reading holds what no path may hold,
/// [`PathError::Ambiguous`] where there are more readings than anybody means.
pub(super) fn other_readings(raw: &str) -> Result<Box<[Vec<u8>]>, PathError> {
    check(raw.as_bytes())?;
    if is_plain(raw.as_bytes()) {
        return Ok(Box::default());
    }
    let mut readings = vec![raw.as_bytes().to_vec()];
    let mut bytes = raw.len();
    let mut next = 0;
    while let Some(reading) = readings.get(next).cloned() {
        for transform in TRANSFORMS {
            let other = transform(&reading);
            if readings.contains(&other) {
                continue;
            }
            check(&other)?;
            bytes += other.len();
            readings.push(other);
            if readings.len() > PATH_READINGS_MAX || bytes > PATH_READINGS_BYTES_MAX {
                return Err(PathError::Ambiguous);
            }
        }
        next += 1;
    }
    Ok(readings.into_iter().skip(1).collect())
}

/// Whether every server reads the path as it stands, at a glance: nothing that any transform or check below would stop at.
pub(super) fn is_obviously_plain(raw: &str) -> bool {
    let mut before = b'a';
    for byte in raw.bytes() {
        let fits = match byte {
            b'/' => !matches!(before, b'/' | b'.'),
            b'.' => before != b'/',
            b'%' | b';' | b'\\' | b'?' | b'#' => false,
            _ => byte.is_ascii_graphic(),
        };
        if !fits {
            return false;
        }
        before = byte;
    }
    before != b'.'
}

/// What a server may do to a path.
type Transform = fn(&[u8]) -> Vec<u8>;

const TRANSFORMS: [Transform; 8] = [
    decode_unreserved,
    decode_all,
    backslashes_to_slashes,
    merge_slashes,
    cut_parameters,
    cut_query,
    fold_compatible,
    cut_trailing_dots_and_spaces,
];

/// What no reading may hold: dot segments, controls, overlong UTF-8.
fn check(reading: &[u8]) -> Result<(), PathError> {
    if reading.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dot_segment) {
        return Err(PathError::DotSegment);
    }
    if reading.iter().any(u8::is_ascii_control) || has_overlong_utf8(reading) {
        return Err(PathError::BadEscape);
    }
    Ok(())
}

fn is_dot_segment(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    matches!(name.trim_ascii(), b"." | b"..")
}

/// `%c0%ae` is no UTF-8, but careless decoders take it for a dot.
fn has_overlong_utf8(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| matches!(pair, [0xC0 | 0xC1, 0x80..=0xBF] | [0xE0, 0x80..=0x9F] | [0xF0, 0x80..=0x8F]))
}

/// Nothing that any transform would change.
fn is_plain(raw: &[u8]) -> bool {
    let ends_oddly = |pair: &[u8]| matches!(pair, [b'.', b'/'] | [b'/', b'/']);
    !raw.iter().any(|byte| matches!(byte, b'%' | b';')) && !raw.windows(2).any(ends_oddly) && !raw.ends_with(b".")
}

fn decode_all(reading: &[u8]) -> Vec<u8> {
    decode_where(reading, |_| true)
}

fn decode_unreserved(reading: &[u8]) -> Vec<u8> {
    decode_where(reading, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

fn decode_where(reading: &[u8], wanted: fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(reading.len());
    let mut rest = reading;
    while let Some((&first, tail)) = rest.split_first() {
        match escaped_byte(rest).filter(|byte| wanted(*byte)) {
            Some(byte) => {
                out.push(byte);
                rest = &rest[3..];
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

/// The byte that a percent-escape at the start of `text` stands for.
pub(super) fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

fn backslashes_to_slashes(reading: &[u8]) -> Vec<u8> {
    reading.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

fn merge_slashes(reading: &[u8]) -> Vec<u8> {
    let mut out = reading.to_vec();
    out.dedup_by(|next, previous| *next == b'/' && *previous == b'/');
    out
}

fn cut_parameters(reading: &[u8]) -> Vec<u8> {
    map_segments(reading, |segment| segment.split(|byte| *byte == b';').next().unwrap_or_default())
}

fn cut_query(reading: &[u8]) -> Vec<u8> {
    reading.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default().to_vec()
}

fn cut_trailing_dots_and_spaces(reading: &[u8]) -> Vec<u8> {
    map_segments(reading, |segment| {
        let kept = segment.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
        &segment[..kept]
    })
}

fn map_segments(reading: &[u8], map: fn(&[u8]) -> &[u8]) -> Vec<u8> {
    reading.split(|byte| *byte == b'/').map(map).collect::<Vec<_>>().join(&b'/')
}

/// The characters that Unicode compatibility (NFKC) makes dots, slashes and other ASCII of, as that.
fn fold_compatible(reading: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(reading.len());
    let mut rest = reading;
    while let Some((&first, tail)) = rest.split_first() {
        rest = match rest {
            // U+FF01 to U+FF5E, full-width forms.
            [0xEF, 0xBC, third @ 0x81..=0xBF, after @ ..] => folded(&mut out, &[third - 0x60], after),
            [0xEF, 0xBD, third @ 0x80..=0x9E, after @ ..] => folded(&mut out, &[third - 0x20], after),
            // U+2024 to U+2026, one to three dots; U+FE52, a small dot; U+FE68, a small backslash.
            [0xE2, 0x80, 0xA4, after @ ..] | [0xEF, 0xB9, 0x92, after @ ..] => folded(&mut out, b".", after),
            [0xE2, 0x80, 0xA5, after @ ..] => folded(&mut out, b"..", after),
            [0xE2, 0x80, 0xA6, after @ ..] => folded(&mut out, b"...", after),
            [0xEF, 0xB9, 0xA8, after @ ..] => folded(&mut out, b"\\", after),
            _ => folded(&mut out, &[first], tail),
        };
    }
    out
}

fn folded<'r>(out: &mut Vec<u8>, ascii: &[u8], after: &'r [u8]) -> &'r [u8] {
    out.extend_from_slice(ascii);
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(raw: &str) -> Vec<String> {
        other_readings(raw).unwrap().iter().map(|reading| String::from_utf8_lossy(reading).into_owned()).collect()
    }

    #[test]
    fn a_plain_path_has_no_other_reading() {
        for raw in ["/", "/a/b.c/d", "/a/", "/A-b_c~d/e+f@g:h,i=j", "/.well-known/x", "/..a/b"] {
            assert!(readings(raw).is_empty(), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_plain_at_a_glance_is_plain_to_every_transform(raw in "/([a-z]|[ -~]|/|\\.|%|;|é){0,12}") {
            if is_obviously_plain(&raw) {
                proptest::prop_assert!(other_readings(&raw).is_ok_and(|readings| readings.is_empty()));
                proptest::prop_assert!(TRANSFORMS.iter().all(|transform| transform(raw.as_bytes()) == raw.as_bytes()));
            }
        }
    }

    #[test]
    fn each_transform_and_their_combination_gives_a_reading() {
        for (raw, reading) in [
            ("/%61dmin", "/admin"),
            ("/a%2fb", "/a/b"),
            ("/a%5cb", "/a/b"),
            ("//a", "/a"),
            ("/a;x=1/b", "/a/b"),
            ("/a%252fb", "/a/b"),
            ("/a%3b%2561/b", "/a/b"),
            ("/a%3fb", "/a"),
            ("/a%23b", "/a"),
            ("/a.%20/b", "/a/b"),
            ("/a%ef%bc%8f%ef%bd%82", "/a/b"),
            ("/%2f%5C;x/a", "/a"),
        ] {
            assert!(readings(raw).contains(&reading.to_owned()), "{raw}: {:?}", readings(raw));
        }
    }

    #[test]
    fn more_readings_than_anybody_means_are_refused() {
        let nested = format!("/a%{}41", "25".repeat(200));
        assert_eq!(other_readings(&nested), Err(PathError::Ambiguous));
    }

    #[test]
    fn a_dot_of_another_kind_is_a_dot_segment() {
        for raw in ["/a/%e2%80%a4%e2%80%a4/b", "/a/%e2%80%a5/b", "/a/%ef%b9%92%ef%b9%92/b", "/a/%ef%bc%8e%ef%bc%8e/b"] {
            assert_eq!(other_readings(raw), Err(PathError::DotSegment), "{raw}");
        }
    }
}
