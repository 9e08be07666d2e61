//! What scripts ask for and put into a page: parts in XML, Turbo's streams, and JSON that is called a page.

use super::{
    Double,
    html::{insert, linked, rewritten},
};
use crate::rewrite::{
    Coding, DoubtfulPlan, HeldAnswer, HeldBody, HeldStep, Hold, HtmlPlan, HtmlSettings, InsertPlace, Minting, Note,
    PageBody, PageMark, Step, Stepped, Syntax, Untouched,
};

const SLOT: &str = "<iframe data-sigma-embed=\"revenue\"></iframe>";
const FILLED: &str = "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=\"revenue\"></iframe>";

fn parts(settings: HtmlSettings) -> HtmlSettings {
    HtmlSettings { syntax: Syntax::Parts, ..settings }
}

fn xml_answer(settings: HtmlSettings, xml: &str) -> (String, Vec<Note>) {
    let page = Some((plan(parts(settings)), PageMark::Parts));
    answer(HeldBody::doubtful(DoubtfulPlan { coding: Coding::Identity, page, json: None }, Double::linking()), xml)
}

fn fetched() -> HtmlSettings {
    HtmlSettings { may_be_json: true, ..HtmlSettings::default() }
}

fn plan(settings: HtmlSettings) -> HtmlPlan {
    HtmlPlan { coding: Coding::Identity, hold: Hold::ToItsEnd, settings, extended: None }
}

fn answer(mut held: HeldBody<Double>, body: &str) -> (String, Vec<Note>) {
    held.push(body.as_bytes()).unwrap();
    let mut notes = Vec::new();
    loop {
        let Stepped { step, heard } = held.step(Minting::Allowed);
        notes.extend(heard.notes);
        if let HeldStep::Done(HeldAnswer::Original(body) | HeldAnswer::Changed { body, .. }) = step {
            return (String::from_utf8(body.to_vec()).unwrap(), notes);
        }
    }
}

/// The same of a body that streams, in pieces.
fn streamed(settings: &HtmlSettings, body: &str, piece: usize) -> (String, Vec<Note>) {
    let mut page = PageBody::new(Coding::Identity, settings, Double::linking());
    let (mut out, mut notes, mut pieces) = (Vec::new(), Vec::new(), body.as_bytes().chunks(piece));
    loop {
        let Stepped { step, heard } = page.step(&mut out, Minting::Allowed);
        notes.extend(heard.notes);
        match step.unwrap() {
            Step::Again => {}
            Step::NeedsInput => match pieces.next() {
                Some(piece) => page.push(bytes::Bytes::copy_from_slice(piece)),
                None => page.finish_input(),
            },
            Step::Done | Step::Cut => break,
        }
    }
    (String::from_utf8(out).unwrap(), notes)
}

#[test]
fn slots_in_parts_of_a_page_are_filled_and_what_is_no_markup_there_stays() {
    for page in [
        "<?xml version='1.0'?><partial-response id='j'><changes><update id='a'><![CDATA[<p>@]]></update></changes></partial-response>",
        "<ajax-response><component id='a'><![CDATA[ \r\n<div>@</div>]]></component><x><![CDATA[<b>@]]></x></ajax-response>",
        "<u><![CDATA[<iframe src='/x'/>]]></u><u><![CDATA[<p>@]]></u>",
        "<u><![CDATA[<p title=\"]]></u><u><![CDATA[<p>@]]></u><u><![CDATA[<script>]]></u><u><![CDATA[<p>@]]></u>",
        "<u><![CDATA[<p>@]]></u><u><![CDATA[<p>#",
        "<u><![CDATA[]]></u><u><![CDATA[5:6]]></u><u><![CDATA[<td>@</td>]]></u>",
        "<eval><![CDATA[if (a<b) { x('#'); }]]></eval><u><![CDATA[<p>@]]></u>",
        "<update id='javax.faces.ViewRoot'><![CDATA[<!DOCTYPE html><html><head><title>#</title></head><body>@</body></html>]]></update>",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><div id='a'>@</div></body></html>",
        "<u><![CDATA[<script>//<![CDATA[\nx('#')\n//]]]]><![CDATA[>\n</script>@]]></u><u><![CDATA[<p>@]]></u>",
        "<u><![CDATA[<p>a]]]]><![CDATA[>@b]]]]><![CDATA[>@]]></u><u><![CDATA[]]]]><![CDATA[>#]]></u>",
        "<u><![CDATA[<p>a]]><![CDATA[@]]><![CDATA[<p>@]]]></u>",
        "<u><!-- # --><![CDATA[<textarea>#</textarea>@]]></u>",
    ] {
        let source = page.replace(['@', '#'], SLOT);
        let expected = page.replace('@', FILLED).replace('#', SLOT);
        assert_eq!(xml_answer(HtmlSettings::default(), &source), (expected, vec![]));
    }
}

