//! Held answers: every byte is kept unless a slot was filled.

use std::{
    io::{Read, Write},
    sync::Arc,
};

use bytes::Bytes;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};

use super::Double;
use crate::{
    limits::{HELD_PAGE_BYTES_MAX, JSON_BYTES_MAX},
    rewrite::{
        Change, Coding, Heard, HeldAnswer, HeldBody, HeldStep, Hold, HtmlPlan, HtmlSettings, JsonPath, JsonPlan,
        Minting, Note, Onward, PageScript, Stepped, held::original::Overflow,
    },
    rewrite::{PageBody, Step, Untouched},
};

const SLOT: &str = "<iframe data-sigma-embed=revenue name=n src=x>";

fn gzipped(plain: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn gunzipped(coded: &[u8]) -> String {
    let mut plain = String::new();
    MultiGzDecoder::new(coded).read_to_string(&mut plain).unwrap();
    plain
}

fn page(coding: Coding, filler: Double) -> HeldBody<Double> {
    let settings = HtmlSettings::default();
    HeldBody::page(HtmlPlan { coding, hold: Hold::ToItsEnd, settings, extended: None }, filler)
}

fn json(coding: Coding, filler: Double) -> HeldBody<Double> {
    HeldBody::json(JsonPlan { coding, paths: vec![Arc::new(JsonPath::parse("$.url").unwrap())] }, filler)
}

fn answer(mut held: HeldBody<Double>, body: &[u8]) -> (HeldAnswer, Vec<Note>) {
    body.chunks(1000).for_each(|chunk| held.push(chunk).unwrap());
    let mut notes = Vec::new();
    loop {
        let Stepped { step, heard } = held.step(Minting::Allowed);
        notes.extend(heard.notes);
        if let HeldStep::Done(answer) = step {
            return (answer, notes);
        }
    }
}

fn original(body: &[u8]) -> HeldAnswer {
    HeldAnswer::Original(Bytes::copy_from_slice(body))
}

#[test]
fn a_page_without_a_slot_keeps_its_bytes_coded_ones_too() {
    for plain in
        ["<p>nothing", "", "<!-- data-sigma-embed -->", "<p>https://sigma.test/", "<iframe data-sigma-embed=other>"]
    {
        assert_eq!(answer(page(Coding::Identity, Double::signing()), plain.as_bytes()).0, original(plain.as_bytes()));
        let coded = gzipped(plain);
        assert_eq!(answer(page(Coding::Gzip, Double::signing()), &coded).0, original(&coded));
    }
}

#[test]
fn a_page_with_a_slot_is_changed_and_stays_gzip() {
    let expected = "<iframe data-sigma-embed=revenue name=n src=\"/sigma/embed/revenue\">";
    let changed = |body: Vec<u8>| HeldAnswer::Changed { body: body.into(), change: Change::Frames };
    assert_eq!(answer(page(Coding::Identity, Double::linking()), SLOT.as_bytes()).0, changed(expected.into()));
    let HeldAnswer::Changed { body, change } = answer(page(Coding::Gzip, Double::linking()), &gzipped(SLOT)).0 else {
        panic!("the page has a slot");
    };
    assert_eq!((gunzipped(&body).as_str(), change), (expected, Change::Frames));
}

#[test]
fn a_slot_that_was_minted_for_is_said() {
    let (answer, _) = answer(page(Coding::Identity, Double::signing()), SLOT.as_bytes());
    assert!(matches!(answer, HeldAnswer::Changed { change: Change::Signed, .. }));
}

#[test]
fn a_marker_anywhere_in_a_coded_page_is_found_however_it_is_spelled() {
    let reference = "<a href='https://sigma&#x000002E;test/acme/workbook/R-1'>".to_owned();
    let spellings = ["DATA-SIGMA-EMBED", "Data-Sigma-Embed"].map(|name| SLOT.replace("data-sigma-embed", name));
    for slot in spellings.into_iter().chain([reference]) {
        for before in (16_340..16_400).chain([0, 16_000, 40_000]) {
            let plain = format!("{}{slot}", "x".repeat(before));
            for (coding, body) in [(Coding::Gzip, gzipped(&plain)), (Coding::Identity, plain.into_bytes())] {
                let (answer, _) = answer(page(coding, Double::linking()), &body);
                assert!(matches!(answer, HeldAnswer::Changed { .. }), "{before} {slot}");
            }
        }
    }
}

/// A page that names such a charset is read no further, and that is noted.
#[test]
fn behind_the_last_thing_that_could_be_a_slot_a_held_page_is_not_read() {
    let page_with = |last: &str| format!("{SLOT}</iframe>{}<meta charset=iso-2022-jp>{last}", "<p>".repeat(20_000));
    for coding in [Coding::Identity, Coding::Gzip] {
        let body = |text: String| if coding == Coding::Gzip { gzipped(&text) } else { text.into_bytes() };
        let notes = |last: &str| answer(page(coding, Double::linking()), &body(page_with(last))).1;
        assert_eq!(notes(""), []);
        assert_eq!(notes("sigma.test"), [Note::NotRewritten(Untouched::Charset)]);
    }
}

/// Wherever the slot stands, and however much is behind it.
#[test]
fn a_coded_page_that_is_held_becomes_what_it_becomes_as_it_is() {
    let changed = |coding, body: &[u8]| match answer(page(coding, Double::linking()), body).0 {
        HeldAnswer::Changed { body, change } => (body, change),
        HeldAnswer::Original(_) => panic!("the page has a slot"),
    };
    for slot in [
        SLOT,
        "<a title='>' href='https://sigma.test/acme/workbook/R-1'>",
        "<iframe title=\"a>\" data-sigma-embed=revenue",
    ] {
        for (before, behind) in
            (16_330..16_400).map(|before| (before, 40_000)).chain([(0, 0), (0, 16_384), (40_000, 5)])
        {
            let plain = format!("<p>{}{slot}{} <b>x</b></iframe>", "x".repeat(before), " y".repeat(behind));
            let (body, change) = changed(Coding::Gzip, &gzipped(&plain));
            let expected = changed(Coding::Identity, plain.as_bytes());
            assert_eq!((gunzipped(&body), change), (String::from_utf8(expected.0.to_vec()).unwrap(), expected.1));
        }
    }
}

#[test]
fn a_broken_coded_page_passes_as_it_came_with_a_note() {
    let broken = Note::NotRewritten(Untouched::BrokenCoding);
    assert_eq!(answer(page(Coding::Gzip, Double::linking()), b"<p>").0, original(b"<p>"));
    assert_eq!(answer(page(Coding::Gzip, Double::linking()), b"<p>").1, std::slice::from_ref(&broken));
    let nothing = gzipped(&"<p>nothing".repeat(9));
    for cut in [&gzipped(SLOT)[..60], &nothing[..nothing.len() - 8]] {
        assert_eq!(answer(page(Coding::Gzip, Double::linking()), cut), (original(cut), vec![broken.clone()]));
    }
}

#[test]
fn json_over_the_limit_is_given_back_with_a_note() {
    let mut held = json(Coding::Identity, Double::linking());
    assert_eq!(held.push(&vec![b'x'; JSON_BYTES_MAX]), Ok(()));
    assert_eq!(held.push(b"y"), Err(Overflow));
    let Onward::Original(original, heard) = held.into_onward() else { panic!("JSON does not stream") };
    assert_eq!(heard.notes, [Note::NotRewritten(Untouched::TooLarge)]);
    assert_eq!(original.len(), JSON_BYTES_MAX + 1);
}

/// Over the limit, or when it takes too long.
#[test]
fn a_page_that_is_not_held_to_its_end_goes_on_as_it_comes() {
    for (before, coding) in [(0, Coding::Identity), (0, Coding::Gzip), (HELD_PAGE_BYTES_MAX, Coding::Identity)] {
        let plain = format!("{}{SLOT}</iframe>", "x".repeat(before));
        let body = if coding == Coding::Gzip { gzipped(&plain) } else { plain.into_bytes() };
        let (first, rest) = body.split_at(body.len() - 20);
        let mut held = page(coding, Double::linking());
        assert_eq!(held.push(first), if before == 0 { Ok(()) } else { Err(Overflow) });
        let Onward::Page(mut page, came) = held.into_onward() else { panic!("a page streams") };
        let mut out = Vec::new();
        page.push(came);
        while page.step(&mut out, Minting::Allowed).step == Ok(Step::Again) {}
        page.push(Bytes::copy_from_slice(rest));
        page.finish_input();
        while page.step(&mut out, Minting::Allowed).step == Ok(Step::Again) {}
        let out = if coding == Coding::Gzip { gunzipped(&out) } else { String::from_utf8(out).unwrap() };
        assert!(out.ends_with("<iframe data-sigma-embed=revenue name=n src=\"/sigma/embed/revenue\"></iframe>"));
        assert_eq!((page.change_ahead(), page.change()), (Change::Frames, Change::Frames));
    }
    let Onward::Page(page, _) = page(Coding::Identity, Double::signing()).into_onward() else {
        panic!("a page streams")
    };
    assert_eq!(page.change_ahead(), Change::Signed);
}

#[test]
fn json_is_patched_and_other_json_keeps_its_bytes() {
    let body = r#"{"url": "https://sigma.test/acme/workbook/R-1", "n": 1.0e5}"#;
    let expected = r#"{"url": "https://crm.test/sigma/embed/revenue", "n": 1.0e5}"#;
    let changed = HeldAnswer::Changed { body: expected.into(), change: Change::Links };
    assert_eq!(answer(json(Coding::Identity, Double::linking()), body.as_bytes()).0, changed);
    let HeldAnswer::Changed { body: coded, .. } = answer(json(Coding::Gzip, Double::linking()), &gzipped(body)).0
    else {
        panic!("the document has a Sigma URL");
    };
    assert_eq!(gunzipped(&coded), expected);
    for (other, notes) in [
        (r#"{"url":"/x"}"#, vec![]),
        (r#"{"other": "https://sigma.test/acme/workbook/R-1"}"#, vec![Note::JsonUnmatched]),
        ("not json", vec![]),
        ("", vec![]),
    ] {
        let found = answer(json(Coding::Identity, Double::linking()), other.as_bytes());
        assert_eq!(found, (original(other.as_bytes()), notes));
    }
}

#[test]
fn json_that_is_broken_or_too_large_passes_with_a_note() {
    let broken = br#"{"url": "https://sigma.test/acme/workbook/R-1""#;
    let note = |why| vec![Note::NotRewritten(why)];
    assert_eq!(
        answer(json(Coding::Identity, Double::linking()), broken),
        (original(broken), note(Untouched::InvalidJson))
    );
    let mut seed = 1_u64;
    let mut noise = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + (seed >> 60) as u8)
    };
    let large = gzipped(&(0..=JSON_BYTES_MAX).map(&mut noise).collect::<String>());
    let found = answer(json(Coding::Gzip, Double::linking()), &large);
    assert_eq!(found, (original(&large), note(Untouched::TooLarge)));
}

#[test]
fn a_streamed_page_that_is_cut_off_is_cut() {
    let coded = gzipped(&SLOT.repeat(100));
    let mut page = PageBody::new(Coding::Gzip, &HtmlSettings::default(), Double::linking());
    page.push(Bytes::copy_from_slice(&coded[..coded.len() - 9]));
    let mut out = Vec::new();
    while page.step(&mut out, Minting::Allowed).step == Ok(Step::Again) {}
    assert_eq!(page.step(&mut out, Minting::Allowed).step, Ok(Step::NeedsInput));
    page.finish_input();
    assert_eq!(page.step(&mut out, Minting::Allowed).step, Ok(Step::Cut));
}

#[test]
fn a_streamed_page_can_be_read_as_far_as_it_has_come() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"<p>first</p>").unwrap();
    encoder.flush().unwrap();
    let mut page = PageBody::new(Coding::Gzip, &HtmlSettings::default(), Double::linking());
    page.push(Bytes::copy_from_slice(encoder.get_ref()));
    let mut out = Vec::new();
    while page.step(&mut out, Minting::Allowed).step != Ok(Step::NeedsInput) {}
    let mut read = [0; 12];
    MultiGzDecoder::new(&out[..]).read_exact(&mut read).unwrap();
    assert_eq!(&read, b"<p>first</p>");
}

