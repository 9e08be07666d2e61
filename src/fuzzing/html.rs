//! A page: only slots change, and its chunks do not matter, plain or gzipped.

use std::{io::Read, sync::Arc};

use bytes::Bytes;
use encoding_rs::Encoding;
use flate2::{
    Compression,
    read::{DeflateDecoder, GzEncoder, MultiGzDecoder, ZlibDecoder},
};

use super::{filler::MarkingFiller, fixture::first_line};
use crate::{
    embed::EmbedName,
    request::Prefix,
    rewrite::{
        Coding, CodingError, FramePolicies, HtmlRewriter, HtmlSettings, Insert, InsertFrame, InsertPlace, Minting,
        PageBody, PageError, PageScript, Selector, Step, Syntax, rewrite_delta, rewrite_parts,
    },
};

/// First line: letters that set something, and, each byte of it, the lengths of chunks. The rest: the page.
///
/// `s` signs, `j` says that the page is in Shift_JIS, `a` and `r` insert a frame at the end and in place of an element, `x`
/// says that the page is XML, `c` that it is an answer with parts of one; `z`, `d`, `b` and `k` say that the rest is a body in gzip, deflate, brotli and zstd, good or not.
pub fn html(data: &[u8]) {
    let (line, page) = first_line(data);
    // Where a page is given up for its open elements depends on its chunks; so much markup never is.
    if page.len() > PAGE_BYTES_MAX || memchr::memmem::find(page, MarkingFiller::MARK.as_bytes()).is_some() {
        return;
    }
    let lengths: Vec<usize> = line.iter().map(|byte| usize::from(byte % 61) + 1).collect();
    let variant = Variant { line, settings: settings(line) };
    if let Some(coding) = line.iter().find_map(|letter| coding(*letter)) {
        check_coded(page, &lengths, &variant, coding);
        return;
    }
    if line.contains(&b'c') {
        return check_parts(page, &variant);
    }
    let whole = variant.rewritten(page, &[]);
    assert_eq!(whole, variant.rewritten(page, &lengths), "chunks do not matter");
    assert_eq!(whole, variant.rewritten(page, &[1]), "chunks do not matter");
    let coded = variant.streamed(&gzipped(page), &lengths, Coding::Gzip).expect("what was made is gzip");
    // By its mark it is UTF-16, of which the scanner is not asked.
    let is_utf16 = page.starts_with(b"\xfe\xff") || page.starts_with(b"\xff\xfe");
    let expected = if is_utf16 { page.to_vec() } else { whole.clone() };
    assert_eq!(Some(expected), read(&coded, Coding::Gzip), "the coding does not matter");
    // An insert opens an element of XML that closes itself: its slash goes.
    let opens_elements = line.contains(&b'x') && line.contains(&b'a');
    if !line.contains(&b'r') && !opens_elements {
        check_rest(page, &whole);
    }
}

const PAGE_BYTES_MAX: usize = 8 * 1024;

const fn coding(letter: u8) -> Option<Coding> {
    match letter {
        b'z' => Some(Coding::Gzip),
        b'd' => Some(Coding::Deflate),
        b'b' => Some(Coding::Brotli),
        b'k' => Some(Coding::Zstd),
        _ => None,
    }
}

struct Variant<'l> {
    line: &'l [u8],
    settings: HtmlSettings,
}

impl Variant<'_> {
    fn filler(&self) -> MarkingFiller {
        if self.line.contains(&b's') { MarkingFiller::signing() } else { MarkingFiller::linking() }
    }

    fn rewritten(&self, page: &[u8], lengths: &[usize]) -> Vec<u8> {
        let mut rewriter = HtmlRewriter::new(&self.settings, self.filler());
        let mut out = Vec::new();
        for chunk in Chunks::of(page, lengths) {
            rewriter.push(chunk, &mut out);
        }
        rewriter.end(&mut out);
        out
    }

    /// What becomes of a coded body.
    fn streamed(&self, body: &[u8], lengths: &[usize], coding: Coding) -> Result<Vec<u8>, PageError> {
        let mut page = PageBody::new(coding, &self.settings, self.filler());
        let mut out = Vec::new();
        for chunk in Chunks::of(body, lengths) {
            page.push(Bytes::copy_from_slice(chunk));
            while page.step(&mut out, Minting::Allowed).step? == Step::Again {}
        }
        page.finish_input();
        loop {
            match page.step(&mut out, Minting::Allowed).step? {
                Step::Again | Step::NeedsInput => {}
                Step::Done => return Ok(out),
                Step::Cut => return Err(CodingError::Truncated.into()),
            }
        }
    }
}

