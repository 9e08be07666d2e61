//! Codings, charsets, held and streamed, and where the slot stands: every page that a browser reads, in one table. And the pages
//! and bodies that say too little of themselves, or something else than they are.

use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::{
    Double,
    codings::{FORMS, Form},
};
use crate::{
    limits::{HELD_DECODED_BYTES_MAX, HELD_PAGE_BYTES_MAX},
    rewrite::{
        Coding, CodingError, DoubtfulPlan, HeldAnswer, HeldBody, HeldStep, Hold, HtmlPlan, HtmlSettings, JsonPath,
        JsonPlan, Minting, Note, Onward, PageBody, PageError, PageMark, Step, Stepped, Untouched,
        media::codec::Decoder,
    },
};

const SLOT: &[u8] = b"<iframe data-sigma-embed=revenue src=x></iframe>";
const FILLED: &[u8] = b"<iframe data-sigma-embed=revenue src=\"/sigma/embed/revenue\"></iframe>";

/// A page: what its head says of its charset, how it begins, and a text in that charset.
struct Written {
    name: &'static str,
    head: Option<&'static str>,
    start: &'static [u8],
    text: &'static [u8],
    is_read: bool,
}

const fn written(name: &'static str, head: Option<&'static str>, start: &'static [u8], text: &'static [u8]) -> Written {
    Written { name, head, start, text, is_read: true }
}

const CHARSETS: &[Written] = &[
    written("no word of it", None, b"", b"<p>plain"),
    written("utf-8", Some("utf-8"), b"", b"<p>gr\xc3\xbcn"),
    written("utf-8 that is broken", Some("utf-8"), b"", b"<p>gr\xfcn\xff\0"),
    written("a mark", None, b"\xef\xbb\xbf", b"<p>gr\xc3\xbcn"),
    written("a mark, and another head", Some("shift_jis"), b"\xef\xbb\xbf", b"<p>gr\xc3\xbcn"),
    written("latin-1", Some("latin1"), b"", b"<p>gr\xfcn"),
    written("latin-1 by meta", None, b"<meta charset=latin1>", b"<p>gr\xfcn"),
    written("shift_jis", Some("shift_jis"), b"", b"<p title='\x83\x5c'>\x95\x5c</p>"),
    written("shift_jis by meta", None, b"<meta charset=x-sjis>", b"<p title='\x83\x5c'>\x95\x5c</p>"),
    written("gbk", Some("gb2312"), b"", b"<p>\x81\x5c\x81\x7c</p>"),
    written("big5", Some("big5"), b"", b"<p>\xa5\x5c</p>"),
    written("euc-kr", Some("euc-kr"), b"", b"<p>\xb0\xa1</p>"),
    written("utf-16 by meta, which is utf-8", None, b"<meta charset=utf-16>", b"<p>gr\xc3\xbcn"),
    written("user-defined", Some("x-user-defined"), b"", b"<p>\x80\xff"),
    Written { is_read: false, ..written("utf-16 by its mark", None, b"\xff\xfe", b"<\0p\0>\0") },
    Written { is_read: false, ..written("utf-16 by its mark, another head", Some("utf-8"), b"\xfe\xff", b"\0<\0p\0>") },
    Written {
        is_read: false,
        ..written("iso-2022-jp by meta", None, b"<meta charset=iso-2022-jp>", b"\x1b$B<!\x1b(B")
    },
    Written {
        is_read: false,
        ..written(
            "a replaced one by meta",
            None,
            b"<meta http-equiv=Content-Type content='text/html; charset=hz-gb-2312'>",
            b"~{",
        )
    },
];

/// Where the slot stands in a page that is short or long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Start,
    End,
    Nowhere,
}

fn page(written: &Written, slot: &[u8], place: Where) -> Vec<u8> {
    let (start, end) = match place {
        Where::Start => (slot, &b""[..]),
        Where::End => (&b""[..], slot),
        Where::Nowhere => (&b""[..], &b""[..]),
    };
    let text = written.text.repeat(40);
    [written.start, b"<title>t</title>", start, &text, end, b"<p>end"].concat()
}

fn settings(written: &Written) -> HtmlSettings {
    let charset = written.head.and_then(|label| Encoding::for_label(label.as_bytes()));
    HtmlSettings { charset, ..HtmlSettings::default() }
}

fn held_answer(mut held: HeldBody<Double>, body: &[u8]) -> (HeldAnswer, Vec<Note>) {
    held.push(body).unwrap();
    let mut notes = Vec::new();
    loop {
        let Stepped { step, heard } = held.step(Minting::Allowed);
        notes.extend(heard.notes);
        if let HeldStep::Done(answer) = step {
            return (answer, notes);
        }
    }
}

