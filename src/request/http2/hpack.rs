//! Fields as they are written (RFC 7541): read one by one, and written as literals. What names mean that are in the table of the connection
//! is not known here, and need not be.

use std::borrow::Cow;

use httlib_huffman::DecoderSpeed;

/// A literal that goes into the table (RFC 7541 6.2.1), one that does not (6.2.2), and one that never may (6.2.3).
pub(super) const INDEXED_LITERAL: u8 = 0x40;
pub(super) const PLAIN_LITERAL: u8 = 0x00;
pub(super) const NEVER_LITERAL: u8 = 0x10;

/// How a field is written.
pub(super) enum WrittenField<'a> {
    /// As a place in the tables.
    Indexed(usize),
    /// Whole or in part.
    Literal(Literal<'a>),
    /// No field: a size of the table.
    Size,
}

/// A field that says its value.
pub(super) struct Literal<'a> {
    /// Of the three.
    pub(super) kind: u8,
    pub(super) name: FieldName<'a>,
    pub(super) value: FieldText<'a>,
}

/// A string, maybe by Huffman's code.
#[derive(Clone, Copy)]
pub(super) struct FieldText<'a> {
    written: &'a [u8],
    is_coded: bool,
}

impl<'a> FieldText<'a> {
    /// Reads it; nothing, where it is not coded by the letter.
    pub(super) fn read(self) -> Option<Cow<'a, [u8]>> {
        if !self.is_coded {
            return Some(self.written.into());
        }
        let mut decoded = Vec::with_capacity(2 * self.written.len());
        httlib_huffman::decode(self.written, &mut decoded, DecoderSpeed::FiveBits).ok()?;
        Some(decoded.into())
    }

    /// Whether it is coded and holds letters, digits and `%-./_:=&*,;?` alone: told by how long codes are, which is a tenth of the work.
    pub(super) fn is_coded_and_everyday(self) -> bool {
        if !self.is_coded {
            return false;
        }
        let (mut bits, mut count, mut rest) = (0_u64, 0_u32, self.written);
        loop {
            while let ([byte, behind @ ..], true) = (rest, count <= 48) {
                (bits, count, rest) = (bits << 8 | u64::from(*byte), count + 8, behind);
            }
            // Ones fill the last byte up.
            if rest.is_empty() && count < 8 && bits & low(count) == low(count) {
                return true;
            }
            let ahead = if count >= 10 { bits >> (count - 10) } else { bits << (10 - count) } & low(10);
            // RFC 7541 B, in its order.
            let length = match ahead {
                ..0b01_0100_0000 => 5,
                // All but a blank.
                0b01_0101_0000..0b10_1110_0000 => 6,
                0b10_1110_0000..0b11_1110_0000 => 7,
                0b11_1110_0000..0b11_1111_1000 => 8,
                0b11_1111_1100 => 10,
                _ => return false,
            };
            if length > count {
                return false;
            }
            count -= length;
        }
    }

    /// Whether it is coded and begins with a slash.
    pub(super) fn is_coded_path(self) -> bool {
        self.is_coded && self.written.first().is_some_and(|byte| byte >> 2 == SLASH_CODE)
    }
}

/// `/` by Huffman's code, in six bits.
const SLASH_CODE: u8 = 0b01_1000;

/// So many ones.
const fn low(count: u32) -> u64 {
    (1 << count) - 1
}

/// What it is the value of.
pub(super) enum FieldName<'a> {
    /// A place in the tables.
    Indexed(usize),
    /// As it is.
    Written(Cow<'a, [u8]>),
}

impl FieldName<'_> {
    /// Begins a literal of this kind.
    pub(super) fn write(&self, kind: u8, out: &mut Vec<u8>) {
        let bits = if kind == INDEXED_LITERAL { 6 } else { 4 };
        match self {
            Self::Indexed(index) => write_number(*index, kind, bits, out),
            Self::Written(name) => {
                out.push(kind);
                write_string(name, out);
            }
        }
    }
}

/// What is left of a block.
pub(super) struct FieldReader<'a>(pub(super) &'a [u8]);

