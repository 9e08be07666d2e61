//! Names and attributes that are whole in the part of a page that is here, as most are: read at one go, and not from state to
//! state. What is not whole, or not plain, is none: then the scanner's states read it, and say the same.

use std::ops::Range;

use memchr::memchr;

/// The name of a tag, which begins with a letter and has ended.
pub(super) struct WholeName<'a> {
    pub(super) is_end: bool,
    pub(super) name: &'a [u8],
    /// Where it ends, counted from the `<`.
    pub(super) end: usize,
}

impl<'a> WholeName<'a> {
    /// Longer ones are told apart otherwise.
    const BYTES: usize = 16;

    /// Reads it off what begins with a `<`.
    #[inline]
    pub(super) fn read(markup: &'a [u8]) -> Option<Self> {
        let is_end = *markup.get(1)? == b'/';
        let start = 1 + usize::from(is_end);
        let rest = &markup[start..];
        let length = rest.iter().take(Self::BYTES + 1).position(|byte| ends_name(*byte))?;
        let name = &rest[..length];
        name.first().is_some_and(u8::is_ascii_alphabetic).then_some(Self { is_end, name, end: start + length })
    }
}

/// An attribute that has ended; places are counted from its first byte.
pub(super) struct WholeAttribute {
    pub(super) name_end: usize,
    /// Without its quotes.
    pub(super) value: Option<Range<usize>>,
    pub(super) end: usize,
}

impl WholeAttribute {
    /// Reads it off what begins with its first byte, which belongs to its name whatever it is (HTML 13.2.5.32).
    #[inline]
    pub(super) fn read(rest: &[u8]) -> Option<Self> {
        let name_end = first(rest, 1, ends_attribute_name)?;
        let equals = first(rest, name_end, |byte| !is_space(byte))?;
        if rest[equals] != b'=' {
            return Some(Self { name_end, value: None, end: equals });
        }
        let start = first(rest, equals + 1, |byte| !is_space(byte))?;
        let (value, end) = match rest[start] {
            quote @ (b'"' | b'\'') => {
                let end = start + 1 + memchr(quote, &rest[start + 1..])?;
                (start + 1..end, end + 1)
            }
            _ => {
                let end = first(rest, start, ends_unquoted)?;
                (start..end, end)
            }
        };
        Some(Self { name_end, value: Some(value), end })
    }
}

#[inline]
fn first(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| is_it(*byte)).map(|at| from + at)
}

/// What a byte can be in a tag, as bits.
const SPACE: u8 = 1;
const ENDS_NAME: u8 = 1 << 1;
const ENDS_ATTRIBUTE_NAME: u8 = 1 << 2;
const ENDS_UNQUOTED: u8 = 1 << 3;

static BYTES: [u8; 256] = {
    let (mut bytes, mut at) = ([0; 256], 0);
    while at < bytes.len() {
        bytes[at] = match at as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0C' => SPACE | ENDS_NAME | ENDS_ATTRIBUTE_NAME | ENDS_UNQUOTED,
            b'>' => ENDS_NAME | ENDS_ATTRIBUTE_NAME | ENDS_UNQUOTED,
            b'/' => ENDS_NAME | ENDS_ATTRIBUTE_NAME,
            b'=' => ENDS_ATTRIBUTE_NAME,
            _ => 0,
        };
        at += 1;
    }
    bytes
};

#[inline]
fn is(byte: u8, bit: u8) -> bool {
    BYTES[usize::from(byte)] & bit != 0
}

#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    is(byte, SPACE)
}

/// Whether a name of a tag has ended before this byte.
#[inline]
pub(super) fn ends_name(byte: u8) -> bool {
    is(byte, ENDS_NAME)
}

/// Whether a name of an attribute has ended before this byte, which is not its first.
#[inline]
pub(super) fn ends_attribute_name(byte: u8) -> bool {
    is(byte, ENDS_ATTRIBUTE_NAME)
}

/// Whether a value without quotes has ended before this byte.
#[inline]
pub(super) fn ends_unquoted(byte: u8) -> bool {
    is(byte, ENDS_UNQUOTED)
}

#[cfg(test)]
mod tests {
    use crate::rewrite::markup::{Scanner, Syntax, Token};

    /// The tokens of a page of which so many more bytes are there each time, none of two in one; `skips`: nobody wants attributes.
    fn tokens(page: &[u8], syntax: Syntax, (step, skips): (usize, bool)) -> Vec<Token> {
        let (mut scanner, mut tokens) = (Scanner::new(syntax), Vec::new());
        for there in (0..page.len()).step_by(step).chain([page.len()]) {
            while let Some(token) = scanner.next(&page[..there], 0) {
                if skips && matches!(token, Token::TagName { .. }) {
                    scanner.skip_attributes();
                }
                if let Token::TagName { name, is_end, start, end, close: Some(close) } = token {
                    tokens.push(Token::TagName { name, is_end, start, end, close: None });
                    tokens.push(Token::Close { end: close, slash: None });
                } else {
                    tokens.push(token);
                }
            }
        }
        tokens
    }

    #[test]
    fn what_is_whole_is_read_as_what_comes_byte_by_byte() {
        for page in [
            "<a href=x>t</a>",
            "<a href=x/><br/><br / ><br/ /><a b/c>",
            "<td class = 'a>b' id=\"c'd\" e f = g h= >x",
            "<a =b ==c d==e 'f' \"g=\"h>i\">",
            "<a b=c\"d>e\"><a b='c'd='e'/f>",
            "<a b=\n>c<a b=/>c<a b= />c<a b",
            "<A HREF=X\tB\rC\x0cD>\0<a\0b c\0d>",
            "</a b='>' c><//><></><1><a<b>c</a<b>",
            "<sixteen-letters-x><seventeen-letters><data-sigma-embed-x data-sigma-embed=y data-sigma-embed2>",
            "<?a b='>'?><!-- <a> --><!doctype html><_a _b=c><\u{e9} \u{e9}=\u{e9}>",
            "x<a/b=c//d= e/><a/=b>",
        ] {
            for syntax in [Syntax::Html, Syntax::Xml] {
                for skips in [false, true] {
                    let whole = tokens(page.as_bytes(), syntax, (page.len(), skips));
                    assert!(!whole.is_empty(), "{page}");
                    for step in 1..8 {
                        assert_eq!(tokens(page.as_bytes(), syntax, (step, skips)), whole, "{page} {step}");
                    }
                }
            }
        }
    }
}