/// What a browser reads of a body.
fn read(body: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let end = match coding {
        Coding::Gzip => MultiGzDecoder::new(body).read_to_end(&mut plain),
        Coding::Deflate if ZlibDecoder::new(body).read_to_end(&mut Vec::new()).is_ok() => {
            ZlibDecoder::new(body).read_to_end(&mut plain)
        }
        Coding::Deflate => DeflateDecoder::new(body).read_to_end(&mut plain),
        Coding::Brotli => brotli::Decompressor::new(body, 4096).read_to_end(&mut plain),
        Coding::Zstd => zstd::stream::read::Decoder::new(body).and_then(|mut read| read.read_to_end(&mut plain)),
        Coding::Identity | Coding::Twice(..) => body.to_vec().as_slice().read_to_end(&mut plain),
    };
    end.ok().map(|_| plain)
}

/// A body that may be coded as it says, and need not be: in any chunks the same page; or an error, or its own bytes.
fn check_coded(body: &[u8], lengths: &[usize], variant: &Variant<'_>, coding: Coding) {
    let plain_of = |out: Result<Vec<u8>, PageError>| {
        let out = out.ok()?;
        let plain = if out == body { None } else { read(&out, coding) };
        assert!(out == body || plain.is_some(), "what we encode can be read, and all else is as it came");
        plain
    };
    let whole = plain_of(variant.streamed(body, &[], coding));
    let chunked = plain_of(variant.streamed(body, lengths, coding));
    // That a block of brotli is longer than it said, its decoder only sees where the input ends within.
    if coding == Coding::Brotli && plain_of(variant.streamed(body, &[1], coding)).is_none() {
        return;
    }
    assert_eq!(whole, chunked, "chunks do not matter");
}

/// Parts of a page in XML, or in an answer to an UpdatePanel, whose lengths are right when it goes on.
fn check_parts(page: &[u8], variant: &Variant<'_>) {
    let (in_xml, _) = rewrite_parts(page, &variant.settings, variant.filler());
    let (delta, _) = rewrite_delta(page, &variant.settings, variant.filler());
    if let Ok(Some((delta, _))) = &delta {
        let again = rewrite_delta(delta, &variant.settings, variant.filler()).0;
        assert!(again.is_ok(), "the new lengths are right");
    }
    // As in a page that is XML, and in what of these parts is XHTML.
    let opens_elements = variant.line.contains(&b'a') && memchr::memmem::find(page, b"/>").is_some();
    let takes_bytes_out = variant.line.contains(&b'r') || opens_elements;
    if let Some((in_xml, _)) = in_xml.ok().flatten().filter(|_| !takes_bytes_out) {
        check_rest(page, &in_xml);
    }
}

/// Outside of what was put there, and of the values that it replaced, every byte is as it was, in order.
fn check_rest(page: &[u8], rewritten: &[u8]) {
    let (mut kept, mut rest) = (Vec::new(), rewritten);
    while let Some((start, end)) = put(rest) {
        kept.push(&rest[..start]);
        rest = &rest[end..];
    }
    kept.push(rest);
    let (first, mut others) = (kept.remove(0), kept);
    let Some(last) = others.pop() else {
        assert_eq!(page, first, "bytes outside the slots have changed");
        return;
    };
    let mut page = page.strip_prefix(first).expect("bytes before the first slot have changed");
    for part in others {
        let at = memchr::memmem::find(page, part).expect("bytes between two slots have changed");
        page = &page[at + part.len()..];
    }
    assert!(page.ends_with(last), "bytes behind the last slot have changed");
}