impl<'a> FieldReader<'a> {
    /// The next field; nothing, where it is not written by the letter.
    pub(super) fn field(&mut self) -> Option<WrittenField<'a>> {
        let first = *self.0.first()?;
        let (kind, bits) = match first {
            0x80.. => return self.number(7).map(WrittenField::Indexed),
            0x40.. => (INDEXED_LITERAL, 6),
            0x20.. => return self.number(5).map(|_| WrittenField::Size),
            0x10.. => (NEVER_LITERAL, 4),
            _ => (PLAIN_LITERAL, 4),
        };
        let name = match self.number(bits)? {
            0 => FieldName::Written(self.string()?.read()?),
            index => FieldName::Indexed(index),
        };
        Some(WrittenField::Literal(Literal { kind, name, value: self.string()? }))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// RFC 7541 5.1, as far as a number of 28 bits goes.
    fn number(&mut self, bits: u8) -> Option<usize> {
        let most = (1 << bits) - 1;
        let mut number = usize::from(self.byte()? & most);
        if number < usize::from(most) {
            return Some(number);
        }
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            number += usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// RFC 7541 5.2.
    fn string(&mut self) -> Option<FieldText<'a>> {
        let is_coded = *self.0.first()? >= 0x80;
        let length = self.number(7)?;
        let (written, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(FieldText { written, is_coded })
    }
}

/// RFC 7541 5.1.
pub(super) fn write_number(number: usize, kind: u8, bits: u8, out: &mut Vec<u8>) {
    let most = (1_usize << bits) - 1;
    let low = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    if number < most {
        return out.push(kind | low(number));
    }
    out.push(kind | low(most));
    let mut left = number - most;
    while left >= 0x80 {
        out.push(low(left % 0x80) | 0x80);
        left /= 0x80;
    }
    out.push(low(left));
}

/// As it is, not by Huffman's code.
pub(super) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    write_number(text.len(), 0, 7, out);
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for number in [0, 1, 62, 63, 64, 126, 127, 128, 190, 254, 255, 256, 16_383, 16_510, 65_535, 1 << 20] {
            for (kind, bits) in [(INDEXED_LITERAL, 6), (NEVER_LITERAL, 4), (0, 7)] {
                let mut out = Vec::new();
                write_number(number, kind, bits, &mut out);
                let mut rest = FieldReader(&out);
                assert_eq!((rest.number(bits), rest.0), (Some(number), &b""[..]), "{number} {bits}");
            }
        }
        // RFC 7541 C.1.2.
        assert_eq!(FieldReader(b"\x1f\x9a\x0a").number(5), Some(1337));
    }

    #[test]
    fn what_is_everyday_is_told_by_its_code() {
        let text = |text: &[u8]| {
            let mut code = Vec::new();
            httlib_huffman::encode(text, &mut code).unwrap();
            code
        };
        let of = |text: &str| -> bool {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-./_:=&*,;?".contains(&byte))
        };
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                for bytes in [
                    vec![first, second],
                    vec![first, b'0', second, b'z'],
                    vec![b'X'; 9].into_iter().chain([first, second]).collect(),
                ] {
                    let code = text(&bytes);
                    let is_everyday = std::str::from_utf8(&bytes).is_ok_and(of);
                    let told = FieldText { written: &code, is_coded: true };
                    assert_eq!(told.is_coded_and_everyday(), is_everyday, "{bytes:?}");
                    assert_eq!(told.is_coded_path(), bytes[0] == b'/', "{bytes:?}");
                    assert!(!FieldText { written: &code, is_coded: false }.is_coded_and_everyday());
                }
            }
        }
        // Padding that is too long, or none.
        for written in [&b"\xff"[..], b"\x07\xff", b"\x00"] {
            assert!(!FieldText { written, is_coded: true }.is_coded_and_everyday());
        }
    }

    /// RFC 7541 B, by the encoder of the same library and by the examples of RFC 7541 C.4 and C.6.
    #[test]
    fn every_byte_is_read_from_its_code() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let (text, mut code) = ([first, second, b'a', first], Vec::new());
                httlib_huffman::encode(&text, &mut code).unwrap();
                let mut string = Vec::new();
                write_number(code.len(), 0x80, 7, &mut string);
                string.extend(code);
                assert_eq!(
                    FieldReader(&string).string().and_then(FieldText::read).as_deref(),
                    Some(&text[..]),
                    "{first} {second}"
                );
            }
        }
        for (code, text) in [
            (&b"\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"[..], "www.example.com"),
            (b"\x86\xa8\xeb\x10\x64\x9c\xbf", "no-cache"),
            (b"\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf", "custom-value"),
            (
                b"\x96\xd0\x7a\xbe\x94\x10\x54\xd4\x44\xa8\x20\x05\x95\x04\x0b\x81\x66\xe0\x82\xa6\x2d\x1b\xff",
                "Mon, 21 Oct 2013 20:13:21 GMT",
            ),
            (b"\x91\x9d\x29\xad\x17\x18\x63\xc7\x8f\x0b\x97\xc8\xe9\xae\x82\xae\x43\xd3", "https://www.example.com"),
        ] {
            assert_eq!(FieldReader(code).string().and_then(FieldText::read).as_deref(), Some(text.as_bytes()));
        }
    }
}
