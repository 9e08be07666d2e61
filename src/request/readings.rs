//! The ways in which a host application might read one path.
//!
//! In: a raw path. Out: every other text that a server may make of it by decoding (once, twice, only what needs no
//! escape), by taking `\` or an encoded separator for `/`, by merging slashes, by cutting `;params`, an encoded query
//! or the trailing dots and spaces that Windows ignores, by folding overlong and compatible characters — and by all of these
//! one after the other; for a host application on Windows also by cutting `:stream` and by what its code pages fold. Letter
//! case and short names are left to the comparison. A path that a plain server reads as it stands has none.
//!
//! Bytes of any charset pass: nothing is refused for looking like broken UTF-8, only for what a reading leads to.

use super::{
    folds::{
        cut_at_careless_control, cut_at_overlong_control, escaped_byte, fold_best_fit, fold_careless, fold_compatible,
        fold_overlong, holds_overlong,
    },
    path_error::PathError,
};
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
    readings_by(&[], raw)
}

/// Every reading of `raw` other than itself on a server whose file system is that of Windows.
///
/// # Errors
/// As for [`other_readings`].
pub(super) fn windows_readings(raw: &str) -> Result<Box<[Vec<u8>]>, PathError> {
    if is_obviously_plain(raw) && !raw.contains(':') {
        return Ok(Box::default());
    }
    readings_by(&ON_WINDOWS, raw)
}

/// By these transforms and those of every server, one after the other in any order.
fn readings_by(further: &[Transform], raw: &str) -> Result<Box<[Vec<u8>]>, PathError> {
    let mut readings = vec![raw.as_bytes().to_vec()];
    let mut bytes = raw.len();
    let mut next = 0;
    while let Some(reading) = readings.get(next).cloned() {
        let beyond_ascii = if reading.is_ascii() { &[][..] } else { &BEYOND_ASCII };
        let with_overlong = if holds_overlong(&reading) { &WITH_OVERLONG[..] } else { &[] };
        for transform in EVERYWHERE.iter().chain(beyond_ascii).chain(with_overlong).chain(further) {
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

const EVERYWHERE: [Transform; 7] = [
    decode_unreserved,
    decode_all,
    backslashes_to_slashes,
    merge_slashes,
    cut_parameters,
    cut_query,
    cut_trailing_dots_and_spaces,
];

/// What changes only readings with bytes beyond ASCII.
const BEYOND_ASCII: [Transform; 1] = [fold_compatible];

/// What changes only readings with overlong forms. Careless ones up to the longest that a decoder may know.
const WITH_OVERLONG: [Transform; 12] = [
    fold_overlong,
    cut_at_overlong_control,
    fold_careless::<2>,
    fold_careless::<3>,
    fold_careless::<4>,
    fold_careless::<6>,
    fold_careless::<13>,
    cut_at_careless_control::<2>,
    cut_at_careless_control::<3>,
    cut_at_careless_control::<4>,
    cut_at_careless_control::<6>,
    cut_at_careless_control::<13>,
];

const ON_WINDOWS: [Transform; 2] = [cut_streams, fold_best_fit];

/// What no reading may hold: dot segments, controls.
fn check(reading: &[u8]) -> Result<(), PathError> {
    if reading.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dot_segment) {
        return Err(PathError::DotSegment);
    }
    if reading.iter().any(u8::is_ascii_control) {
        return Err(PathError::BadEscape);
    }
    Ok(())
}

fn is_dot_segment(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    matches!(name.trim_ascii(), b"." | b"..")
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

/// `web.config::$DATA`, `admin:$I30:$INDEX_ALLOCATION`.
fn cut_streams(reading: &[u8]) -> Vec<u8> {
    map_segments(reading, |segment| segment.split(|byte| *byte == b':').next().unwrap_or_default())
}

fn map_segments(reading: &[u8], map: fn(&[u8]) -> &[u8]) -> Vec<u8> {
    reading.split(|byte| *byte == b'/').map(map).collect::<Vec<_>>().join(&b'/')
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
                proptest::prop_assert!(EVERYWHERE.iter().chain(&BEYOND_ASCII).chain(&WITH_OVERLONG).all(|transform| transform(raw.as_bytes()) == raw.as_bytes()));
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
            ("/%c5%bfta%c5%bfh", "/stash"),
            ("/%e2%84%aaey", "/Key"),
            ("/adm%c4%b1n", "/admin"),
            ("/%f0%9d%90%9adm%e2%85%b0n", "/admin"),
        ] {
            assert!(readings(raw).contains(&reading.to_owned()), "{raw}: {:?}", readings(raw));
        }
    }

    #[test]
    fn more_readings_than_anybody_means_are_refused() {
        let nested = format!("/a%{}41", "25".repeat(200));
        assert_eq!(other_readings(&nested), Err(PathError::Ambiguous));
    }

    /// What decodes only some of the overlong forms sees no dot segment that every other reader misses.
    #[test]
    fn a_decoder_of_some_overlong_forms_only_is_foreseen() {
        proptest::proptest!(|(
            parts in proptest::collection::vec(proptest::sample::select(PARTS.to_vec()), 1..7),
            folded in proptest::collection::vec(proptest::bool::ANY, 7),
        )| {
            let raw = format!("/public/{}", parts.iter().map(|(raw, _)| *raw).collect::<String>());
            let partly: String = parts.iter().zip(folded).map(|((raw, plain), folds)| if folds { *plain } else { *raw }).collect();
            let has_dots = decode_all(partly.as_bytes()).split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b".."));
            if has_dots {
                proptest::prop_assert_eq!(other_readings(&raw), Err(PathError::DotSegment), "{}", partly);
            }
        });
    }

    const PARTS: [(&str, &str); 9] = [
        ("%c0%ae", "."),
        ("%e0%80%ae", "."),
        ("%c0%af", "/"),
        ("%f0%80%80%af", "/"),
        ("%c1%a1", "a"),
        ("%e0%80%bb", ";"),
        ("/", "/"),
        (".", "."),
        ("%ff", "%ff"),
    ];

    #[test]
    fn a_dot_of_another_kind_is_a_dot_segment() {
        for raw in ["/a/%e2%80%a4%e2%80%a4/b", "/a/%e2%80%a5/b", "/a/%ef%b9%92%ef%b9%92/b", "/a/%ef%bc%8e%ef%bc%8e/b"] {
            assert_eq!(other_readings(raw), Err(PathError::DotSegment), "{raw}");
        }
    }
}