fn plan(coding: Coding, settings: HtmlSettings) -> HtmlPlan {
    HtmlPlan { coding, hold: Hold::ToItsEnd, settings, extended: None }
}

/// What a browser gets of a page that streams, in such pieces, and what was noted.
fn streamed(mut page: PageBody<Double>, body: &[u8], piece: usize) -> (Result<Vec<u8>, PageError>, Vec<Note>) {
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut pieces = body.chunks(piece);
    loop {
        let Stepped { step, heard } = page.step(&mut out, Minting::Allowed);
        notes.extend(heard.notes);
        match step {
            Ok(Step::Again) => {}
            Ok(Step::NeedsInput) => match pieces.next() {
                Some(piece) => page.push(Bytes::copy_from_slice(piece)),
                None => page.finish_input(),
            },
            Ok(Step::Done | Step::Cut) => return (Ok(out), notes),
            Err(error) => return (Err(error), notes),
        }
    }
}

#[test]
fn a_slot_is_filled_in_every_coding_and_charset_that_browsers_read_held_and_streamed() {
    for form in FORMS {
        for written in CHARSETS {
            for place in [Where::Start, Where::End, Where::Nowhere] {
                let what = format!("{form:?}, {}, {place:?}", written.name);
                let source = form.encoded(&page(written, SLOT, place));
                let is_filled = written.is_read && place != Where::Nowhere;
                let expected = page(written, if is_filled { FILLED } else { SLOT }, place);
                let notes = if written.is_read { vec![] } else { vec![Note::NotRewritten(Untouched::Charset)] };
                let body = HeldBody::page(plan(form.coding(), settings(written)), Double::linking());
                match held_answer(body, &source) {
                    (HeldAnswer::Changed { body, .. }, found) => {
                        assert_eq!((form.decoded(&body), found), (expected.clone(), notes.clone()), "{what}");
                        assert!(is_filled, "{what}");
                    }
                    (HeldAnswer::Original(body), found) => {
                        assert_eq!((&body[..], is_filled), (&source[..], false), "{what}");
                        // A page that does not name an embed is not read as far as a charset in it.
                        assert!(found == notes || place == Where::Nowhere, "{what}: {found:?}");
                    }
                }
                for piece in [1, 100, usize::MAX] {
                    let body = PageBody::new(form.coding(), &settings(written), Double::linking());
                    let (out, found) = streamed(body, &source, piece);
                    assert_eq!(form.decoded(&out.unwrap()), expected, "{what}, in {piece}");
                    assert_eq!(found, notes, "{what}, in {piece}");
                }
            }
        }
    }
}

#[test]
fn a_page_under_the_label_of_a_coding_that_it_has_not_passes_with_a_note() {
    let source = [b"<!doctype html>", SLOT].concat();
    let broken = vec![Note::NotRewritten(Untouched::BrokenCoding)];
    for form in FORMS.into_iter().filter(|form| *form != Form::Plain) {
        let coding = form.coding();
        let held = HeldBody::page(plan(coding, HtmlSettings::default()), Double::linking());
        let original = HeldAnswer::Original(Bytes::copy_from_slice(&source));
        assert_eq!(held_answer(held, &source), (original, broken.clone()), "{form:?}");
        for piece in [1, 7, usize::MAX] {
            let page = PageBody::new(coding, &HtmlSettings::default(), Double::linking());
            assert_eq!(streamed(page, &source, piece), (Ok(source.clone()), broken.clone()), "{form:?} {piece}");
        }
    }
}

/// Browsers show what there is of it, and so they do of what goes out: it is as whole as it was, and no more.
#[test]
fn a_page_whose_coding_is_cut_while_it_streams_is_cut_in_its_coding_with_a_note() {
    let mut seed = 1_u64;
    let mut letter = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b'a' + (seed >> 60) as u8
    };
    let text: Vec<u8> = (0..300_000).map(|_| letter()).collect();
    let source = [&text[..], SLOT].concat();
    for form in FORMS.into_iter().filter(|form| *form != Form::Plain) {
        let coded = form.encoded(&source);
        let page = PageBody::new(form.coding(), &HtmlSettings::default(), Double::linking());
        let (out, notes) = streamed(page, &coded[..coded.len() - 3], 5_000);
        let (mut decoder, mut plain, mut at) = (Decoder::of(form.coding()).unwrap(), Vec::new(), 0);
        let out = out.unwrap();
        loop {
            let (used, has_more) = decoder.step(&out[at..], &mut plain).unwrap();
            at += used;
            if at == out.len() && !has_more {
                break;
            }
        }
        assert_eq!(decoder.finish(), Err(CodingError::Truncated), "{form:?}");
        assert!(plain.len() > 200_000 && [&text[..], FILLED].concat().starts_with(&plain), "{form:?}");
        assert_eq!(notes, [Note::NotRewritten(Untouched::BrokenCoding)], "{form:?}");
    }
}