/// What was granted to the viewer may end while the page streams.
#[test]
fn from_the_step_in_which_minting_is_stopped_slots_get_their_links() {
    let mut page = PageBody::new(Coding::Identity, &HtmlSettings::default(), Double::signing());
    let mut out = Vec::new();
    for (minting, expected) in [
        (Minting::Allowed, "?:jwt=1&amp;:embed=true"),
        (Minting::Stopped, "src=\"/sigma/embed/revenue\""),
        (Minting::Allowed, "src=\"/sigma/embed/revenue\""),
    ] {
        page.push(format!("{SLOT}</iframe>").into());
        out.clear();
        assert_eq!(page.step(&mut out, minting).step, Ok(Step::NeedsInput));
        assert!(String::from_utf8_lossy(&out).contains(expected), "{minting:?}: {}", String::from_utf8_lossy(&out));
    }
}

/// A reload may come while an answer is read that is held.
#[test]
fn a_held_answer_for_which_minting_is_stopped_gets_its_links() {
    let sealed = |mut held: HeldBody<Double>, body: &str, minting| {
        held.push(body.as_bytes()).unwrap();
        loop {
            match held.step(minting).step {
                HeldStep::Again => {}
                HeldStep::Done(HeldAnswer::Changed { body, .. }) => {
                    break String::from_utf8(body.to_vec()).unwrap().contains(":jwt=");
                }
                HeldStep::Done(HeldAnswer::Original(_)) => panic!("a slot is filled"),
            }
        }
    };
    let url = r#"{"url": "https://sigma.test/acme/workbook/R-1"}"#;
    for (minting, expected) in [(Minting::Allowed, true), (Minting::Stopped, false)] {
        let slot = format!("{SLOT}</iframe>");
        assert_eq!(sealed(page(Coding::Identity, Double::signing()), &slot, minting), expected, "{minting:?}");
        assert_eq!(sealed(json(Coding::Identity, Double::signing()), url, minting), expected, "{minting:?}");
    }
}

