//! The fields of an HTTP/2 head as they are written (RFC 7541), for one thing: such as `h2` takes for a broken compression, and ends the
//! whole connection for, and targets that it resets without a word.
//!
//! In place of such a field stands another that takes as much room in the connection's table, so that all later references mean what
//! they mean, and that admission refuses: this request gets a page, and so does each that refers to the field again. What is not
//! compressed by the letter is left as it is: there the connection ends (RFC 9113 4.3), and `h2` says so.

use http::{
    HeaderName, Method, StatusCode,
    uri::{Authority, PathAndQuery},
};

use super::hpack::{FieldName, FieldReader, FieldText, INDEXED_LITERAL, Literal, WrittenField, write_string};
use crate::{
    limits::HTTP2_FRAME_BYTES_MAX,
    request::target_bytes::{is_everyday, is_plain},
};

/// Where names of the static table that are no pseudo-headers begin (RFC 7541 A).
const FIRST_PLAIN_INDEX: usize = 15;
/// Places of the static table.
const CONTENT_LENGTH: usize = 28;
const TRANSFER_ENCODING: usize = 57;
/// A field that is as long leaves an empty table (RFC 7541 4.4), however long it is: what an end takes that says nothing (RFC 9113 6.5.2).
const TABLE_BYTES: usize = 4_096;
/// A field with which a head is malformed (RFC 9113 8.2.2), as a plain literal: `te: x`.
const MALFORMED: &[u8] = b"\x00\x02te\x01x";
/// One that admission refuses: `": -`.
const REFUSED: &[u8] = b"\x00\x01\"\x01-";

/// The same fields, where some had to be replaced.
pub(super) fn mended(block: &[u8]) -> Option<Vec<u8>> {
    let mut rest = FieldReader(block);
    let (mut out, mut copied, mut is_of_request, mut is_named) = (Vec::new(), 0, false, true);
    while !rest.0.is_empty() {
        let begin = block.len() - rest.0.len();
        let field = rest.field()?;
        is_of_request |= is_pseudo(&field);
        let WrittenField::Literal(literal) = field else { continue };
        let wants = literal.name.wants();
        if wants.is_met_everyday(literal.value) {
            continue;
        }
        let value = literal.value.read()?;
        if !wants.is_met_by(&value) {
            out.extend_from_slice(&block[copied..begin]);
            literal.write_refused(wants, &value, &mut out)?;
            copied = block.len() - rest.0.len();
            is_named &= !matches!(wants, Wants::Nothing);
        }
    }
    if copied == 0 {
        return None;
    }
    out.extend_from_slice(&block[copied..]);
    // A name that is none is an error of the stream (RFC 9113 8.2.1, 8.3). Trailers go where nobody admits them.
    if !is_named || !is_of_request {
        out.extend_from_slice(MALFORMED);
    } else if out.len() > HTTP2_FRAME_BYTES_MAX {
        // Of several frames `h2` keeps no doubled or late pseudo-header, and what was replaced may be one.
        out.extend_from_slice(REFUSED);
    }
    Some(out)
}

fn is_pseudo(field: &WrittenField<'_>) -> bool {
    match field {
        WrittenField::Indexed(index) | WrittenField::Literal(Literal { name: FieldName::Indexed(index), .. }) => {
            *index < FIRST_PLAIN_INDEX
        }
        WrittenField::Literal(Literal { name: FieldName::Written(name), .. }) => name.starts_with(b":"),
        WrittenField::Size => false,
    }
}

/// What a name asks of its value.
#[derive(Clone, Copy)]
enum Wants {
    Target,
    Authority,
    /// Of `:scheme` and `:protocol`.
    Text,
    Method,
    HeaderValue,
    /// Of a header about the connection or the body: `h2` has words of its own for it, and none that somebody hears.
    FramingValue,
    Status,
    /// There is no such name.
    Nothing,
}

impl FieldName<'_> {
    /// A name that is in the table of the connection alone is taken for one of a header.
    fn wants(&self) -> Wants {
        match self {
            Self::Indexed(index) => match index {
                1 => Wants::Authority,
                2 | 3 => Wants::Method,
                4 | 5 => Wants::Target,
                6 | 7 => Wants::Text,
                8..FIRST_PLAIN_INDEX => Wants::Status,
                &CONTENT_LENGTH | &TRANSFER_ENCODING => Wants::FramingValue,
                _ => Wants::HeaderValue,
            },
            Self::Written(name) => match name.as_ref() {
                b":path" => Wants::Target,
                b":authority" => Wants::Authority,
                b":scheme" | b":protocol" => Wants::Text,
                b":method" => Wants::Method,
                b":status" => Wants::Status,
                b"te" | b"connection" | b"upgrade" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding"
                | b"content-length" => Wants::FramingValue,
                name if HeaderName::from_lowercase(name).is_ok() => Wants::HeaderValue,
                _ => Wants::Nothing,
            },
        }
    }

    /// Its length, where it does not stay.
    fn length(&self) -> usize {
        match self {
            &Self::Indexed(CONTENT_LENGTH) => b"content-length".len(),
            &Self::Indexed(TRANSFER_ENCODING) => b"transfer-encoding".len(),
            Self::Indexed(_) => b":status".len(),
            Self::Written(name) => name.len(),
        }
    }
}

