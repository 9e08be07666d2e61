//! What is a slot, what is not, and what is written there.

use std::sync::Arc;

use http::HeaderValue;

use super::Double;
use crate::{
    embed::EmbedName,
    limits::{META_POLICIES_MAX, OPENING_BYTES_MAX},
    request::Prefix,
    rewrite::{
        FramePolicies, HtmlRewriter, HtmlSettings, Insert, InsertFrame, InsertPlace, Note, PageScript, Selector,
    },
};

const URL: &str = "https://sigma.test/acme/workbook/R-1";

pub(super) fn rewritten(html: &str, settings: &HtmlSettings, filler: Double) -> (String, Vec<Note>) {
    let mut rewriter = HtmlRewriter::new(settings, filler);
    let mut out = Vec::new();
    rewriter.push(html.as_bytes(), &mut out);
    rewriter.end(&mut out);
    (String::from_utf8(out).unwrap(), rewriter.take_heard().notes)
}

pub(super) fn linked(html: &str) -> String {
    rewritten(html, &HtmlSettings::default(), Double::linking()).0
}

pub(super) fn signed(html: &str) -> String {
    rewritten(html, &HtmlSettings::default(), Double::signing()).0
}

pub(in crate::rewrite) fn insert(select: &str, place: InsertPlace) -> HtmlSettings {
    let insert = Insert {
        path: Prefix::parse("/").unwrap(),
        selector: Selector::parse(select).unwrap(),
        place,
        embed: EmbedName::parse("revenue").unwrap(),
        controls: Vec::new(),
        frame: InsertFrame { height: 600, title: "revenue".to_owned(), class: None },
    };
    HtmlSettings { inserts: vec![Arc::new(insert)], ..HtmlSettings::default() }
}

#[test]
fn a_frame_gets_the_link_and_nothing_else() {
    let html = "<p>\n<iframe  data-sigma-embed='revenue' class=x>\n</iframe><iframe data-sigma-embed=revenue name=own src></iframe>";
    let expected = "<p>\n<iframe src='/sigma/embed/revenue'  data-sigma-embed='revenue' class=x>\n</iframe>\
                    <iframe data-sigma-embed=revenue name=own src=\"/sigma/embed/revenue\"></iframe>";
    assert_eq!(linked(html), expected);
}

#[test]
fn a_sigma_url_in_src_or_href_is_a_slot_however_it_is_spelled() {
    for (html, expected) in [
        (format!("<a href={URL}>x"), "<a href=\"https://crm.test/sigma/embed/revenue\">x".to_owned()),
        (
            format!("<A HREF='{URL}?a=1&amp;b=2' id=1>x"),
            "<A HREF='https://crm.test/sigma/embed/revenue' id=1>x".to_owned(),
        ),
        (
            "<iframe name='' src=\"https:&#x2f;&sol;sigma.test/acme/workbook/R-1\"/>".to_owned(),
            "<iframe name='' src=\"/sigma/embed/revenue\"/>".to_owned(),
        ),
        (format!("<IFRAME SRC = {URL} NAME=n>"), "<IFRAME SRC = \"/sigma/embed/revenue\" NAME=n>".to_owned()),
    ] {
        assert_eq!(linked(&html), expected);
    }
}

#[test]
fn with_signed_delivery_a_frame_gets_the_signed_url_and_an_anchor_the_link() {
    let html = "<a data-sigma-embed=revenue>x</a><iframe name=n data-sigma-embed=\"revenue\"></iframe>";
    let expected = format!(
        "<a href=\"https://crm.test/sigma/embed/revenue\" data-sigma-embed=revenue>x</a>\
         <iframe src=\"{URL}?:jwt=1&amp;:embed=true\" name=n data-sigma-embed=\"revenue\"></iframe>"
    );
    assert_eq!(signed(html), expected);
}

#[test]
fn what_the_page_itself_put_beside_the_slot_stays() {
    let html = "<iframe name=n data-sigma-link='javascript:alert(1)' src=x data-sigma-embed=revenue>";
    let expected = format!(
        "<iframe name=n data-sigma-link='javascript:alert(1)' src=\"{URL}?:jwt=1&amp;:embed=true\" data-sigma-embed=revenue>"
    );
    assert_eq!(signed(html), expected);
}