/// The page comes through whole; that its checksum is wrong shows at its end.
#[test]
fn what_was_noted_is_given_with_its_step_also_when_that_fails() {
    let mut coded = gzipped("<iframe data-sigma-embed=other>");
    let checksum = coded.len() - 8;
    coded[checksum] ^= 1;
    let mut page = PageBody::new(Coding::Gzip, &HtmlSettings::default(), Double::linking());
    page.push(Bytes::copy_from_slice(&coded[..checksum]));
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let end = loop {
        let Stepped { step, heard } = page.step(&mut out, Minting::Allowed);
        notes.extend(heard.notes);
        match step {
            Ok(Step::Again) => {}
            Ok(Step::NeedsInput) => page.push(Bytes::copy_from_slice(&coded[checksum..])),
            end => break end,
        }
    };
    assert!(end.is_err(), "{end:?}");
    assert_eq!(notes, [Note::UnknownEmbed("other".to_owned()), Note::NotRewritten(Untouched::BrokenCoding)]);
}

#[test]
fn bodies_can_move_between_threads() {
    fn is_send<T: Send + 'static>() {}
    is_send::<PageBody>();
    is_send::<HeldBody>();
}

#[test]
fn no_byte_of_an_answer_is_in_its_debug_text() {
    let body = Bytes::from_static(b"marker");
    for answer in [HeldAnswer::Original(body.clone()), HeldAnswer::Changed { body, change: Change::Signed }] {
        let shown =
            format!("{answer:?} {:?}", Stepped { step: HeldStep::Done(answer.clone()), heard: Heard::default() });
        assert!(shown.contains("6 bytes") && !shown.contains("marker") && !shown.contains("109"), "{shown}");
    }
}

#[test]
fn a_held_page_gets_its_script_without_a_slot_too_and_one_whose_policy_blocks_it_is_noted() {
    let page = |script| {
        let settings = HtmlSettings { script, ..HtmlSettings::default() };
        let plan = HtmlPlan { coding: Coding::Identity, hold: Hold::ToItsEnd, settings, extended: None };
        answer(HeldBody::page(plan, Double::linking()), b"<head><p>nothing")
    };
    let changed = HeldAnswer::Changed { body: "<head><script></script><p>nothing".into(), change: Change::Frames };
    assert_eq!(page(PageScript::Tag("<script></script>".to_owned())), (changed, Vec::new()));
    assert_eq!(page(PageScript::Blocked), (original(b"<head><p>nothing"), vec![Note::CspBlocksScript]));
}