impl Wants {
    /// Whether it is so at a glance.
    fn is_met_everyday(self, value: FieldText<'_>) -> bool {
        let may_be = match self {
            Self::Target => value.is_coded_path(),
            Self::HeaderValue | Self::FramingValue => true,
            Self::Authority | Self::Text | Self::Method | Self::Status | Self::Nothing => false,
        };
        may_be && value.is_coded_and_everyday()
    }

    fn is_met_by(self, value: &[u8]) -> bool {
        match self {
            _ if value.is_empty() => !matches!(self, Self::Method | Self::Status | Self::Nothing),
            Self::Target => is_plain(value) || !value.contains(&b'#') && PathAndQuery::try_from(value).is_ok(),
            Self::Authority => Authority::try_from(value).is_ok(),
            Self::Text => std::str::from_utf8(value).is_ok(),
            Self::Method => Method::from_bytes(value).is_ok(),
            Self::Status => StatusCode::from_bytes(value).is_ok(),
            Self::HeaderValue | Self::FramingValue => {
                value.iter().all(|byte| *byte >= b' ' && *byte != 0x7f || *byte == b'\t')
            }
            Self::Nothing => false,
        }
    }
}

impl Literal<'_> {
    /// Writes what is refused in its place; nothing, where nothing of its size is.
    fn write_refused(&self, wants: Wants, value: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let length = value.len().min(TABLE_BYTES);
        let value = match wants {
            Wants::Target => refused_target(value),
            // No host name and no method of ours begins with it.
            Wants::Authority | Wants::Method if length > 0 => b"-".repeat(length),
            // No scheme has it, and no path.
            Wants::Text => br"\".repeat(length),
            // No value begins with it.
            Wants::HeaderValue => [b" ".as_slice(), &b"-".repeat(length - 1)].concat(),
            Wants::Authority | Wants::Method | Wants::FramingValue | Wants::Status | Wants::Nothing => {
                // Outside the table no size matters.
                let size = if self.kind == INDEXED_LITERAL { self.name.length() + length } else { REFUSED_NAME.len() };
                FieldName::Written(REFUSED_NAME.into()).write(self.kind, out);
                write_string(&b"-".repeat(size.min(TABLE_BYTES).checked_sub(REFUSED_NAME.len())?), out);
                return Some(());
            }
        };
        self.name.write(self.kind, out);
        write_string(&value, out);
        Some(())
    }
}

/// `h2` takes it for a name, admission does not.
const REFUSED_NAME: &[u8] = b"\"";