#[test]
fn nothing_else_is_a_slot() {
    let frame = format!("<iframe data-sigma-embed=revenue src={URL}></iframe>");
    for html in [
        format!("<!-- {frame} -->"),
        format!("<script>var x = '{frame}'</script>"),
        format!("<script type=application/json>{{\"x\": \"{frame}\"}}</script>"),
        format!("<style>{frame}</style><title>{frame}</title><textarea>{frame}</textarea>"),
        format!("<noscript>{frame}</noscript><xmp>{frame}</xmp><noembed>{frame}</noembed><noframes>{frame}</noframes>"),
        format!("<template><div>{frame}</div><template></template>{frame}</template>"),
        format!("<div><template></div>{frame}"),
        format!("<svg>{frame}</svg><math>{frame}</math><math><a href={URL}>x</a></math>"),
        format!("<iframe srcdoc=\"{}\" src={URL}></iframe>", frame.replace('"', "&quot;")),
        format!("<iframe>{frame}"),
        format!(
            "<img src={URL}><frame src={URL}><link href={URL}><audio src={URL}><source src={URL}><track src={URL}>"
        ),
        format!("<iframe src='https://evil.test/?u={URL}'></iframe><a ping={URL} href=/x>x</a><input src={URL}>"),
        format!(
            "<form method=POST action={URL}></form><form method=dialog action={URL}></form><form id=x target={URL}>"
        ),
        format!("<iframe data-src={URL} title={URL}></iframe><div data-sigma-embed=revenue></div>"),
        format!("<meta http-equiv=x content='0;url={URL}'><div style='background:url({URL})'>{URL}</div>"),
        format!("<frameset><a href={URL}>x</a>{frame}</frameset><noframes>{frame}</noframes>"),
        format!("<iframe src='javascript:{URL}'></iframe><plaintext>{frame}"),
    ] {
        let (out, notes) = rewritten(&html, &HtmlSettings::default(), Double::signing());
        assert_eq!(out, html);
        // Of a form that is sent by POST it is told.
        let told = if html.starts_with("<form method=POST") { vec![Note::FormPosts] } else { Vec::new() };
        assert_eq!(notes, told);
    }
}

#[test]
fn an_embed_that_nobody_knows_is_left_as_it_is() {
    let html = "<iframe data-sigma-embed=\"other\"></iframe><iframe data-sigma-embed='rev&#101;nue2'>";
    let (out, notes) = rewritten(html, &HtmlSettings::default(), Double::linking());
    assert_eq!(out, html);
    assert_eq!(notes, ["other", "revenue2"].map(|name| Note::UnknownEmbed(name.to_owned())));
}

#[test]
fn a_slot_behind_a_template_is_a_slot_again() {
    let html = "<template><p></template><a data-sigma-embed=revenue>";
    assert_eq!(
        linked(html),
        "<template><p></template><a href=\"https://crm.test/sigma/embed/revenue\" data-sigma-embed=revenue>"
    );
}

#[test]
fn behind_a_base_links_are_whole_however_it_is_spelled() {
    for base in ["//cdn.test/", "https:cdn.test", "\\\\evil.test\\", "/\\evil.test/", "/\t/evil.test/", "/app/"] {
        let html = format!("<base href=\"{base}\"><a href={URL}>");
        let expected = format!("<base href=\"{base}\"><a href=\"https://crm.test/sigma/embed/revenue\">");
        assert_eq!(linked(&html), expected);
    }
    let html = format!("<base target=_top><iframe src={URL}></iframe><base href=/x>");
    assert_eq!(linked(&html), html.replace(URL, "\"/sigma/embed/revenue\""));
    let html = format!("<base href=/x><iframe src={URL}></iframe>");
    assert_eq!(linked(&html), html.replace(URL, "\"https://crm.test/sigma/embed/revenue\""));
}

