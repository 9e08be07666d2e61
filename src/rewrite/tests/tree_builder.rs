//! What browsers make of a page that is no page of the standard: where SVG ends, which page is a frameset, which template is shown,
//! which doctype counts, how a form is sent, and from where a link leads.

use super::{
    Double,
    html::{insert, linked, rewritten},
};
use crate::rewrite::{HtmlSettings, InsertPlace, Note, Syntax};

const URL: &str = "https://sigma.test/acme/workbook/R-1";
const LINK: &str = "/sigma/embed/revenue";
const WHOLE: &str = "https://crm.test/sigma/embed/revenue";

/// `@` is a slot, `~` one that is none.
fn assert_slots(pages: &[&str]) {
    for page in pages {
        let frame = |url: &str| format!("<iframe src=\"{url}\"></iframe>");
        let html = page.replace(['@', '~'], &frame(URL));
        assert_eq!(linked(&html), page.replace('@', &frame(LINK)).replace('~', &frame(URL)), "{page}");
    }
}

#[test]
fn svg_and_mathml_end_where_browsers_end_them() {
    assert_slots(&[
        "<svg><g></p>@",
        "<svg><g></br>@",
        "<math><mrow></P>@",
        "<svg><g></p><style>.a{content:\"<div>~\"}</style>@",
        "<svg><g></br><title>~</title>@",
        "<svg><foreignObject></p><style>~</style><b>@</foreignObject>@",
        "<svg><foreignObject><b>x</foreignObject>@</svg>@",
        "<svg><foreignObject>x</foreignObject>~</svg>@",
        "<svg><desc>@</desc>~</svg>@",
        "<table><tr><td><svg><td>~<foreignObject><span>@</td>@",
        "<svg><title>@</title>~</svg>@",
        "<math><mi>@</mi>~<mtext>@</mtext></math>@",
        "<math><mi></p>@<mglyph>~</mi>~</math>",
        "<math><annotation-xml>~</annotation-xml></math>@",
        "<math><annotation-xml encoding=text/html>@</p>@</annotation-xml>~</math>@",
        "<math><annotation-xml></p>@",
        "<math><annotation-xml><svg>~<foreignObject>@</foreignObject>~</svg>~</annotation-xml>~",
        "<svg><style>~</style>~<script>~</script>~</svg>@",
        "<svg><style><b>@",
        "<svg><font>~<font face=x>@",
        "<svg><math><mi>~</mi></math></svg>@",
        "<svg><foreignObject><svg>~</svg>@</foreignObject>~",
        "<svg><foreignObject><i></svg>@</foreignObject>@",
        "<p><svg><g></p><table><tr><td></svg>@</table>",
        "<svg></body>~</svg>@",
        "<math></html>~",
    ]);
}

#[test]
fn an_element_ends_not_where_svg_within_it_does() {
    let html = "<div id=x>old<svg><foreignObject><b></div>old</svg>old</div>KEEP</p>";
    let (out, notes) = rewritten(html, &insert("#x", InsertPlace::Replace), Double::linking());
    assert!(out.starts_with("<div id=x><iframe ") && !out.contains("old"), "{out}");
    assert_eq!(notes, []);
}

/// As Chromium and Firefox end them.
#[test]
fn a_select_is_ended_by_its_own_tag_an_input_or_its_cell_and_nothing_in_it_ends_what_is_around() {
    for html in [
        "<div id=x>old<select><option>old</div>old</select>old</div>KEEP",
        "<p id=x>old<select><option>old</p>old<div>old</select>old</p>KEEP",
        "<b id=x>old<select><option>old</b>old</select>old</b>KEEP",
        "<h1 id=x>old<select><option>old</h1><h2>old</select>old</h1>KEEP",
        "<div id=x>old<select><div><option>old</div>old</div>old</select>old</div>KEEP",
        "<div id=x>old<select><option>old<input>old</div>KEEP",
        "<div id=x>old<select><button>old<input>old</div>KEEP",
        "<div id=x>old<select><option>old<select>old</div>KEEP",
        "<div id=x>old<select><table><tr><td>old<input>old</div>old</table></select>old</div>KEEP",
        "<table><tr><td id=x>old<select><option>old<td>KEEP</table>",
        "<table><tr><td><select id=y><option><tr><td id=x>old</table>KEEP",
    ] {
        let (out, notes) = rewritten(html, &insert("#x", InsertPlace::Replace), Double::linking());
        assert!(!out.contains("old") && out.contains("KEEP"), "{html}: {out}");
        assert_eq!(notes, [], "{html}");
    }
}