#[test]
fn xml_that_is_data_stays_as_it_is() {
    for xml in ["<rows><row><a href='https://sigma.test/acme/workbook/R-1'/></row></rows>", "<x><![CDATA[a <b>]]></x>"]
    {
        assert_eq!(xml_answer(HtmlSettings::default(), xml), (xml.to_owned(), vec![]));
    }
}

#[test]
fn a_redirect_beside_parts_leads_to_the_stable_link() {
    let redirect = |url: &str| format!("<partial-response><redirect url=\"{url}\"></redirect></partial-response>");
    let sigma = redirect("https://sigma.test/acme/workbook/R-1?a=1&amp;b=2");
    let link = redirect("https://crm.test/sigma/embed/revenue");
    assert_eq!(xml_answer(HtmlSettings::default(), &sigma), (link, vec![]));
    assert_eq!(linked(&sigma), sigma);
    assert_eq!(xml_answer(HtmlSettings::default(), &redirect("/x.xhtml")), (redirect("/x.xhtml"), vec![]));
}

#[test]
fn an_insert_finds_its_element_when_a_part_brings_it_again_and_ends_with_the_part() {
    let answers = |part: &str| {
        format!("<partial-response><u><![CDATA[<b>x]]></u><u><![CDATA[{part}]]></u><u>x</u></partial-response>")
    };
    for (place, part, expected) in [
        (InsertPlace::Append, "<div id='x'>old</div>y", "<div id='x'>old@</div>y"),
        (InsertPlace::Replace, "<div id='x'>old</div>y", "<div id='x'>@</div>y"),
        (InsertPlace::Append, "<div id='x'>old", "<div id='x'>old@"),
        (InsertPlace::Replace, "<ul><li id=x>old", "<ul><li id=x>@"),
        (InsertPlace::Replace, "<p id=x>old<textarea>x", "<p id=x>@"),
    ] {
        let (out, notes) = xml_answer(insert("#x", place), &answers(part));
        let frame = out.find("<iframe").and_then(|at| out[at..].split_inclusive("</iframe>").next()).unwrap();
        assert_eq!((out.as_str(), notes), (answers(&expected.replace('@', frame)).as_str(), vec![]));
    }
    let none = vec![Note::InsertUnmatched("#y".to_owned())];
    let xml = answers("<p>x</p>");
    assert_eq!(xml_answer(insert("#y", InsertPlace::Append), &xml), (xml.clone(), none));
    let xhtml = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p id='x'>old</p></body></html>";
    let (out, notes) = xml_answer(insert("#x", InsertPlace::Append), xhtml);
    assert!(out.contains("old<iframe src=") && notes.is_empty(), "{out}");
}

#[test]
fn however_many_parts_an_answer_has_each_thing_is_noted_once() {
    let xml = format!("<a>{}</a>", "<update><![CDATA[<p>x</p>]]></update>".repeat(20_000));
    let noted = vec![Note::InsertUnmatched("#here".to_owned())];
    assert_eq!(xml_answer(insert("#here", InsertPlace::Append), &xml), (xml, noted));
}

