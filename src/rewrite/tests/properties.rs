//! Any split gives the same bytes; bytes outside slots never change.

use std::{io::Read, path::Path, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use proptest::prelude::*;

use super::Double;
use crate::{
    embed::EmbedName,
    limits::REWRITE_CHUNK_BYTES,
    request::Prefix,
    rewrite::{
        Coding, HeldAnswer, HeldBody, HeldStep, Hold, HtmlPlan, HtmlRewriter, HtmlSettings, Insert, InsertFrame,
        InsertPlace, Minting, PageBody, Selector, Step,
    },
};

const SLOT: &str = "<iframe data-sigma-embed=revenue name=n src=''></iframe>";
const FILLED: &str = "<iframe data-sigma-embed=revenue name=n src='/sigma/embed/revenue'></iframe>";

/// Rewrites a page that comes in chunks of these lengths (again and again).
pub(super) fn in_chunks(page: &[u8], lengths: &[usize], filler: Double) -> Vec<u8> {
    in_chunks_with(&HtmlSettings::default(), page, lengths, filler)
}

fn in_chunks_with(settings: &HtmlSettings, page: &[u8], lengths: &[usize], filler: Double) -> Vec<u8> {
    let mut rewriter = HtmlRewriter::new(settings, filler);
    let mut out = Vec::new();
    let mut rest = page;
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let length = lengths.next().copied().unwrap_or(1).clamp(1, rest.len());
        let (chunk, after) = rest.split_at(length);
        rewriter.push(chunk, &mut out);
        rest = after;
    }
    rewriter.end(&mut out);
    out
}

/// Two inserts: into the first `p`, and into the first element that is selected.
fn inserts(select: &str, place: InsertPlace) -> HtmlSettings {
    let insert = |select: &str, place| {
        Arc::new(Insert {
            path: Prefix::parse("/").unwrap(),
            selector: Selector::parse(select).unwrap(),
            place,
            embed: EmbedName::parse("revenue").unwrap(),
            controls: Vec::new(),
            frame: InsertFrame { height: 600, title: "revenue".to_owned(), class: None },
        })
    };
    let inserts = vec![insert("p", InsertPlace::Append), insert(select, place)];
    HtmlSettings { inserts, ..HtmlSettings::default() }
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, plain).unwrap();
    encoder.finish().unwrap()
}

fn gunzipped(coded: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(coded).read_to_end(&mut plain).unwrap();
    plain
}

fn streamed(coding: Coding, body: &[u8], chunk: usize) -> Vec<u8> {
    let mut page = PageBody::new(coding, &HtmlSettings::default(), Double::linking());
    let mut out = Vec::new();
    for chunk in body.chunks(chunk) {
        page.push(Bytes::copy_from_slice(chunk));
        while page.step(&mut out, Minting::Allowed).step.unwrap() == Step::Again {}
    }
    page.finish_input();
    while page.step(&mut out, Minting::Allowed).step.unwrap() != Step::Done {}
    out
}