#[test]
fn a_frame_in_a_select_is_none() {
    for (html, place) in [
        ("<div id=x>a<select><option>b", InsertPlace::Append),
        ("<select><option><span id=x>a</span></select>", InsertPlace::Append),
        ("<select><option><span id=x>a</span></select>", InsertPlace::Replace),
    ] {
        let (out, notes) = rewritten(html, &insert("#x", place), Double::linking());
        assert_eq!((out.as_str(), notes.len()), (html, 1), "{notes:?}");
    }
}

#[test]
fn a_page_with_text_is_no_frameset_and_a_frameset_has_no_body() {
    // `@` and `~` are frames of a set.
    for (page, element) in [
        ("<html><frameset rows=*>@</frameset>", "frame"),
        ("<html> \n<head> <title>x</title> </head> <frameset>@<frameset>@</frameset>@</frameset>~", "frame"),
        ("\u{feff}<!-- x --><!doctype html>\n<frameset>@", "frame"),
        ("<html>hello<frameset rows=*>~</frameset>", "frame"),
        ("<html><p>hello</p><frameset>~", "frame"),
        ("<p>&nbsp;<frameset>~", "frame"),
        ("1 < 2<frameset>~", "frame"),
        ("< <frameset>~", "frame"),
        ("<p><i> </i><frameset>@", "frame"),
        ("<div><span></div>\0 <frameset>x@", "frame"),
        ("<noscript>x</noscript><script>x</script><style>x</style><frameset>@", "frame"),
        ("<br><frameset>~", "frame"),
        ("</br><frameset>~", "frame"),
        ("</p></div><frameset>@", "frame"),
        ("<body><frameset>~", "frame"),
        ("<template><frameset>~", "frame"),
        ("<frameset>@</frameset><frameset>~", "frame"),
        ("<frameset><noframes>~</noframes>@<svg>@<title>@</title></svg></frameset>", "frame"),
        ("<frameset></body></html>@</p>@<table>@", "frame"),
        ("<frameset><frame></frameset><body>~</body></html>", "iframe"),
        ("<frameset>~<noframes>~</noframes></frameset>~<noframes>~</noframes></html>~", "iframe"),
        ("hello<frameset><frame></frameset>@", "iframe"),
        ("<div><frameset>~</div>~", "iframe"),
    ] {
        let end = if element == "iframe" { "</iframe>" } else { "" };
        let frame = |url: &str| format!("<{element} src=\"{url}\">{end}");
        let html = page.replace(['@', '~'], &frame(URL));
        assert_eq!(linked(&html), page.replace('@', &frame(LINK)).replace('~', &frame(URL)), "{page}");
    }
}

#[test]
fn a_frameset_has_no_refresh_and_no_base() {
    let refresh = |url: &str| format!("<meta http-equiv=refresh content='0;url={url}'>");
    let page = |url: &str| format!("<frameset>{}<base href=/x/><frame src='{LINK}'>", refresh(url));
    let html = format!("{}{}", refresh(URL), page(URL).replace(LINK, URL));
    assert_eq!(linked(&html), format!("{}{}", refresh(WHOLE), page(URL)));
}

#[test]
fn an_insert_finds_no_place_in_what_a_frameset_leaves_out() {
    let html = "<frameset><frame></frameset><div id=x>old</div>";
    let (out, notes) = rewritten(html, &insert("#x", InsertPlace::Append), Double::linking());
    assert_eq!((out.as_str(), notes), (html, vec![Note::InsertNotPlaced("#x".to_owned())]));
}

#[test]
fn a_declarative_shadow_root_is_shown_and_a_template_is_not() {
    assert_slots(&[
        "<div><template shadowrootmode=open>@</template>@</div>",
        "<div><TEMPLATE ShadowRootMode='Closed'>@<template>~</template>@</template></div>",
        "<my-card><template shadowrootmode=open>@</template></my-card>",
        "<p><template shadowrootmode=open>@<section><template shadowrootmode=open>@</template></section></template>",
        "<div><template>~</template></div>",
        "<div><template shadowrootmode>~</template></div>",
        "<div><template shadowrootmode=none>~</template></div>",
        "<div><template shadowrootmode=x shadowrootmode=open>~</template></div>",
        "<div><template shadowroot=open>~</template></div>",
        "<a><template shadowrootmode=open>~</template></a>",
        "<ul><li><template shadowrootmode=open>~</template></ul>",
        "<template shadowrootmode=open>~</template>",
        "<div><template shadowrootmode=open>@</template><template shadowrootmode=open>~</template>@</div>",
        "<div><template><div><template shadowrootmode=open>~</template>~</div></template>@</div>",
        "<svg><template shadowrootmode=open>~</template></svg>",
        "<svg><x-y><template shadowrootmode=open>~</template></x-y></svg>",
    ]);
    let page = format!("<div><template shadowrootmode=\"open\"><iframe src=\"{URL}\"/></template></div>");
    let settings = HtmlSettings { syntax: Syntax::Xml, ..HtmlSettings::default() };
    assert_eq!(rewritten(&page, &settings, Double::linking()).0, page);
}

