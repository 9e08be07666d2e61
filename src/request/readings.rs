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
        cut_at_overlong_control, escaped_byte, fold_best_fit, fold_careless_overlong, fold_careless_percent,
        fold_compatible, fold_overlong,
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
        let with_escapes = if reading.contains(&b'%') { &WITH_ESCAPES[..] } else { &[] };
        for transform in EVERYWHERE.iter().chain(beyond_ascii).chain(with_escapes).chain(further) {
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
const BEYOND_ASCII: [Transform; 3] = [fold_compatible, fold_overlong, cut_at_overlong_control];

/// What changes only readings with escapes.
const WITH_ESCAPES: [Transform; 2] = [fold_careless_overlong, fold_careless_percent];

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
                proptest::prop_assert!(EVERYWHERE.iter().chain(&BEYOND_ASCII).chain(&WITH_ESCAPES).all(|transform| transform(raw.as_bytes()) == raw.as_bytes()));
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

    /// Each kind of overlong form, each in both cases of hex, and behind one more encoding.
    #[test]
    fn an_overlong_dot_slash_or_backslash_is_one() {
        for raw in [
            "/public/%c0%ae%c0%ae/admin",
            "/public/.%c0%ae/admin",
            "/public/..%c0%afadmin",
            "/public/..%c1%9cadmin",
            "/public/..%e0%80%af/admin",
            "/public/%e0%80%ae%e0%80%ae/admin",
            "/public/..%f0%80%80%afadmin",
            "/public/%f8%80%80%80%ae%fc%80%80%80%80%ae/admin",
            "/public/..%c0%80/admin",
            "/public/..%c0%80.pdf",
            "/public/.%c0%80./admin",
            "/public/..%c0%89/admin",
            "/public/..%c0%bbx/admin",
            "/public/%c0%a52e./admin",
            "/public/%c0%a5%32%65%2e/admin",
            "/public/%c0%2e%c0%2e/admin",
            "/public/..%c0%2fadmin",
            "/public/%e0%40%ae./admin",
            "/public/%f0%8f%bc%8e./admin",
        ] {
            for spelled in [raw.to_owned(), raw.to_uppercase(), raw.replace('%', "%25"), raw.replace('%', "%2525")] {
                assert_eq!(other_readings(&spelled), Err(PathError::DotSegment), "{spelled}");
            }
        }
        // Named anew by each of two decoders.
        assert_eq!(other_readings("/public/%c0%25ae%25c0%ae/admin"), Err(PathError::DotSegment));
        assert_eq!(other_readings("/public/%25c0%ae./admin"), Err(PathError::DotSegment));
        assert!(readings("/%c1%a1dmin").contains(&"/admin".to_owned()));
        assert!(readings("/%c0%afadmin").contains(&"/admin".to_owned()));
        assert!(readings("/adm%c0%80in").contains(&"/admin".to_owned()));
        assert!(readings("/admin%c0%80/x").contains(&"/admin".to_owned()));
    }

    /// The same, with spellings of every kind beside each other.
    #[test]
    fn a_climb_is_one_however_its_dots_and_separators_are_mixed() {
        for dot in DOTS {
            for other in DOTS {
                for separator in SEPARATORS {
                    for raw in [
                        format!("/public/{dot}{other}{separator}admin/x"),
                        format!("/public/a{separator}{dot}{other}{separator}admin"),
                    ] {
                        assert_eq!(other_readings(&raw), Err(PathError::DotSegment), "{raw}");
                    }
                }
            }
        }
    }

    const DOTS: [&str; 16] = [
        ".",
        "%2e",
        "%252e",
        "%c0%ae",
        "%C0%AE",
        "%e0%80%ae",
        "%f0%80%80%ae",
        "%f8%80%80%80%ae",
        "%fc%80%80%80%80%ae",
        "%25c0%25ae",
        "%2525c0%2525ae",
        "%c0%25ae",
        "%25c0%ae",
        "%c0%2e",
        "%e0%40%ae",
        "%ef%bc%8e",
    ];
    const SEPARATORS: [&str; 15] = [
        "/",
        "%2f",
        "%252f",
        "%5c",
        "%c0%af",
        "%C1%9C",
        "%e0%80%af",
        "%f0%80%80%af",
        "%25c0%25af",
        "%c0%25af",
        "%c0%2f",
        "%c0%252f",
        "%c1%5c",
        "%c0%af/",
        "%ef%bc%8f",
    ];

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
