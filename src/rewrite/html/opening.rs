//! Where the head of a page begins: the place of what has to run before anything else of the page.
//!
//! In: the first bytes of a page, in any pieces. Out: the place behind `<head>`, or where browsers take a head for begun
//! without one: before the first tag or text that is neither doctype, comment, nor `<html>`.

use crate::{
    limits::OPENING_BYTES_MAX,
    rewrite::markup::{BYTE_ORDER_MARK, Syntax, declaration_end},
};

/// The first bytes of a page, kept back until the place is known.
#[derive(Debug)]
pub(super) struct Beginning {
    syntax: Syntax,
    seen: Vec<u8>,
}

/// What a look at them found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Begun {
    /// Nothing yet: more bytes are needed.
    Waiting,
    /// These bytes go on; the head begins at the place, if anywhere in them.
    At(Option<usize>, Vec<u8>),
}

impl Beginning {
    pub(super) const fn new(syntax: Syntax) -> Self {
        Self { syntax, seen: Vec::new() }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Begun {
        self.seen.extend_from_slice(chunk);
        match head_start(&self.seen, self.syntax) {
            None if self.seen.len() <= OPENING_BYTES_MAX => Begun::Waiting,
            // So far into the page it is another page than was thought of.
            found => Begun::At(found.filter(|at| *at <= OPENING_BYTES_MAX), std::mem::take(&mut self.seen)),
        }
    }

    /// The page ends: it has nothing before which anything could run.
    pub(super) fn end(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.seen)
    }
}

/// Where nothing can stand: no page goes so far.
const NOWHERE: usize = usize::MAX;