fn under(policies: &[&'static str]) -> HtmlSettings {
    let lines: Vec<HeaderValue> = policies.iter().map(|line| HeaderValue::from_static(line)).collect();
    HtmlSettings { policies: FramePolicies::of_head(&lines), ..HtmlSettings::default() }
}

#[test]
fn a_policy_that_blocks_the_stable_link_is_noted_once_and_only_for_frames() {
    let settings = under(&["default-src 'none'; script-src 'nonce-abc='"]);
    let html = "<iframe data-sigma-embed=revenue></iframe>".repeat(2);
    let (out, notes) = rewritten(&html, &settings, Double::linking());
    assert!(out.starts_with("<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=revenue>"), "{out}");
    assert_eq!(notes, [Note::CspBlocksFrame]);
    for html in ["<p>no slot", "<a data-sigma-embed=revenue>"] {
        assert_eq!(rewritten(html, &settings, Double::linking()).1, [], "{html}");
    }
    // Sigma itself stands in a frame of the embed page, which has a policy of its own.
    for policy in ["frame-src 'self'", "default-src 'self'", "frame-src https://crm.test/sigma/", "img-src 'none'"] {
        assert_eq!(rewritten(&html, &under(&[policy]), Double::linking()).1, [], "{policy}");
    }
}

/// Of a page's head or of its `<meta>`: where it does not let Sigma in, the frame gets the link.
#[test]
fn a_policy_that_does_not_let_sigma_in_gets_no_signed_url() {
    let frame = "<iframe data-sigma-embed=revenue></iframe>";
    let meta = |policy: &str| format!("<meta HTTP-EQUIV=\"Content-Security-policy\" content=\"{policy}\">");
    let blocking = meta("default-src &#39;self&#39;");
    for (head, html, is_signed) in [
        (&[][..], frame.to_owned(), true),
        (&["frame-src 'self' https://sigma.test"], frame.to_owned(), true),
        (&["frame-src 'self'"], frame.to_owned(), false),
        (&["frame-src 'self' https://sigma.test, frame-src 'self'"], frame.to_owned(), false),
        (&["frame-src *", "default-src 'self'"], frame.to_owned(), false),
        (&[], format!("<head>{blocking}</head>{frame}"), false),
        (&[], format!("{blocking}{frame}"), false),
        (&["frame-src *"], format!("<html><head>{}{blocking}<body>{frame}", meta("frame-src *")), false),
        (&[], format!("<head>{}</head>{frame}", meta("frame-src 'self' https://sigma.test")), true),
        // It still goes into the head.
        (&[], format!("<head></head>{blocking}{frame}"), false),
        (&[], format!("<title></title><template><p>x</template><noscript><p>x</noscript>{blocking}{frame}"), false),
        // Browsers pass over these, in the body.
        (&[], format!("<head><title></title><body>{blocking}{frame}"), true),
        (&[], format!("<html>x{blocking}{frame}"), true),
        (&[], format!("<head><p>{blocking}{frame}"), true),
        (&[], format!("<my-app></my-app>{blocking}{frame}"), true),
        // And these are none.
        (&[], format!("<head><template>{blocking}</template><!-- {blocking} --></head>{frame}"), true),
        (&[], format!("<head><noscript>{blocking}</noscript></head>{frame}"), true),
        (&[], format!("<head><meta http-equiv=x content=\"frame-src 'self'\"></head>{frame}"), true),
        (&[], frame.to_owned() + &blocking, true),
    ] {
        let (out, _) = rewritten(&html, &under(head), Double::signing());
        assert_eq!(out.contains(":jwt="), is_signed, "{head:?} {html}");
        assert_eq!(out.contains("src=\"/sigma/embed/revenue\""), !is_signed, "{head:?} {html}");
    }
}

#[test]
fn a_page_with_more_policies_than_are_read_lets_nothing_in() {
    let html = |count: usize| {
        let meta = "<meta http-equiv=content-security-policy content='frame-src *'>".repeat(count);
        format!("<head>{meta}</head><iframe data-sigma-embed=revenue></iframe>")
    };
    for (count, is_signed) in
        [(META_POLICIES_MAX, true), (META_POLICIES_MAX + 1, false), (3 * META_POLICIES_MAX, false)]
    {
        assert_eq!(signed(&html(count)).contains(":jwt="), is_signed, "{count}");
    }
}

#[test]
fn an_inserts_frame_has_its_height_title_and_class_in_quotes() {
    let mut settings = insert("main", InsertPlace::Append);
    let mut insert = (*settings.inserts[0]).clone();
    insert.frame =
        InsertFrame { height: 480, title: "\"Sales\" <2026> & more".to_owned(), class: Some("card it's".to_owned()) };
    settings.inserts = vec![Arc::new(insert)];
    let (out, _) = rewritten("<main></main>", &settings, Double::linking());
    let expected = "<main><iframe src=\"/sigma/embed/revenue\" title=\"&quot;Sales&quot; &lt;2026&gt; &amp; more\" \
                    class=\"card it&#39;s\" width=\"100%\" height=\"480\"></iframe></main>";
    assert_eq!(out, expected);
}

#[test]
fn an_insert_goes_to_the_end_of_the_first_match_only() {
    let (out, notes) =
        rewritten("<div id=a><p>x</p></div><div id=a></div>", &insert("div#a", InsertPlace::Append), Double::linking());
    let frame = "<iframe src=\"/sigma/embed/revenue\" title=\"revenue\" width=\"100%\" height=\"600\"></iframe>";
    assert_eq!(out, format!("<div id=a><p>x</p>{frame}</div><div id=a></div>"));
    assert_eq!(notes, []);
}

#[test]
fn an_insert_replaces_what_is_inside_slots_too() {
    let html = "<main><div class=k>old <iframe data-sigma-embed=revenue></iframe><br></div>after</main>";
    let (out, _) = rewritten(html, &insert("div.k", InsertPlace::Replace), Double::signing());
    let frame = format!(
        "<iframe src=\"{URL}?:jwt=1&amp;:embed=true\" title=\"revenue\" width=\"100%\" height=\"600\"></iframe>"
    );
    assert_eq!(out, format!("<main><div class=k>{frame}</div>after</main>"));
}

#[test]
fn an_element_without_end_tag_ends_with_the_page() {
    let (out, _) = rewritten("<body id=b><p>x", &insert("body", InsertPlace::Append), Double::linking());
    assert!(out.starts_with("<body id=b><p>x<iframe ") & out.ends_with("</iframe>"));
    let (out, _) = rewritten("<body id=b><p>x", &insert("body", InsertPlace::Replace), Double::linking());
    assert!(out.starts_with("<body id=b><iframe ") & out.ends_with("</iframe>"));
}

#[test]
fn an_element_that_cannot_hold_a_frame_gets_none_and_a_note() {
    for html in
        ["<img id=a>", "<textarea id=a></textarea>", "<iframe id=a></iframe>", "<template><p id=a></p></template>"]
    {
        let (out, notes) = rewritten(html, &insert("#a", InsertPlace::Append), Double::linking());
        assert_eq!((out.as_str(), notes), (html, vec![Note::InsertNotPlaced("#a".to_owned())]));
    }
}

#[test]
fn the_page_may_name_its_charset_and_keeps_its_bytes() {
    let (shift_jis, _, _) =
        encoding_rs::SHIFT_JIS.encode("<meta charset=shift_jis><p>表示ソ<a title=\"能\" data-sigma-embed=revenue>十");
    let mut rewriter = HtmlRewriter::new(&HtmlSettings::default(), Double::linking());
    let mut out = Vec::new();
    rewriter.push(&shift_jis, &mut out);
    rewriter.end(&mut out);
    let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&out);
    assert_eq!(
        text,
        "<meta charset=shift_jis><p>表示ソ<a href=\"https://crm.test/sigma/embed/revenue\" title=\"能\" data-sigma-embed=revenue>十"
    );
}