#[test]
fn what_turbo_puts_in_is_shown_and_other_templates_are_not() {
    for page in [
        "<turbo-stream action='replace' target='x'><template>@</template></turbo-stream>",
        "<TURBO-STREAM action=append targets='.x'>\n<TEMPLATE><tr><td>@</td></tr></TEMPLATE></TURBO-STREAM>@",
        "<turbo-stream><template><template>#</template>@</template></turbo-stream><template>#</template>",
        "<turbo-frame id=x><template>#</template>@</turbo-frame>",
    ] {
        assert_eq!(linked(&page.replace(['@', '#'], SLOT)), page.replace('@', FILLED).replace('#', SLOT));
    }
}

#[test]
fn a_link_of_svg_leads_to_the_stable_link() {
    const LINK: &str = "https://crm.test/sigma/embed/revenue";
    const URL: &str = "https://sigma.test/acme/workbook/R-1";
    let any = HtmlSettings { syntax: Syntax::AnyXml, ..HtmlSettings::default() };
    for (page, settings) in [
        ("<svg><a href='@'><path/></a></svg>", HtmlSettings::default()),
        ("<svg><g><a XLINK:HREF='@' target=x><text>t</text></a></g></svg>", HtmlSettings::default()),
        ("<svg><a xlink:href='#' href='@'/></svg>", HtmlSettings::default()),
        ("<svg><a href='@' xlink:href='#'/><use href='#'/></svg>", HtmlSettings::default()),
        (
            "<svg><template><a href='@'/></template><foreignObject><a href='@'>x</a></foreignObject></svg>",
            HtmlSettings::default(),
        ),
        ("<math><a href='#'>x</a></math><svg><image xlink:href='#'/></svg>", HtmlSettings::default()),
        ("<a xlink:href='#'>x</a><template><svg><a href='#'/></svg></template>", HtmlSettings::default()),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'><g><a xlink:href='@'><rect/></a></g><font color='x'/><a href='@'/></svg>",
            any.clone(),
        ),
        ("<svg><a href='#'/></svg><x xmlns='urn:x'><a href='#'/></x>", any),
    ] {
        let (out, notes) = rewritten(&page.replace(['@', '#'], URL), &settings, Double::signing());
        assert_eq!((out, notes), (page.replace('@', LINK).replace('#', URL), vec![]));
    }
}

#[test]
fn json_that_is_called_a_page_keeps_every_byte() {
    let told = vec![Note::NotRewritten(Untouched::JsonAsPage)];
    for json in [
        r#"{"html":"<iframe data-sigma-embed='revenue'></iframe>"}"#,
        "\u{feff} {\n \"html\":\"<div id='x'><iframe data-sigma-embed=revenue></iframe></div>\"}",
        r#"[{"a":"<a href=https://sigma.test/acme/workbook/R-1>r</a>"}]"#,
        r#")]}',["<iframe data-sigma-embed='revenue'></iframe>"]"#,
        r#""<iframe data-sigma-embed='revenue'></iframe>""#,
    ] {
        assert_eq!(answer(HeldBody::page(plan(fetched()), Double::linking()), json), (json.to_owned(), told.clone()));
        let inserts = HtmlSettings { may_be_json: true, ..insert("#x", InsertPlace::Append) };
        assert_eq!(answer(HeldBody::page(plan(inserts), Double::linking()), json), (json.to_owned(), told.clone()));
        for piece in [1, 5, 10_000] {
            assert_eq!(streamed(&fetched(), json, piece), (json.to_owned(), told.clone()), "{piece}");
        }
    }
}

#[test]
fn a_part_that_a_script_asks_for_is_filled_however_it_begins() {
    for page in ["{{title}}@", " \n@", "[1] @", "{@", "for @", "\"x\" @", "@", "  "] {
        let source = page.replace('@', SLOT);
        for piece in [1, 3, 10_000] {
            assert_eq!(streamed(&fetched(), &source, piece), (page.replace('@', FILLED), vec![]), "{page} {piece}");
        }
    }
    // A navigation shows it, as it shows any text with tags in it.
    let json = r#"{"html":"@"}"#;
    assert_eq!(linked(&json.replace('@', SLOT)), json.replace('@', FILLED));
}

