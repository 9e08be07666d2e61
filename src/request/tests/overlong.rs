//! Overlong forms of dots, separators, controls and letters, well-formed and careless, raw and escaped.

use crate::request::{PathError, readings::other_readings};

fn readings(raw: &str) -> Vec<String> {
    other_readings(raw).unwrap().iter().map(|reading| String::from_utf8_lossy(reading).into_owned()).collect()
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
        "/public/%fe%80%80%80%80%80%ae./admin",
        "/public/..%fe%80%80%80%80%80%afadmin",
        "/public/%ff%80%80%80%80%80%80%80%80%80%80%80%ae./admin",
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

/// To a decoder that does not look whether a trail byte is one, `%c0.` is the same bytes as `%c0%2e`.
#[test]
fn a_careless_overlong_form_is_one_whether_its_trail_is_raw_or_escaped() {
    for raw in [
        "/public/%c0.%c0./admin/x",
        "/public/.%c0./admin",
        "/public/%c0.%2e/admin",
        "/public/%C0.%c0%2e/admin",
        "/public/..%c0/admin",
        "/public/..%c0oadmin",
        "/public/%c0n%c0n/admin",
        "/public/..%c1%1cadmin",
        "/public/%e0%80.%e0%80./admin",
        "/public/%e0@.%e0@n/admin",
        "/public/..%f0%80@/admin",
        "/public/%fe@@@@@../admin",
        "/public/..%c0@/admin",
        "/public/..%c0@.pdf",
        "/public/..%c0M/admin",
        "/public/..%c0;x/admin",
        "/public/..%c0%20/admin",
        "/public/..%c0ca",
        "/public/%c0%2525%32%65./admin",
        "/public/%e0%81/%c0.%c0./admin",
        "/public/a%f8@@@@/..%c0@x",
    ] {
        for spelled in [raw.to_owned(), raw.replace('%', "%25"), raw.replace('%', "%2525")] {
            assert!(other_readings(&spelled).is_err(), "{spelled}");
        }
    }
    for (raw, reading) in [
        ("/%c1admin/x", "/admin/x"),
        ("/%c1!dmin/x", "/admin/x"),
        ("/%25c1admin/x", "/admin/x"),
        ("/admin%c0/x", "/admin/x"),
        ("/public%c0/intern/x", "/public/intern/x"),
        ("/adm%c0@in", "/admin"),
        ("/admin%c0@x", "/admin"),
        ("/admin%c0%40x", "/admin"),
        ("/%fe%80%80%80%80%81%a1dmin", "/admin"),
    ] {
        assert!(readings(raw).contains(&reading.to_owned()), "{raw}: {:?}", readings(raw));
    }
    // Names in windows-1251, GBK and windows-1252 that hide nothing.
    for raw in ["/%C0%E2%E3./x", "/%C0/%E0/", "/%C0@x/%C0A.txt", "/%C0%20la%20carte", "/%C1..%C0a"] {
        assert!(other_readings(raw).is_ok(), "{raw}");
    }
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

const DOTS: [&str; 20] = [
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
    "%c0.",
    "%c0n",
    "%e0%80.",
    "%fe%80%80%80%80%80%ae",
];
const SEPARATORS: [&str; 18] = [
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
    "%c0/",
    "%c0o",
    "%fe%80%80%80%80%80%af",
];

/// Whatever a decoder that looks at no trail byte makes of a path, up to forms of any length that it knows.
#[test]
fn what_a_careless_decoder_reads_is_foreseen() {
    proptest::proptest!(|(
        parts in proptest::collection::vec(proptest::sample::select(PARTS.to_vec()), 1..9),
        longest in 2..8_u32,
        encodings in 0..3_usize,
    )| {
        let raw = format!("/public/{}", parts.concat().replace('%', &format!("%{}", "25".repeat(encodings))));
        let bytes: Vec<u8> = percent_encoding::percent_decode_str(&format!("/public/{}", parts.concat())).collect();
        let read = decoded_carelessly(&bytes, longest);
        if read.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b"..")) {
            proptest::prop_assert!(other_readings(&raw).is_err(), "{} {:x?}", raw, read);
        }
    });
}

/// As bit patterns are read: the number of leading ones is the length, and six bits are taken of each byte that begins no other form.
fn decoded_carelessly(bytes: &[u8], longest: u32) -> Vec<u8> {
    let Some((&first, tail)) = bytes.split_first() else { return Vec::new() };
    let length = first.leading_ones();
    let trails = tail.get(..(length as usize).saturating_sub(1)).unwrap_or_default();
    let own = u64::from(first) & (0x7F_u64 >> length.min(7));
    let value = trails.iter().fold(own, |value, byte| value << 6 | u64::from(byte & 0x3F));
    let is_form = (2..=longest).contains(&length) && !trails.is_empty() && trails.iter().all(|byte| *byte < 0xC0);
    let (read, rest) = match u8::try_from(value) {
        Ok(byte) if is_form && byte.is_ascii() => (byte, &tail[trails.len()..]),
        _ => (first, tail),
    };
    let kept = (!read.is_ascii_control()).then_some(read);
    kept.into_iter().chain(decoded_carelessly(rest, longest)).collect()
}

const PARTS: [&str; 22] = [
    "%c0", "%c1", "%e0", "%f0", "%f8", "%fc", "%fe", "%80", "%81", "%ae", "%af", "%2e", ".", "/", "@", "A", "n", "o",
    ";", "a", "%c0.", "%c0/",
];