/// The first place that has something of ours: the whole tag of an inserted frame, or an attribute with its name, of which
/// the name or nothing at all may have been there before.
fn put(page: &[u8]) -> Option<(usize, usize)> {
    let at = memchr::memmem::find(page, MarkingFiller::MARK.as_bytes())?;
    let (opening, closing) = ("<iframe src=\"", "></iframe>");
    let start = memchr::memmem::rfind(&page[..at], opening.as_bytes());
    if let Some(start) = start.filter(|start| !page[start + opening.len()..at].contains(&b'"')) {
        let end = memchr::memmem::find(&page[at..], closing.as_bytes()).map(|end| at + end + closing.len());
        // A frame of the page can look the same at its start; ours has all its attributes.
        if let Some(end) = end.filter(|end| is_inserted_frame(&page[start..*end])) {
            return Some((start, end));
        }
    }
    let is_name_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'/' | b'"' | b'\'');
    // Back over `http…` of a whole link, a quote, `=` and the name of the attribute.
    let before = page[..at].trim_ascii_end();
    let value = ["https://", "/"].iter().find_map(|start| before.strip_suffix(start.as_bytes())).unwrap_or(before);
    let value = value.strip_suffix(b"\"").or_else(|| value.strip_suffix(b"'")).unwrap_or(value).trim_ascii_end();
    let name = value.strip_suffix(b"=").unwrap_or(value).trim_ascii_end();
    let start = name.iter().rposition(is_name_end).map_or(0, |index| index);
    let end = page[at..].iter().position(|byte| matches!(byte, b'"' | b'\'')).map_or(page.len(), |end| at + end + 1);
    Some((start, end))
}

fn is_inserted_frame(tag: &[u8]) -> bool {
    let end = b" title=\"revenue\" class=\"mark-class\" width=\"100%\" height=\"600\"></iframe>";
    tag.ends_with(end)
}

/// The chunks of these lengths, again and again; one chunk where there are no lengths.
struct Chunks<'p, 'l> {
    rest: &'p [u8],
    lengths: std::iter::Cycle<std::slice::Iter<'l, usize>>,
}

impl<'p, 'l> Chunks<'p, 'l> {
    fn of(page: &'p [u8], lengths: &'l [usize]) -> Self {
        Self { rest: page, lengths: lengths.iter().cycle() }
    }
}

impl<'p> Iterator for Chunks<'p, '_> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<&'p [u8]> {
        let length = self.lengths.next().copied().unwrap_or(usize::MAX).min(self.rest.len());
        let (chunk, rest) = self.rest.split_at(length);
        self.rest = rest;
        (!chunk.is_empty()).then_some(chunk)
    }
}

fn settings(line: &[u8]) -> HtmlSettings {
    let insert = |select: &str, place| {
        Arc::new(Insert {
            path: Prefix::parse("/").expect("a prefix"),
            selector: Selector::parse(select).expect("a selector"),
            place,
            embed: EmbedName::parse("revenue").expect("a name"),
            controls: Vec::new(),
            frame: InsertFrame { height: 600, title: "revenue".to_owned(), class: Some("mark-class".to_owned()) },
        })
    };
    let append = line.contains(&b'a').then(|| insert("p", InsertPlace::Append));
    let replace = line.contains(&b'r').then(|| insert("div", InsertPlace::Replace));
    HtmlSettings {
        charset: line.contains(&b'j').then_some(()).and_then(|()| Encoding::for_label(b"shift_jis")),
        syntax: if line.contains(&b'x') { Syntax::Xml } else { Syntax::Html },
        policies: FramePolicies::default(),
        inserts: append.into_iter().chain(replace).collect(),
        script: PageScript::None,
        may_be_json: false,
    }
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    GzEncoder::new(plain, Compression::fast()).read_to_end(&mut coded).expect("reading a slice does not fail");
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<p>one</p><iframe data-sigma-embed=revenue src='x'></iframe><p>and</p>\
                        <iframe data-sigma-embed=revenue src=''></iframe><p>two</p>";
    const REWRITTEN: &str = "<p>one</p><iframe data-sigma-embed=revenue src='/mark-sigma/link'></iframe><p>and</p>\
                             <iframe data-sigma-embed=revenue src='/mark-sigma/link'></iframe><p>two</p>";

    #[test]
    fn a_page_that_is_as_it_was_but_for_its_slots_passes() {
        check_rest(PAGE.as_bytes(), REWRITTEN.as_bytes());
    }

    #[test]
    #[should_panic(expected = "bytes before the first slot")]
    fn a_byte_before_the_first_slot_is_seen() {
        check_rest(PAGE.as_bytes(), REWRITTEN.replace("one", "won").as_bytes());
    }

    #[test]
    #[should_panic(expected = "bytes between two slots")]
    fn a_byte_between_two_slots_is_seen() {
        check_rest(PAGE.as_bytes(), REWRITTEN.replace("and", "end").as_bytes());
    }

    #[test]
    #[should_panic(expected = "bytes behind the last slot")]
    fn a_byte_that_was_added_is_seen() {
        check_rest(PAGE.as_bytes(), REWRITTEN.replace("two", "too").as_bytes());
    }
}