/// A URI holds it, and no path holds a backslash, or is empty.
fn refused_target(target: &[u8]) -> Vec<u8> {
    let stays = |byte: u8| is_everyday(byte) && byte != b'?';
    let mut refused: Vec<u8> =
        target.iter().take(TABLE_BYTES).map(|byte| if stays(*byte) { *byte } else { b'\\' }).collect();
    match refused.as_mut_slice() {
        [only] => *only = b'?',
        [first, second, ..] if *first != b'/' => (*first, *second) = (b'/', b'\\'),
        // What nobody can read may be in what is cut off.
        [.., last] if target.len() > TABLE_BYTES => *last = b'\\',
        _ => {}
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::http2::hpack::{NEVER_LITERAL, PLAIN_LITERAL, write_number};

    /// A literal as nobody compresses it.
    fn literal(kind: u8, name: &[u8], value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        FieldName::Written(name.into()).write(kind, &mut out);
        write_string(value, &mut out);
        out
    }

    /// The same, with a name of the tables.
    fn of_index(kind: u8, index: usize, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        FieldName::Indexed(index).write(kind, &mut out);
        write_string(value, &mut out);
        out
    }

    fn coded(kind: u8, index: usize, value: &[u8]) -> Vec<u8> {
        let (mut out, mut text) = (Vec::new(), Vec::new());
        httlib_huffman::encode(value, &mut text).unwrap();
        FieldName::Indexed(index).write(kind, &mut out);
        write_number(text.len(), 0x80, 7, &mut out);
        [out, text].concat()
    }

    /// Kind, name and value of each field; a place in the tables has none.
    fn fields(block: &[u8]) -> Vec<(u8, Vec<u8>, Vec<u8>)> {
        let (mut rest, mut seen) = (FieldReader(block), Vec::new());
        while !rest.0.is_empty() {
            seen.push(match rest.field().unwrap() {
                WrittenField::Literal(Literal { kind, name, value }) => {
                    let name = match name {
                        FieldName::Written(name) => name.into_owned(),
                        FieldName::Indexed(index) => KNOWN
                            .iter()
                            .find(|(known, _)| *known == index)
                            .map_or("x-of-table", |(_, name)| *name)
                            .into(),
                    };
                    (kind, name, value.read().unwrap().into_owned())
                }
                WrittenField::Indexed(_) | WrittenField::Size => Default::default(),
            });
        }
        seen
    }

    /// RFC 7541 A.
    const KNOWN: [(usize, &str); 8] = [
        (1, ":authority"),
        (2, ":method"),
        (4, ":path"),
        (5, ":path"),
        (7, ":scheme"),
        (8, ":status"),
        (28, "content-length"),
        (57, "transfer-encoding"),
    ];

    const GET: &[u8] = b"\x82";

    #[test]
    fn what_is_readable_stays() {
        for block in [
            // RFC 7541 C.3.1, C.4.1, C.4.2 and C.4.3.
            b"\x82\x86\x84\x41\x0fwww.example.com".to_vec(),
            b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff".to_vec(),
            b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf".to_vec(),
            b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf"
                .to_vec(),
            // A size of the table, and a field of each kind.
            b"\x3f\xe1\x1f\x82\x86\x84".to_vec(),
            literal(PLAIN_LITERAL, b"x-name", "Grüße\t".as_bytes()),
            literal(INDEXED_LITERAL, b"cookie", b"name=M\xfcller"),
            literal(NEVER_LITERAL, b"authorization", b""),
            of_index(PLAIN_LITERAL, 4, "/x?q=caf\u{e9}&r={a}".as_bytes()),
            coded(PLAIN_LITERAL, 4, b"/pub/x?filter={a}|b"),
            of_index(INDEXED_LITERAL, 62, b"\xff"),
            Vec::new(),
        ] {
            assert_eq!(mended(&block), None, "{}", block.escape_ascii());
        }
    }

    /// What is not compressed by the letter is for `h2`, whatever stands before it.
    #[test]
    fn what_is_broken_stays() {
        let bad = of_index(PLAIN_LITERAL, 4, b"/\xe9");
        for behind in [
            &b"\x04"[..],
            b"\x04\x05/abc",
            b"\x04\x81",
            // Padding that is none.
            b"\x04\x82\xff\xff",
            b"\x7f\xff\xff\xff\xff\xff\x01",
            b"\x40",
            b"\x3f",
        ] {
            assert_eq!(mended(&[&bad, behind].concat()), None, "{}", behind.escape_ascii());
        }
        // Nothing is as short as this.
        assert_eq!(mended(&literal(INDEXED_LITERAL, b"", b"")), None);
        assert!(mended(&literal(PLAIN_LITERAL, b"", b"")).is_some());
    }

    #[test]
    fn in_place_of_a_field_stands_one_of_its_size_that_is_refused() {
        for (field, name, value) in [
            (of_index(INDEXED_LITERAL, 4, b"/pub/caf\xe9"), ":path", "/pub/caf\\"),
            (coded(INDEXED_LITERAL, 4, b"/pub/caf\xe9"), ":path", "/pub/caf\\"),
            (literal(NEVER_LITERAL, b":path", b"/a\xe9"), ":path", "/a\\"),
            (of_index(PLAIN_LITERAL, 4, b"/x?q=<a>&b"), ":path", "/x\\q=\\a\\&b"),
            (of_index(PLAIN_LITERAL, 4, b"/a#b"), ":path", "/a\\b"),
            (of_index(PLAIN_LITERAL, 5, b"a\x00"), ":path", "/\\"),
            (of_index(PLAIN_LITERAL, 4, b"a/b"), ":path", "/\\b"),
            (of_index(PLAIN_LITERAL, 4, b"\xe9"), ":path", "?"),
            (of_index(PLAIN_LITERAL, 4, b"http://a/b"), ":path", "/\\tp://a/b"),
            (of_index(INDEXED_LITERAL, 1, b"a\xe9.test"), ":authority", &"-".repeat(7)),
            (of_index(INDEXED_LITERAL, 1, b"a b"), ":authority", "---"),
            (of_index(INDEXED_LITERAL, 2, b"G T"), ":method", "---"),
            (of_index(INDEXED_LITERAL, 2, b""), "\"", &"-".repeat(6)),
            (of_index(INDEXED_LITERAL, 7, b"\xff"), ":scheme", "\\"),
            (of_index(INDEXED_LITERAL, 8, b"OK"), "\"", &"-".repeat(8)),
            (of_index(INDEXED_LITERAL, 28, b"1\0"), "\"", &"-".repeat(15)),
            (of_index(INDEXED_LITERAL, 57, b"\0"), "\"", &"-".repeat(17)),
            (literal(INDEXED_LITERAL, b"te", b"\0"), "\"", &"-".repeat(2)),
            (of_index(INDEXED_LITERAL, 32, b"a\nb"), "x-of-table", " --"),
            (of_index(INDEXED_LITERAL, 70, b"\x00"), "x-of-table", " "),
            (literal(INDEXED_LITERAL, b"x-name", b"a\r\nb: c"), "x-name", " ------"),
            (literal(INDEXED_LITERAL, b"X-Name", b"a"), "\"", &"-".repeat(6)),
            (literal(INDEXED_LITERAL, b"a b", b""), "\"", &"-".repeat(2)),
            (literal(INDEXED_LITERAL, b"", b"a"), "\"", ""),
            (literal(INDEXED_LITERAL, b":unknown", b"a"), "\"", &"-".repeat(8)),
            (literal(INDEXED_LITERAL, b":status", b"OK"), "\"", &"-".repeat(8)),
        ] {
            let block = [GET, &field, b"\xbe\x84"].concat();
            let mended = mended(&block).unwrap_or_default();
            let mended = mended.strip_suffix(MALFORMED).unwrap_or(&mended);
            let (before, after) = (fields(&block), fields(mended));
            let (kind, was_name, was_value) = &before[1];
            assert_eq!(after[1], (*kind, name.into(), value.into()), "{}", field.escape_ascii());
            assert_eq!(name.len() + value.len(), was_name.len() + was_value.len(), "{}", field.escape_ascii());
            // What stands around it stays.
            assert!(mended.starts_with(GET) && mended.ends_with(b"\xbe\x84") && after.len() == before.len());
        }
    }

    /// Whatever is as long leaves an empty table.
    #[test]
    fn in_place_of_a_field_that_the_table_cannot_hold_stands_a_shorter_one() {
        let long = |text: &str| [text.as_bytes(), &b"a".repeat(TABLE_BYTES), b"\xe9\0"].concat();
        for (field, begins, ends) in [
            (of_index(INDEXED_LITERAL, 4, &long("/a")), "/a", "a\\"),
            (coded(PLAIN_LITERAL, 4, &long("/a")), "/a", "a\\"),
            (of_index(INDEXED_LITERAL, 1, &long("a")), "--", "--"),
            (of_index(INDEXED_LITERAL, 32, &long("a")), " -", "--"),
            (literal(INDEXED_LITERAL, b"X", &long("a")), "--", "--"),
            (literal(INDEXED_LITERAL, &long("a"), b""), "--", "--"),
        ] {
            let mended = mended(&[GET, &field].concat()).unwrap();
            let (kind, name, value) = &fields(&mended)[1];
            let what = field[..20].escape_ascii();
            assert!(value.starts_with(begins.as_bytes()) && value.ends_with(ends.as_bytes()), "{what}");
            assert!(*kind == PLAIN_LITERAL || name.len() + value.len() >= TABLE_BYTES, "{what}");
            assert!(value.len() <= TABLE_BYTES, "{what}");
        }
    }

    #[test]
    fn a_head_that_is_longer_than_a_frame_ends_with_a_field_that_is_refused() {
        for (length, is_refused) in [(HTTP2_FRAME_BYTES_MAX - 99, false), (HTTP2_FRAME_BYTES_MAX, true)] {
            let more = literal(PLAIN_LITERAL, b"x-more", &b"a".repeat(length));
            let block = |bad: &[u8]| mended(&[GET, bad, &more].concat()).unwrap();
            assert_eq!(block(&of_index(PLAIN_LITERAL, 4, b"/\xe9")).ends_with(REFUSED), is_refused, "{length}");
            assert!(block(&literal(PLAIN_LITERAL, b"X", b"")).ends_with(MALFORMED), "{length}");
        }
    }

    #[test]
    fn a_head_with_a_name_that_is_none_is_malformed_as_a_whole() {
        for (name, value, is_malformed) in
            [(&b"X-Name"[..], "1", true), (b"a b", "", true), (b":unknown", "1", true), (b"x-name", "\n", false)]
        {
            let mended = mended(&[GET, &literal(PLAIN_LITERAL, name, value.as_bytes())].concat()).unwrap();
            assert_eq!(mended.ends_with(MALFORMED), is_malformed, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn trailers_with_such_a_field_are_malformed_as_a_whole() {
        let trailers = [literal(PLAIN_LITERAL, b"x-sum", b"1"), literal(PLAIN_LITERAL, b"x-sum", b"2\0")].concat();
        assert!(mended(&trailers).unwrap().ends_with(MALFORMED));
        assert!(!mended(&[GET, &trailers].concat()).unwrap().ends_with(MALFORMED));
    }
}
