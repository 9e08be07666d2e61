//! Characters that a host application may take for others: overlong UTF-8 for ASCII, compatible forms for plain ones, and
//! what file systems of Windows make of a name.
//!
//! In: a reading. Out: the same with such characters replaced. Bytes that are no such form stay, whatever charset they are of:
//! pairs that look like overlong UTF-8 are everyday text in EUC-KR, EUC-JP, GBK, Big5, TIS-620 and windows-1251.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// What a decoder reads that takes overlong UTF-8 (RFC 3629 10), of two to seven bytes or of thirteen, for what it spells. A control
/// goes away, as where a parser of URLs strips it.
///
/// All at once: a lead byte is never a trail byte, so no two forms overlap, and what a decoder that reads only some of them leaves
/// behind is no dot, no separator and no part of a route.
pub(super) fn fold_overlong(reading: &[u8]) -> Vec<u8> {
    fold_where(reading, overlong)
}

/// The same for decoders that do not even look whether a trail byte is one, and know forms of up to so many bytes: `%c0.`, `%e0@%ae`.
///
/// Such a form takes in what is ASCII, a slash even, which a decoder of shorter forms leaves: hence a reading for each length.
/// In text of other charsets a letter behind such a byte is everyday. It is folded as well, and misleads only where it leads.
pub(super) fn fold_careless<const LONGEST: usize>(reading: &[u8]) -> Vec<u8> {
    fold_where(reading, |text| careless_overlong(text, LONGEST))
}

/// What is before the first control that is spelled overlong: many languages end a text at NUL, and a line at its break.
pub(super) fn cut_at_overlong_control(reading: &[u8]) -> Vec<u8> {
    cut_at_control_where(reading, overlong)
}

/// The same for decoders as in [`fold_careless`].
pub(super) fn cut_at_careless_control<const LONGEST: usize>(reading: &[u8]) -> Vec<u8> {
    cut_at_control_where(reading, |text| careless_overlong(text, LONGEST))
}

/// Whether there is anything for the functions above.
pub(super) fn holds_overlong(reading: &[u8]) -> bool {
    (0..reading.len()).any(|at| careless_overlong(&reading[at..], usize::MAX).is_some())
}