/// The place; `None` where these bytes do not say.
fn head_start(page: &[u8], syntax: Syntax) -> Option<usize> {
    let mut at = if page.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    if at == 0 && BYTE_ORDER_MARK.starts_with(page) {
        return None;
    }
    // A page of XML has one outermost element, and nothing beside it.
    let mut is_within = !syntax.is_xml();
    loop {
        at += page[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &page[at..];
        if rest.is_empty() || is_beginning(rest, b"<html>") || is_beginning(rest, b"<head>") {
            return None;
        }
        at += match rest {
            [b'<', mark @ (b'!' | b'?'), behind @ ..] => 2 + declaration_end(*mark, behind, syntax)?,
            _ if is_tag(rest, b"<html") => {
                is_within = true;
                tag_end(rest)?
            }
            _ if !is_within => return Some(NOWHERE),
            _ if is_tag(rest, b"<head") => return Some(at + tag_end(rest)?),
            _ => return Some(at),
        };
    }
}

/// Whether the bytes are a part of `text` that may become all of it.
fn is_beginning(bytes: &[u8], text: &[u8]) -> bool {
    bytes.len() < text.len() && text[..bytes.len()].eq_ignore_ascii_case(bytes)
}

fn is_tag(bytes: &[u8], tag: &[u8]) -> bool {
    let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    bytes.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
        && bytes.get(tag.len()).is_some_and(ends_name)
}

/// Up to behind the `>` that no quotes hold.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let (mut quote, mut is_value) = (None, false);
    for (at, &byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') if is_value => quote = Some(byte),
            (Some(_) | None, _) => {}
        }
        is_value = byte == b'=' || (is_value && byte.is_ascii_whitespace());
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The page with a mark at the place.
    fn marked(page: &str, chunk: usize, syntax: Syntax) -> String {
        let (mut opening, mut out, mut is_open) = (Beginning::new(syntax), Vec::new(), true);
        for piece in page.as_bytes().chunks(chunk) {
            if !is_open {
                out.extend_from_slice(piece);
                continue;
            }
            if let Begun::At(found, bytes) = opening.push(piece) {
                is_open = false;
                let (before, behind) = bytes.split_at(found.unwrap_or(bytes.len()));
                out.extend_from_slice(before);
                out.extend_from_slice(if found.is_some() { b"|" } else { b"" });
                out.extend_from_slice(behind);
            }
        }
        out.extend(opening.end());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_head_begins_behind_its_tag_or_where_browsers_take_it_for_begun() {
        for expected in [
            "<!doctype html><html><head>|<title>x</title>",
            "\u{feff}<!DOCTYPE html>\n<HTML lang='a>b'>\n <HEAD profile=\"x>y\">|<meta charset=utf-8>",
            "<!doctype html><html><!-- <head> --><head\n>|",
            "<!--[if IE]><html class=ie><![endif]--><!--[if !IE]><!--><html><!--<![endif]--><head>|",
            "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\" \"y\"><html xmlns=\"z\"><head>|",
            "<!doctype html>|<title>x</title>",
            "<html>|<body>",
            "|<p>x",
            " |text <b>",
            "<html>|<header>",
            "|<htmlx><head>",
            "<!--><html><head>|",
            "<!---><html><head>|",
            "<!-- a --!><head>|",
            "|</p><head>",
            "<head a='>|x'",
        ] {
            let page = expected.replace('|', "");
            for chunk in [1, 3, 1000] {
                let expected = if page == "<head a='>x'" { page.clone() } else { expected.to_owned() };
                assert_eq!(marked(&page, chunk, Syntax::Html), expected, "{chunk}");
            }
        }
    }

    #[test]
    fn declarations_end_where_each_kind_of_page_ends_them() {
        for (html, xml) in [
            ("<!DOCTYPE html [<!ENTITY a '>|'>]><html><head>", "<!DOCTYPE html [<!ENTITY a '>'>]><html><head>|"),
            ("<!DOCTYPE html [<!-- ]> |-->]><html>", "<!DOCTYPE html [<!-- ]> -->]><html>"),
            ("<!DOCTYPE html SYSTEM 'a>|b'><head>", "<!DOCTYPE html SYSTEM 'a>b'><html><head>|"),
            ("<?xml a>|b?><head>", "<?xml a>b?><html><head>|"),
            ("<!DOCTYPE html [<?x ]>|?>]><p>", "<!DOCTYPE html [<?x ]>?>]><html>|<p>"),
            ("<!-->|--><head>", "<!-->--><html><head>|"),
            ("<!-- --!>|--><head>", "<!-- --!>--><html><head>|"),
        ] {
            for (expected, syntax) in [(html, Syntax::Html), (xml, Syntax::Xml)] {
                for chunk in [1, 3, 1000] {
                    assert_eq!(marked(&expected.replace('|', ""), chunk, syntax), expected, "{chunk}");
                }
            }
        }
    }

    #[test]
    fn nothing_stands_beside_the_outermost_element_of_xml() {
        for page in ["<h:html xmlns:h='x'><h:head>", "<head><title/></head>", "<svg/>", "x", "<!-- <html> --><p/>"] {
            for chunk in [1, 3, 1000] {
                assert_eq!(marked(page, chunk, Syntax::Xml), page);
            }
        }
    }

    #[test]
    fn a_page_that_says_nothing_keeps_its_bytes() {
        let long = format!("<!--{}--><head>", "x".repeat(OPENING_BYTES_MAX));
        for page in ["", " \n", "\u{feff}", "<!-- x", "<!doctype html>", "<html>", "<htm", "<!--a-->", &long] {
            for chunk in [1, 7, 100_000] {
                assert_eq!(marked(page, chunk, Syntax::Html), page);
            }
        }
    }

    proptest! {
        #[test]
        fn every_split_gives_the_same(pieces in proptest::collection::vec("<html>|<head>|<!--|-->|<!|>|a|=|<[?]|[?]|\\[|\\]|'|\"| |<h", 0..12), chunk in 1_usize..9) {
            let page = pieces.concat();
            for syntax in [Syntax::Html, Syntax::Xml] {
                prop_assert_eq!(marked(&page, chunk, syntax), marked(&page, 10_000, syntax));
            }
        }
    }
}