/// Pieces of pages that tempt a parser.
fn piece() -> impl Strategy<Value = String> {
    let known: Vec<&str> = vec![
        SLOT,
        "<iframe",
        " src=https://sigma.test/acme/workbook/R-1",
        " data-sigma-embed=\"revenue\"",
        "<iframe Data-Sigma-Embed=revenue>",
        "<a href='https://sigma&#46;test/acme/workbook/R-1'>",
        "<a href='https://&#x00073;igma&period;test/acme/workbook/R-1'>",
        "<a href='HTTPS://SIGMA.test/acme/workbook/R-1'>",
        ">",
        "</iframe>",
        "<!--",
        "-->",
        "--!>",
        "<script>",
        "</script>",
        "<template>",
        "</template>",
        "<a href='https://sigma.test/acme/workbook/R-1'>",
        "</a>",
        "<svg>",
        "</svg>",
        "<![CDATA[",
        "]]>",
        "<textarea>",
        "</textarea>",
        "<select>",
        "<table><tr>",
        "'",
        "\"",
        "=",
        "/",
        "&amp;",
        "&#x",
        "\0",
        "<base href=//x/>",
        "<meta charset=shift_jis>",
        "é",
        "<noscript>",
        "</noscript>",
        "<p title=\"",
        "<!doctype html>",
        "<plaintext>",
        "<frameset>",
        "<math><mi>",
        "<title>",
        "</title>",
        "<style>",
        "</style>",
        "<p>",
        "</p>",
        "<p id=x>",
        "</tr>",
        "</table>",
        "</body>",
        "</html>\n",
        "<form>",
        "</form>",
        "<caption><td>",
        "</tbody>",
        "<?xml version='1.0' encoding='koi8-r'?>",
        "<a href='https://sigma.test/acme/workbook/R-1?Region=&uuml;",
    ];
    prop_oneof![
        4 => proptest::sample::select(known).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => "[ \n\t<>a-z/!-]{0,6}",
    ]
}

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

/// Pages whose slots we know: text, comments and elements that are closed, with slots between.
fn known_page() -> impl Strategy<Value = Vec<&'static str>> {
    let parts = vec![
        SLOT,
        "<p>text & more",
        "<!-- <iframe data-sigma-embed=revenue> -->",
        "<script>'<iframe data-sigma-embed=revenue>'</script>",
        "<template><iframe data-sigma-embed=revenue></iframe></template>",
        "<div  class = 'x'\n>\u{e9}</div >",
        "<br/>",
        "<textarea><iframe data-sigma-embed=revenue></textarea>",
        "<iframe  srcdoc='x' data-sigma-embed=revenue></iframe>",
    ];
    proptest::collection::vec(proptest::sample::select(parts), 0..30)
}