#[test]
fn a_new_attribute_has_the_quotes_of_the_one_that_asks_for_it() {
    for (page, expected) in [
        (
            "x(\"<iframe data-sigma-embed='revenue'>\")",
            "x(\"<iframe src='/sigma/embed/revenue' data-sigma-embed='revenue'>\")",
        ),
        ("<iframe data-sigma-embed=revenue>", "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=revenue>"),
        ("<iframe data-sigma-embed=\"revenue\">", "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=\"revenue\">"),
        (
            "<iframe title='x' data-sigma-embed=\"revenue\">",
            "<iframe src=\"/sigma/embed/revenue\" title='x' data-sigma-embed=\"revenue\">",
        ),
    ] {
        for piece in [1, 10_000] {
            assert_eq!(streamed(&HtmlSettings::default(), page, piece).0, expected);
        }
    }
}

#[test]
fn a_body_without_a_type_that_begins_as_xml_is_read_as_xml_where_it_is_a_document() {
    let xhtml = |slot: &str| {
        format!("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{slot}</body></html>")
    };
    for (may_be_xml, expected) in [(true, FILLED), (false, SLOT)] {
        let page = Some((plan(HtmlSettings::default()), PageMark::Sniffed { may_be_xml }));
        let held = HeldBody::doubtful(DoubtfulPlan { coding: Coding::Identity, page, json: None }, Double::linking());
        assert_eq!(answer(held, &xhtml(SLOT)), (xhtml(expected), vec![]), "{may_be_xml}");
    }
}

fn delta(records: &[(&str, &str, &str)]) -> String {
    let length = |text: &str| text.encode_utf16().count();
    records.iter().map(|(kind, id, content)| format!("{}|{kind}|{id}|{content}|", length(content))).collect()
}

fn delta_answer(settings: HtmlSettings, text: &str) -> (String, Vec<Note>) {
    let page = Some((plan(settings), PageMark::Delta));
    answer(HeldBody::doubtful(DoubtfulPlan { coding: Coding::Identity, page, json: None }, Double::linking()), text)
}

#[test]
fn an_update_panel_is_filled_and_its_length_is_what_a_script_counts() {
    let records = |slot: &str, redirect: &str| {
        let panel = format!("\u{1f600}<p>Gr\u{f6}\u{df}e|</p>{slot}");
        let all = [
            ("#", "", "4"),
            ("updatePanel", "ctl00_main", &panel),
            ("updatePanel", "ctl00_other", "12|x|"),
            ("hiddenField", "__VIEWSTATE", "/wEPDwUK|"),
            ("scriptBlock", "ScriptContentNoTags", "x('<iframe data-sigma-embed=revenue>')"),
            ("pageRedirect", "", redirect),
        ];
        delta(&all)
    };
    let [sigma, link] = ["sigma.test%2facme%2fworkbook%2fR-1%3fa%3d1", "crm.test%2Fsigma%2Fembed%2Frevenue"];
    let (from, to) = (format!("https%3a%2f%2f{sigma}"), format!("https%3A%2F%2F{link}"));
    for mark in ["", "\u{feff}"] {
        let (source, expected) = (format!("{mark}{}", records(SLOT, &from)), format!("{mark}{}", records(FILLED, &to)));
        assert_eq!(delta_answer(HtmlSettings::default(), &source), (expected, vec![]));
    }
    let other = records("<a href='/x'>x</a>", "%2fx.aspx");
    assert_eq!(delta_answer(HtmlSettings::default(), &other), (other, vec![]));
}