fn fold_where(reading: &[u8], form: impl Fn(&[u8]) -> Option<(char, usize)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(reading.len());
    let mut rest = reading;
    while let Some((&first, tail)) = rest.split_first() {
        match form(rest) {
            Some((character, length)) => {
                if !character.is_ascii_control() {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

fn cut_at_control_where(reading: &[u8], form: impl Fn(&[u8]) -> Option<(char, usize)>) -> Vec<u8> {
    let is_control = |at: &usize| form(&reading[*at..]).is_some_and(|(character, _)| character.is_ascii_control());
    let end = (0..reading.len()).find(is_control).unwrap_or(reading.len());
    reading[..end].to_vec()
}

/// The character of an overlong form at the start of `text`, and the length of the form.
fn overlong(text: &[u8]) -> Option<(char, usize)> {
    overlong_with(text, |byte| matches!(byte, 0x80..=0xBF))
}

/// The same where ASCII may stand for a trail byte, as far as it spells ASCII.
fn careless_overlong(text: &[u8], longest: usize) -> Option<(char, usize)> {
    let careless = || overlong_with(text, |byte| byte < 0xC0).filter(|(character, _)| character.is_ascii());
    overlong(text).or_else(careless).filter(|(_, length)| *length <= longest)
}

fn overlong_with(text: &[u8], is_trail: fn(u8) -> bool) -> Option<(char, usize)> {
    let (mut value, length, least) = overlong_lead(*text.first()?)?;
    for byte in text.get(1..length)? {
        if !is_trail(*byte) || value > u32::from(char::MAX) {
            return None;
        }
        value = value << 6 | u32::from(byte & 0x3F);
    }
    if value < least { char::from_u32(value).map(|character| (character, length)) } else { None }
}

/// Of a byte that may begin an overlong form: its own bits, the form's length, and what needs that length. The last two are Perl's.
const fn overlong_lead(byte: u8) -> Option<(u32, usize, u32)> {
    match byte {
        0xC0 => Some((0, 2, 0x80)),
        0xC1 => Some((1, 2, 0x80)),
        0xE0 => Some((0, 3, 0x800)),
        0xF0 => Some((0, 4, 0x1_0000)),
        0xF8 => Some((0, 5, 0x20_0000)),
        0xFC => Some((0, 6, 0x400_0000)),
        0xFE => Some((0, 7, 0x8000_0000)),
        0xFF => Some((0, 13, u32::MAX)),
        _ => None,
    }
}

/// The byte that a percent-escape at the start of `text` stands for.
pub(super) fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// The characters that Unicode compatibility (NFKC) makes dots, slashes and other ASCII of, as that: full-width forms, leaders,
/// ligatures, the Kelvin sign, the long s; and the two letters i that Java compares as equal to that of ASCII.
pub(super) fn fold_compatible(reading: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(reading.len());
    for chunk in reading.utf8_chunks() {
        if chunk.valid().is_ascii() {
            out.extend_from_slice(chunk.valid().as_bytes());
        } else {
            chunk.valid().chars().for_each(|character| push_compatible(&mut out, character));
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

fn push_compatible(out: &mut Vec<u8>, character: char) {
    let mut bytes = [0; 4];
    let text: &str = character.encode_utf8(&mut bytes);
    let folded = match character {
        '\u{130}' | '\u{131}' => Cow::Borrowed("i"),
        _ if character.is_ascii() => Cow::Borrowed(text),
        _ => NFKC.normalize(text),
    };
    // A control cannot come of it, and what stays beyond ASCII is no route.
    let kept = if folded.bytes().any(|byte| byte.is_ascii()) { folded.as_bytes() } else { text.as_bytes() };
    out.extend_from_slice(kept);
}

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// What code pages of Windows make of characters that they do not have ("best fit"), as far as it is a separator.
pub(super) fn fold_best_fit(reading: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(reading.len());
    for chunk in reading.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\u{2044}' | '\u{2215}' => out.push(b'/'),
                '\u{A5}' | '\u{20A9}' | '\u{2216}' => out.push(b'\\'),
                _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// Whether a name may be the short one (8.3) that a file system of Windows gives to the long name: `ADMINI~1`, or `AD1C2B~1`.
///
/// Close enough to refuse by: the number and the hash cannot be known here, so only the first two characters are compared.
pub(super) fn may_be_short_name(name: &[u8], long: &str) -> bool {
    let (base, extension) = split_at_dot(name);
    let Some(tilde) = base.iter().rposition(|byte| *byte == b'~') else { return false };
    let (start, number) = (&base[..tilde], &base[tilde + 1..]);
    let is_short = base.len() <= 8 && extension.len() <= 3 && !start.is_empty();
    if !is_short || number.is_empty() || !number.iter().all(u8::is_ascii_digit) || is_8_dot_3(long) {
        return false;
    }
    let kept: Vec<u8> = long.bytes().filter(|byte| !matches!(byte, b'.' | b' ')).take(2).collect();
    let is_same = |(one, other): (&u8, &u8)| {
        one.eq_ignore_ascii_case(other) || !one.is_ascii_alphanumeric() || !other.is_ascii_alphanumeric()
    };
    start.iter().zip(&kept).all(is_same)
}

/// A name that is its own short one.
fn is_8_dot_3(long: &str) -> bool {
    let (base, extension) = split_at_dot(long.as_bytes());
    let is_plain =
        |part: &[u8]| part.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-~!@$%&'(){}^#`".contains(byte));
    (1..=8).contains(&base.len()) && extension.len() <= 3 && is_plain(base) && is_plain(extension)
}

fn split_at_dot(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => (&name[..dot], &name[dot + 1..]),
        None => (name, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_overlong_form_of_every_ascii_character_is_folded_and_no_shortest_form_is() {
        for byte in 0..0x80_u8 {
            let (high, low) = (byte >> 6, 0x80 | byte & 0x3F);
            let forms: [&[u8]; 7] = [
                &[0xC0 | high, low],
                &[0xE0, 0x80 | high, low],
                &[0xF0, 0x80, 0x80 | high, low],
                &[0xF8, 0x80, 0x80, 0x80 | high, low],
                &[0xFC, 0x80, 0x80, 0x80, 0x80 | high, low],
                &[0xFE, 0x80, 0x80, 0x80, 0x80, 0x80 | high, low],
                &[&[0xFF][..], &[0x80; 10], &[0x80 | high, low]].concat(),
            ];
            for form in forms {
                let text = [b"a", form, b"b"].concat();
                if byte.is_ascii_control() {
                    assert_eq!((fold_overlong(&text), cut_at_overlong_control(&text)), (b"ab".to_vec(), b"a".to_vec()));
                } else {
                    assert_eq!((fold_overlong(&text), cut_at_overlong_control(&text)), (vec![b'a', byte, b'b'], text));
                }
            }
        }
        for character in ['\u{80}', 'ü', '\u{7FF}', '\u{800}', '가', '\u{FFFF}', '\u{10000}', '\u{10FFFF}'] {
            assert_eq!(fold_overlong(character.to_string().as_bytes()), character.to_string().as_bytes());
        }
        // The full-width dot in four bytes.
        assert_eq!(fold_overlong(&[0xF0, 0x8F, 0xBC, 0x8E]), "\u{FF0E}".as_bytes());
        for cut in [
            &[0xC0][..],
            &[0xE0, 0x80],
            &[0xE0, 0x80, 0x2E],
            &[0xC0, 0x2E],
            &[0xC0, 0xCF],
            &[0xF8, 0x88, 0x80, 0x80, 0x80],
            &[0xFF, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, 0x80, 0x80, 0x80, 0x81, 0xA1],
        ] {
            assert_eq!(fold_overlong(cut), cut);
        }
    }

    #[test]
    fn ascii_behind_a_lead_byte_is_folded_like_a_trail_byte_and_only_to_ascii() {
        for (text, folded) in [
            (&b"a\xC0.b"[..], &b"a.b"[..]),
            (b"\xC0n\xC0/", b"./"),
            (b"\xE0@\xAE\xE0\x80.", b".."),
            (b"\xF0@@.\xFE@@@@@.", b".."),
            (b"\xFF@@@@@@@@@@@.", b"."),
            (b"\xC1\\\xC1adm\xC0\xA9n", b"\\adm)n"),
            (b"a\xC0@b\xC0_", b"ab"),
            (b"\xC0%ae", b"%ae"),
            (b"\xF0\x8F\xBC\x8E", "\u{FF0E}".as_bytes()),
            (b"\xC3.\xE0..\xE0\xA0.", b"\xC3.\xE0..\xE0\xA0."),
            (b"\xC0\xEE\xC0", b"\xC0\xEE\xC0"),
            (b"\xFE..........\xFF@", b"\xFE..........\xFF@"),
        ] {
            assert_eq!(fold_careless::<13>(text), folded, "{text:x?}");
            assert_eq!(holds_overlong(text), text != folded, "{text:x?}");
        }
        assert_eq!(fold_careless::<2>(b"\xE0@/\xC0."), b"\xE0@/.");
        assert_eq!(cut_at_careless_control::<13>(b"a\xC0.\xE0@@b\xC0@"), b"a\xC0.");
        assert_eq!(cut_at_careless_control::<2>(b"a\xC0.\xE0@@b\xC0@"), b"a\xC0.\xE0@@b");
    }

    #[test]
    fn what_is_compatible_with_ascii_is_folded_and_other_letters_stay() {
        for (text, folded) in [
            ("\u{FF0E}\u{2024}\u{2025}\u{FE52}\u{FE19}", ".......".to_owned() + "."),
            ("\u{FF0F}\u{FF3C}\u{FE68}", "/\\\\".to_owned()),
            ("\u{2100}\u{2106}", "a/cc/u".to_owned()),
            ("\u{17F}\u{212A}\u{131}\u{130}", "sKii".to_owned()),
            ("\u{1D41A}\u{24D3}\u{2098}\u{2170}n", "admin".to_owned()),
            ("\u{FF1B}\u{FF05}\u{FF1F}", ";%?".to_owned()),
            ("äß가日é", "äß가日é".to_owned()),
            ("cafe\u{301}", "cafe\u{301}".to_owned()),
        ] {
            assert_eq!(String::from_utf8(fold_compatible(text.as_bytes())).unwrap(), folded, "{text}");
        }
        assert_eq!(fold_compatible(b"\xC0\xEF\xBC\x8E\xFF"), b"\xC0.\xFF");
    }

    #[test]
    fn separators_of_best_fit_are_separators() {
        assert_eq!(
            fold_best_fit("a\u{2215}b\u{2044}c\u{A5}d\u{20A9}e\u{2216}ü".as_bytes()),
            "a/b/c\\d\\e\\ü".as_bytes()
        );
    }

    #[test]
    fn a_short_name_may_be_that_of_a_long_one_that_begins_alike() {
        for (name, long) in [
            ("ADMINI~1", "administration"),
            ("admin~12", "administration"),
            ("AD1C2B~1", "administration"),
            ("WELL-K~1", ".well-known"),
            ("INDEX~1.HTM", "index.html"),
            ("A_B~1", "a+b"),
        ] {
            assert!(may_be_short_name(name.as_bytes(), long), "{name} {long}");
        }
        for (name, long) in [
            ("ADMINI~1", "admin"),
            ("ADMINI~1", "staff-only-pages"),
            ("administration", "administration"),
            ("ADMINI~", "administration"),
            ("ADMINI~x", "administration"),
            ("~1", "administration"),
            ("ADMINIST~1", "administration"),
        ] {
            assert!(!may_be_short_name(name.as_bytes(), long), "{name} {long}");
        }
    }
}