proptest! {
    #[test]
    fn any_split_of_a_page_gives_the_same_bytes(page in soup(), lengths in proptest::collection::vec(1_usize..40, 1..8)) {
        for filler in [Double::linking, Double::signing] {
            let whole = in_chunks(page.as_bytes(), &[usize::MAX], filler());
            prop_assert_eq!(&in_chunks(page.as_bytes(), &[1], filler()), &whole);
            prop_assert_eq!(&in_chunks(page.as_bytes(), &lengths, filler()), &whole);
        }
    }

    #[test]
    fn any_split_of_a_page_with_inserts_gives_the_same_bytes(
        page in soup(),
        lengths in proptest::collection::vec(1_usize..40, 1..8),
        select in proptest::sample::select(vec!["p", "svg", "a", "table", "tr", "noscript", "iframe"]),
        place in proptest::sample::select(vec![InsertPlace::Append, InsertPlace::Replace]),
    ) {
        let settings = inserts(select, place);
        let whole = in_chunks_with(&settings, page.as_bytes(), &[usize::MAX], Double::linking());
        prop_assert_eq!(&in_chunks_with(&settings, page.as_bytes(), &[1], Double::linking()), &whole);
        prop_assert_eq!(&in_chunks_with(&settings, page.as_bytes(), &lengths, Double::linking()), &whole);
    }

    #[test]
    fn any_split_of_a_gzip_page_gives_the_same_page(page in soup(), chunk in 1_usize..200) {
        let whole = in_chunks(page.as_bytes(), &[usize::MAX], Double::linking());
        prop_assert_eq!(gunzipped(&streamed(Coding::Gzip, &gzipped(page.as_bytes()), chunk)), &whole[..]);
        prop_assert_eq!(streamed(Coding::Identity, page.as_bytes(), chunk), whole);
    }

    /// A search comes before the rewriter: it finds whatever the rewriter would, and what is behind the last thing that it finds
    /// passes unread.
    #[test]
    fn a_page_that_is_held_becomes_what_it_would_become_as_it_comes(
        (begins, ends) in (soup(), soup()),
        gap in prop_oneof![4 => Just(0), 1 => REWRITE_CHUNK_BYTES - 99..REWRITE_CHUNK_BYTES + 99, 1 => 40_000..50_000_usize],
        coding in proptest::sample::select(vec![Coding::Identity, Coding::Gzip]),
        settings in prop_oneof![
            Just(HtmlSettings::default()),
            proptest::sample::select(vec![InsertPlace::Append, InsertPlace::Replace]).prop_map(|place| inserts("a", place)),
        ],
    ) {
        let page = format!("{begins}{}{ends}", "-".repeat(gap));
        let expected = in_chunks_with(&settings, page.as_bytes(), &[usize::MAX], Double::linking());
        let plan = HtmlPlan { coding, hold: Hold::ToItsEnd, settings, extended: None };
        let mut held = HeldBody::page(plan, Double::linking());
        let body = if coding == Coding::Gzip { gzipped(page.as_bytes()) } else { page.into_bytes() };
        held.push(&body).unwrap();
        let found = loop {
            match held.step(Minting::Allowed).step {
                HeldStep::Again => {}
                HeldStep::Done(HeldAnswer::Original(found) | HeldAnswer::Changed { body: found, .. }) => break found,
            }
        };
        let found = if coding == Coding::Gzip { gunzipped(&found) } else { found.to_vec() };
        prop_assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
    }

    #[test]
    fn bytes_outside_slots_never_change(parts in known_page(), lengths in proptest::collection::vec(1_usize..60, 1..4)) {
        let expected = parts.concat().replace(SLOT, FILLED);
        let out = in_chunks(parts.concat().as_bytes(), &lengths, Double::linking());
        prop_assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn soup_without_a_slot_is_the_same_soup(page in soup(), lengths in proptest::collection::vec(1_usize..60, 1..4)) {
        let page = page.replace("revenue", "another").replace("/R-1", "/Q-1");
        let out = in_chunks(page.as_bytes(), &lengths, Double::signing());
        prop_assert_eq!(String::from_utf8_lossy(&out), page);
    }

    #[test]
    fn a_page_of_any_bytes_without_a_slot_is_the_same_page(
        page in proptest::collection::vec(any::<u8>(), 0..400),
        lengths in proptest::collection::vec(1_usize..60, 1..4),
    ) {
        prop_assert_eq!(in_chunks(&page, &lengths, Double::linking()), page);
    }
}

/// The html5lib corpus lies beside a checkout, if at all; no page of it has a slot.
#[test]
fn pages_of_the_html5lib_corpus_pass_byte_for_byte() {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/html5lib-tests.tar.gz");
    let Ok(coded) = std::fs::read(&archive) else {
        assert!(option_env!("CI").is_none(), "CI needs {}", archive.display());
        eprintln!("skipped: no {}", archive.display());
        return;
    };
    let archive = gunzipped(&coded);
    let files: Vec<&[u8]> = files_of(&archive).collect();
    assert!(files.len() > 20, "the corpus has {} files", files.len());
    for file in files {
        assert!(in_chunks(file, &[997], Double::signing()) == file);
        for case in file.split(|byte| *byte == b'\n').filter(|line| line.contains(&b'<')) {
            assert!(in_chunks(case, &[1], Double::signing()) == case, "{:?}", String::from_utf8_lossy(case));
        }
    }
}

/// The regular files of a tar archive (POSIX ustar: blocks of 512 bytes, the size in octal at 124, the type at 156).
fn files_of(archive: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = archive;
    std::iter::from_fn(move || {
        loop {
            let header = rest.get(..512).filter(|header| header[0] != 0)?;
            let size = std::str::from_utf8(&header[124..135]).ok()?;
            let size = usize::from_str_radix(size.trim_matches([' ', '\0']), 8).ok()?;
            let content = rest.get(512..512 + size)?;
            rest = &rest[512 + size.next_multiple_of(512)..];
            if matches!(header[156], b'0' | 0) {
                return Some(content);
            }
        }
    })
}