#[test]
fn an_update_panel_whose_lengths_are_not_right_stays_and_is_noted() {
    let right = delta(&[("updatePanel", "p", SLOT)]);
    for text in [
        right.replacen("44|", "43|", 1),
        right.replacen("44|", "45|", 1),
        right.replacen("44|", "044|", 1),
        right.replacen("44|", "999999999|", 1),
        format!("{right}x"),
        format!("{right}1|a|"),
        format!("{right}<!-- trace -->"),
        delta(&[("updatePanel", "p", "\u{1f600}")]).replacen("2|", "1|", 1) + &right,
    ] {
        let told = vec![Note::NotRewritten(Untouched::BrokenDelta)];
        assert_eq!(delta_answer(HtmlSettings::default(), &text), (text, told));
    }
    let latin = HtmlSettings { charset: Some(encoding_rs::WINDOWS_1252), ..HtmlSettings::default() };
    let text = delta(&[("updatePanel", "p", &format!("\u{e9}{SLOT}"))]);
    assert_eq!(delta_answer(latin.clone(), &text), (text, vec![Note::NotRewritten(Untouched::Charset)]));
    assert_eq!(delta_answer(latin, &right), (delta(&[("updatePanel", "p", FILLED)]), vec![]));
    // Whatever else is called text is none.
    for text in ["x|y", "Hello <iframe data-sigma-embed=revenue>", "", "12"] {
        assert_eq!(delta_answer(HtmlSettings::default(), text), (text.to_owned(), vec![]));
    }
}

#[test]
fn an_insert_finds_its_element_in_an_update_panel() {
    let panels = |content: &str| {
        delta(&[("updatePanel", "p", &format!("<div id=x>{content}</div>")), ("updatePanel", "q", "<p>x</p>")])
    };
    let (out, notes) = delta_answer(insert("#x", InsertPlace::Replace), &panels("old"));
    let frame = out.split_once("<div id=x>").and_then(|(_, rest)| rest.split_once("</div>")).unwrap().0;
    assert!(frame.starts_with("<iframe src=\"/sigma/embed/revenue\""), "{out}");
    assert_eq!((out.as_str(), notes), (panels(frame).as_str(), vec![]));
    let none = vec![Note::InsertUnmatched("#y".to_owned())];
    assert_eq!(delta_answer(insert("#y", InsertPlace::Append), &panels("old")), (panels("old"), none));
}

#[test]
fn parts_of_a_page_are_wanted_whole_and_nothing_else_that_pauses_is() {
    let jsf = "<?xml version='1.0'?><partial-response><changes><update id='a'><![CDATA[<p>";
    for (mark, came, expected) in [
        (PageMark::Parts, jsf, true),
        (PageMark::Parts, "<rows><row>", false),
        (PageMark::Parts, "", false),
        (PageMark::Delta, "1|#||4|120|updatePanel|", true),
        (PageMark::Delta, "text", false),
        (PageMark::Certain, jsf, false),
        (PageMark::Sniffed { may_be_xml: true }, jsf, false),
    ] {
        let page = Some((plan(parts(HtmlSettings::default())), mark));
        let mut held =
            HeldBody::doubtful(DoubtfulPlan { coding: Coding::Identity, page, json: None }, Double::linking());
        held.push(came.as_bytes()).unwrap();
        assert_eq!(held.is_wanted_whole(), expected, "{mark:?} {came}");
    }
}

#[test]
fn a_page_within_another_that_has_no_tag_of_its_own_ends_no_element_of_it() {
    for (page, end) in [
        ("<div id=x>old<html><head><title>t</title></head><body><p>x</p></body></html>|</div>after", "</div>after"),
        (
            "<table><tr><td id=x>old<html><body>x</body></html>|</td><td>y</td></tr></table>z",
            "</td><td>y</td></tr></table>z",
        ),
        ("<ul><li id=x>old<html>|<li>next</ul>after", "<li>next</ul>after"),
        ("<p id=x>old<html>|<p>next", "<p>next"),
        ("<div id=x>old<body><p>x</p></body>|</div>after", "</div>after"),
        ("<font><p>a</p><body><i id=x>old|</font>b", "</font>b"),
    ] {
        let source = page.replace('|', "");
        for place in [InsertPlace::Append, InsertPlace::Replace] {
            let (out, notes) = rewritten(&source, &insert("#x", place), Double::linking());
            assert!(out.ends_with(&format!("</iframe>{end}")) && notes.is_empty(), "{page}: {out}");
        }
    }
    assert_eq!(linked(&format!("<font>x<body><svg></font>{SLOT}")), format!("<font>x<body><svg></font>{FILLED}"));
}