/// Past the ratio nothing is looked into, and nothing is lost.
#[test]
fn a_page_that_decodes_to_far_more_than_it_is_goes_on_without_the_rewriter() {
    let long = vec![b' '; 1 << 20];
    let source = [SLOT, &long, SLOT, b"<p>end"].concat();
    let expected = [FILLED, &long, SLOT, b"<p>end"].concat();
    for form in FORMS.into_iter().filter(|form| *form != Form::Plain) {
        let ratio = vec![Note::NotRewritten(Untouched::Ratio)];
        let coded = form.encoded(&source);
        assert!(coded.len() < HELD_PAGE_BYTES_MAX, "{form:?}");
        let page = PageBody::new(form.coding(), &HtmlSettings::default(), Double::linking());
        let (out, notes) = streamed(page, &coded, 64);
        assert_eq!((form.decoded(&out.unwrap()) == expected, notes), (true, ratio.clone()), "{form:?}");
        let held = HeldBody::page(plan(form.coding(), HtmlSettings::default()), Double::linking());
        match held_answer(held, &coded) {
            (HeldAnswer::Changed { body, .. }, notes) => {
                // All of a short body may be read before the first of it is decoded.
                assert!(form.decoded(&body) == expected && notes == ratio, "{form:?}");
            }
            (HeldAnswer::Original(_), notes) => panic!("{form:?} has a slot at its start: {notes:?}"),
        }
        let none = form.encoded(&long);
        let held = HeldBody::page(plan(form.coding(), HtmlSettings::default()), Double::linking());
        let original = HeldAnswer::Original(Bytes::copy_from_slice(&none));
        assert_eq!(held_answer(held, &none), (original, ratio), "{form:?}");
    }
}

#[test]
fn a_page_that_is_held_is_given_up_beyond_what_may_be_decoded_of_it() {
    let source = [SLOT, &vec![b' '; HELD_DECODED_BYTES_MAX + (1 << 20)][..]].concat();
    let coded = Form::Zstd.encoded(&source);
    let held = HeldBody::page(plan(Coding::Zstd, HtmlSettings::default()), Double::linking());
    let (answer, notes) = held_answer(held, &coded);
    assert_eq!(answer, HeldAnswer::Original(coded.into()));
    assert!(notes.contains(&Note::NotRewritten(Untouched::Ratio)), "{notes:?}");
}

const JSON: &[u8] = br#"{"url":"https://sigma.test/acme/workbook/R-1"}"#;
const PATCHED: &[u8] = br#"{"url":"https://crm.test/sigma/embed/revenue"}"#;

/// A body that may be a page (for certain, if it is no JSON), JSON, or both.
fn doubtful(coding: Coding, page: Option<bool>, has_rule: bool) -> HeldBody<Double> {
    let mark = |is_certain| if is_certain { PageMark::Certain } else { PageMark::Sniffed { may_be_xml: false } };
    let page = page.map(|is_certain| (plan(coding, HtmlSettings::default()), mark(is_certain)));
    let paths = vec![Arc::new(JsonPath::parse("$.url").unwrap())];
    let json = has_rule.then_some(JsonPlan { coding, paths });
    HeldBody::doubtful(DoubtfulPlan { coding, page, json }, Double::linking())
}

fn in_string(json: &[u8]) -> Vec<u8> {
    serde_json::to_vec(std::str::from_utf8(json).unwrap()).unwrap()
}

