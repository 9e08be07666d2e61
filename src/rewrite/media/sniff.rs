//! What the first bytes of a body say that it is, where its head does not: as browsers look at them.

use encoding_rs::Encoding;
use memchr::memmem;

use super::content_type;
use crate::rewrite::markup::BYTE_ORDER_MARK;

/// Most first bytes that are looked at (MIME Sniffing 5.2).
pub(in crate::rewrite) const SNIFFED_BYTES: usize = 1445;

/// Whether browsers take a body without a type for a page (MIME Sniffing 7.1: blanks, then one of these tags, then a blank or `>`).
/// A byte order mark before it makes it text.
pub(in crate::rewrite) fn is_page(first: &[u8]) -> bool {
    const TAGS: &[&str] = &[
        "<!DOCTYPE HTML",
        "<HTML",
        "<HEAD",
        "<SCRIPT",
        "<IFRAME",
        "<H1",
        "<DIV",
        "<FONT",
        "<TABLE",
        "<A",
        "<STYLE",
        "<TITLE",
        "<B",
        "<BODY",
        "<BR",
        "<P",
    ];
    let blanks = first.iter().take_while(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')).count();
    let text = &first[blanks..];
    let begins = |tag: &&str| {
        let start = text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
        start && matches!(text.get(tag.len()), Some(b' ' | b'>'))
    };
    text.starts_with(b"<!--") || TAGS.iter().any(begins)
}

/// Whether browsers take a body without a type for XML (MIME Sniffing 7.1).
pub(in crate::rewrite) fn is_xml(first: &[u8]) -> bool {
    first.trim_ascii_start().starts_with(b"<?xml")
}

/// Whether XML that a script asked for has parts of a page in it, which the script puts in: JSF's, Wicket's, Oracle's and SAP's answers,
/// XHTML, and whatever has CDATA that begins as markup does.
pub(in crate::rewrite) fn has_parts(first: &[u8]) -> bool {
    const ROOTS: &[&[u8]] =
        &[b"<partial-response", b"<ajax-response", b"<html", b"<?Adf-Rich-Response-Type", b"<updates>"];
    let is_markup = |at: usize| begins_as_markup(&first[at + CDATA.len()..]);
    ROOTS.iter().any(|root| memmem::find(first, root).is_some()) || memmem::find_iter(first, CDATA).any(is_markup)
}

/// Begins a section of XML whose text is as it stands.
pub(in crate::rewrite) const CDATA: &[u8] = b"<![CDATA[";

/// Whether a text begins with a tag.
pub(in crate::rewrite) fn begins_as_markup(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"<")
}

/// Whether slots can be found in a page that begins so, and whose head says this of its charset: a mark says more than the head does.
pub(in crate::rewrite) fn is_read(first: &[u8], charset: Option<&'static Encoding>) -> bool {
    !is_utf16(first) && (charset.is_none_or(content_type::is_usable) || first.starts_with(BYTE_ORDER_MARK))
}

/// Whether a body is in UTF-16, whatever its head says (Encoding 6.1): its byte order mark.
pub(in crate::rewrite) fn is_utf16(first: &[u8]) -> bool {
    first.starts_with(b"\xFE\xFF") || first.starts_with(b"\xFF\xFE")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured with Chromium and Firefox, which agree.
    #[test]
    fn a_body_without_a_type_is_a_page_where_browsers_show_one() {
        for (page, expected) in [
            ("<!DOCTYPE html><html>", true),
            ("<!doctype HTML PUBLIC \"x\">", true),
            (" \n\r\t\x0c<html >", true),
            ("<p>hello", true),
            ("<!-- hello --><span>", true),
            ("<A href=x>", true),
            ("<body\n>", false),
            ("<span>", false),
            ("<img src=x>", false),
            ("<center>", false),
            ("<?xml version=\"1.0\"?><html>", false),
            ("hello <html>", false),
            ("\u{feff}<!doctype html>", false),
            ("<p", false),
            ("", false),
        ] {
            assert_eq!(is_page(page.as_bytes()), expected, "{page}");
        }
    }

    #[test]
    fn xml_with_parts_of_a_page_is_told_from_data() {
        for (xml, expected) in [
            ("<?xml version='1.0'?>\n<partial-response id='x'><changes>", true),
            ("<ajax-response><evaluate><![CDATA[a()]]>", true),
            ("<updates><script><![CDATA[f()", true),
            ("<?xml version='1.0' ?>\n<?Adf-Rich-Response-Type ?>\n<content action='/x'><script><![CDATA[f()", true),
            ("<changes><content><![CDATA[ \n<div>", true),
            ("<x><![CDATA[a < b]]></x><y><![CDATA[<p>", true),
            ("<?xml version='1.0'?><html xmlns='x'>", true),
            ("<rows><row>1</row></rows>", false),
            ("<x><![CDATA[a <b>]]></x>", false),
            ("<x><![CDATA[", false),
            ("", false),
        ] {
            assert_eq!(has_parts(xml.as_bytes()), expected, "{xml}");
        }
    }

    #[test]
    fn a_byte_order_mark_of_utf_16_is_seen() {
        assert!(is_utf16(b"\xFF\xFE<\0") && is_utf16(b"\xFE\xFF\0<"));
        assert!(!is_utf16(b"\xEF\xBB\xBF<") && !is_utf16(b"\xFF") && !is_utf16(b""));
    }
}