#[test]
fn a_page_gets_its_script_before_all_that_is_its_own_once_and_keeps_every_other_byte() {
    let settings = HtmlSettings { script: PageScript::Tag("<script></script>".to_owned()), ..HtmlSettings::default() };
    for (html, expected) in [
        ("<!doctype html><head><title>x", "<!doctype html><head><script></script><title>x"),
        (
            "<iframe data-sigma-embed=revenue>",
            "<script></script><iframe src=\"/sigma/embed/revenue\" data-sigma-embed=revenue>",
        ),
        ("<head><iframe srcdoc=\"<head>\">", "<head><script></script><iframe srcdoc=\"<head>\">"),
        ("<html><!-- <head> -->", "<html><!-- <head> -->"),
        ("", ""),
    ] {
        let (out, notes) = rewritten(html, &settings, Double::linking());
        assert_eq!((out.as_str(), notes), (expected, Vec::new()));
    }
    let late = format!("<!--{}--><head>", "x".repeat(OPENING_BYTES_MAX));
    assert_eq!(rewritten(&late, &settings, Double::linking()), (late, vec![Note::ScriptNotPlaced]));
    let blocked = HtmlSettings { script: PageScript::Blocked, ..HtmlSettings::default() };
    let page = "<head></head>".to_owned();
    assert_eq!(rewritten(&page, &blocked, Double::linking()), (page, vec![Note::CspBlocksScript]));
}