#[test]
fn a_doctype_counts_where_nothing_stands_before_it() {
    for (doctype, is_ended) in [
        ("<!doctype html>", true),
        (" <!-- x --><!x><!doctype html>", true),
        ("\u{feff}<!doctype html>", true),
        ("", false),
        ("x<!doctype html>", false),
        ("<br>Warning<!DOCTYPE html>", false),
        ("</x><!doctype html>", false),
        ("<!doctype x><!doctype html>", false),
        ("<!doctype html><!doctype x>", true),
        ("<!doctype html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN>", false),
    ] {
        let html = format!("{doctype}<p id=x>old<table><tr><td>in</table>");
        let (out, _) = rewritten(&html, &insert("#x", InsertPlace::Replace), Double::linking());
        assert_eq!(out.contains("<table>"), is_ended, "{doctype}: {out}");
    }
}

#[test]
fn what_a_doctype_of_xml_declares_is_no_markup() {
    let (slot, filled) = (format!("<iframe src='{URL}'/>"), format!("<iframe src='{LINK}'/>"));
    for subset in [
        "<!ENTITY x \"]\"> <!ENTITY y \"@\">",
        "<!-- ]> @ ' -->",
        "<?x ]> @ \" ?>",
        "<!ENTITY x ']>'><!-- \" -->%y;<!ELEMENT a (b)>",
    ] {
        let page = format!("<!DOCTYPE html [{subset}]><html><body>@</body></html>");
        let (before, behind) = page.rsplit_once('@').unwrap();
        let before = before.replace('@', &slot);
        let settings = HtmlSettings { syntax: Syntax::Xml, ..HtmlSettings::default() };
        let (out, _) = rewritten(&format!("{before}{slot}{behind}"), &settings, Double::linking());
        assert_eq!(out, format!("{before}{filled}{behind}"));
    }
}

#[test]
fn what_is_sent_by_post_is_left_and_noted_and_what_is_sent_by_get_leads_to_the_link() {
    for (html, is_filled, is_noted) in [
        ("<form action='@'></form>", true, false),
        ("<form method=get action='@'></form>", true, false),
        ("<form method=' post' action='@'></form>", true, false),
        ("<form method=post action='@'></form>", false, true),
        ("<form method=dialog action='@'></form>", false, false),
        ("<form method=POST action=/x><button formaction='@'>x</button></form>", false, true),
        ("<form method=post action=/x><input type=submit formaction='@'></form>", false, true),
        ("<form method=post action=/x><button formmethod=get formaction='@'>x</button></form>", true, false),
        ("<form method=post action=/x></form><button formaction='@'>x</button>", true, false),
        ("<form action=/x><button formmethod=post formaction='@'>x</button></form>", false, true),
        ("<form action=/x><button method=post formaction='@'>x</button></form>", true, false),
        ("<form formmethod=post action='@'></form>", true, false),
        ("<form action=/x><button formaction='@'>x</button></form>", true, false),
        ("<form method=post><form method=get><button formaction='@'>x</button></form>", false, true),
        ("<form method=post action=/x><button form=f formaction='@'>x</button></form>", true, false),
        ("<form method=post action=/x><button formaction=/y>x</button></form>", false, false),
        // Browsers drop a form within another.
        ("<form action=/x><form action='@'></form>", false, false),
        ("<form action=/x><form method=post action='@'></form>", false, false),
        ("<form action=/x></form><form action='@'></form>", true, false),
    ] {
        let page = html.replace('@', URL);
        let expected = html.replace('@', if is_filled { WHOLE } else { URL });
        let notes = if is_noted { vec![Note::FormPosts] } else { Vec::new() };
        assert_eq!(rewritten(&page, &HtmlSettings::default(), Double::linking()), (expected, notes));
    }
    let named = "<form method=post data-sigma-embed=revenue></form><form method=post data-sigma-embed=revenue></form>";
    let found = rewritten(named, &HtmlSettings::default(), Double::linking());
    assert_eq!(found, (named.to_owned(), vec![Note::FormPosts]));
}

#[test]
fn what_leads_on_does_not_depend_on_a_base() {
    for html in [
        "<a href='@'>x</a><base href='http://evil.example/'>",
        "<map><area href='@'></map><svg><base href=/x/></svg>",
        "<form action='@'></form><script>document.head.append(base)</script>",
        "<meta http-equiv=refresh content=\"0;url=@\"><base href=//x>",
    ] {
        assert_eq!(linked(&html.replace('@', URL)), html.replace('@', WHOLE));
    }
}