/// What a script asked for on a path that a rule names, and is called a page.
#[test]
fn what_a_rule_names_and_is_no_json_is_noted_unless_it_is_a_page_with_slots() {
    let warning = [b"<br /><b>Warning</b><br />", JSON].concat();
    for (source, why) in [
        (&[b"cb(", JSON, b");"].concat()[..], Some(Untouched::InvalidJson)),
        (&warning, Some(Untouched::InvalidJson)),
        (SLOT, None),
        (b"<p>signed out</p>", None),
    ] {
        let settings = HtmlSettings { may_be_json: true, ..HtmlSettings::default() };
        let page = Some((plan(Coding::Identity, settings), PageMark::Certain));
        let paths = vec![Arc::new(JsonPath::parse("$.url").unwrap())];
        let json = Some(JsonPlan { coding: Coding::Identity, paths });
        let held = HeldBody::doubtful(DoubtfulPlan { coding: Coding::Identity, page, json }, Double::linking());
        let notes = held_answer(held, source).1;
        let what = String::from_utf8_lossy(source);
        assert_eq!(notes, why.map(Note::NotRewritten).into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn what_a_body_is_that_does_not_say_so_is_told_by_its_first_bytes() {
    let html = [b"<!doctype html>", SLOT].concat();
    let filled = [b"<!doctype html>", FILLED].concat();
    let other = [b"text ", SLOT].concat();
    let jsonp = [b"cb(", JSON, b");"].concat();
    let guarded = [b")]}',\n", JSON].concat();
    let guarded_patched = [b")]}',\n", PATCHED].concat();
    let text = in_string(JSON);
    let text_patched = in_string(PATCHED);
    let invalid = Some(Untouched::InvalidJson);
    for (page, has_rule, source, expected, why) in [
        (Some(false), false, &html[..], &filled[..], None),
        (Some(false), false, &other, &other, None),
        (Some(false), false, JSON, JSON, None),
        (Some(false), true, JSON, PATCHED, None),
        (Some(false), true, &html, &filled, None),
        (Some(true), true, &html, &filled, None),
        (Some(true), true, JSON, PATCHED, None),
        (Some(true), true, &guarded, &guarded_patched, None),
        (Some(true), true, &text, &text_patched, None),
        (Some(false), true, &text, &text_patched, None),
        (Some(true), true, &jsonp, &jsonp, None),
        (Some(false), true, &jsonp, &jsonp, invalid),
        (Some(false), true, b"text", b"text", None),
        (None, true, JSON, PATCHED, None),
        (None, true, &html, &html, invalid),
        (None, true, &jsonp, &jsonp, invalid),
        (None, true, b"", b"", None),
    ] {
        for form in FORMS {
            let what = format!("{form:?} {page:?} {has_rule} {}", String::from_utf8_lossy(source));
            let source = form.encoded(source);
            let (answer, notes) = held_answer(doubtful(form.coding(), page, has_rule), &source);
            let found = match answer {
                HeldAnswer::Original(body) | HeldAnswer::Changed { body, .. } => body,
            };
            assert_eq!(form.decoded(&found), expected, "{what}");
            assert_eq!(notes, why.map(Note::NotRewritten).into_iter().collect::<Vec<_>>(), "{what}");
        }
    }
}

#[test]
fn a_doubtful_body_that_is_not_held_to_its_end_streams_if_it_is_a_page() {
    let html = [b"<!doctype html>", SLOT].concat();
    for (page, has_rule, came, expected) in [
        (Some(false), false, &html[..], None),
        (Some(true), true, b"", None),
        (Some(false), false, b"text", Some(None)),
        (Some(false), false, b"", Some(Some(Untouched::Slow))),
        (Some(true), true, JSON, Some(Some(Untouched::Slow))),
        (None, true, JSON, Some(Some(Untouched::Slow))),
    ] {
        for form in FORMS {
            let mut held = doubtful(form.coding(), page, has_rule);
            let source = if came.is_empty() { Vec::new() } else { form.encoded(came) };
            held.push(&source).unwrap();
            let found = match held.into_onward() {
                Onward::Page(_, first) => {
                    assert_eq!(first, source);
                    None
                }
                Onward::Original(first, heard) => {
                    assert_eq!(first, source);
                    Some(heard.notes)
                }
            };
            let expected = expected.map(|why| why.map(Note::NotRewritten).into_iter().collect::<Vec<_>>());
            assert_eq!(found, expected, "{form:?} {page:?} {has_rule} {}", String::from_utf8_lossy(came));
        }
    }
}

#[test]
fn json_in_utf_16_is_noted_and_json_of_every_coding_is_patched() {
    for form in FORMS {
        let json = |body: &[u8]| {
            let paths = vec![Arc::new(JsonPath::parse("$.url").unwrap())];
            held_answer(HeldBody::json(JsonPlan { coding: form.coding(), paths }, Double::linking()), body)
        };
        let HeldAnswer::Changed { body, .. } = json(&form.encoded(JSON)).0 else { panic!("{form:?}") };
        assert_eq!(form.decoded(&body), PATCHED, "{form:?}");
        let escaped = String::from_utf8_lossy(JSON).replace("sigma.", "sigma\\u002e");
        // In a text in a string, whose escapes are escaped.
        let within =
            format!("{{\"url\":{}}}", serde_json::Value::from(&escaped[..]).to_string().replace("\\\\", "\\u005c"));
        for text in [escaped, within] {
            let answer = json(&form.encoded(text.as_bytes())).0;
            assert!(matches!(answer, HeldAnswer::Changed { .. }), "{form:?} {text}");
        }
        for wide in [&b"\xff\xfe{\0"[..], b"\xfe\xff\0{", b"{\0\"\0", b"\0{\0\""] {
            let source = form.encoded(wide);
            let original = HeldAnswer::Original(Bytes::copy_from_slice(&source));
            assert_eq!(json(&source), (original, vec![Note::NotRewritten(Untouched::Charset)]), "{form:?} {wide:?}");
        }
    }
}
