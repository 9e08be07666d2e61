//! What a page cannot do to its reading: names that are made to look like others, and elements without an end.

use super::{
    Double,
    html::{insert, linked, rewritten},
};
use crate::{
    limits::{ELEMENT_NAME_BYTES_MAX, LONG_NAMES_MAX, OPEN_ELEMENTS_MAX},
    rewrite::{HtmlRewriter, HtmlSettings, InsertPlace, Note, markup::LOOKS},
};

const FRAME: &str = "<iframe src=\"/sigma/embed/revenue\" title=\"revenue\" width=\"100%\" height=\"600\"></iframe>";
const SLOT: &str = "<iframe data-sigma-embed=revenue></iframe>";
const FILLED: &str = "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=revenue></iframe>";

fn inserted(html: &str, place: InsertPlace) -> (String, Vec<Note>) {
    let (out, notes) = rewritten(html, &insert("#x", place), Double::linking());
    (out.replace(FRAME, "@"), notes)
}

fn lost() -> Vec<Note> {
    vec![Note::InsertLost("#x".to_owned())]
}

/// These have the 64-bit FNV-1a of `script` and `iframe`.
#[test]
fn a_name_that_is_made_to_hash_like_another_is_not_that() {
    let (script, iframe) = ("dhmuteaurmsiowfppqglrvqdtyqvqoihplsr", "isnahkgqqdgjxgqugkewjfxpczqxrihigmkd");
    for page in [
        format!("<script>var c=\"hello </{script}>{SLOT} bye\";</script><p>x</p>"),
        format!("<script><!-- <{script}> </script>{SLOT}").replace(SLOT, "<p>"),
        format!("<{iframe} data-sigma-embed=revenue></{iframe}>"),
    ] {
        assert_eq!(linked(&page), page);
    }
    assert_eq!(linked(&format!("<{script}>{SLOT}")), format!("<{script}>{FILLED}"));
    assert_eq!(linked(&format!("<{iframe}>{SLOT}")), format!("<{iframe}>{FILLED}"));
    let page = |old| format!("<script>var c=\"</{script}><div id=x> bye\";</script><div id=x>{old}</div><p>keep");
    for place in [InsertPlace::Append, InsertPlace::Replace] {
        assert_eq!(inserted(&page(""), place), (page("@"), vec![]));
    }
}

#[test]
fn a_long_name_ends_at_its_own_end_tag() {
    let (name, like) = ("my-dashboard-container", "my-dashboard-content");
    let upper = name.to_uppercase();
    for (name, end) in [(name, name), (name, &upper), (&*"q".repeat(ELEMENT_NAME_BYTES_MAX), &"Q".repeat(256))] {
        let page = |old: &str| format!("<{name} id=x>{old}</{end}><p>keep</p>");
        let old = format!("old<{like}>a</{like}></{like}></{name}-><{name}x>b");
        assert_eq!(inserted(&page(&old), InsertPlace::Replace), (page("@"), vec![]));
        assert_eq!(inserted(&page(&old), InsertPlace::Append), (page(&format!("{old}@")), vec![]));
        for size in 1..40 {
            let mut rewriter = HtmlRewriter::new(&insert("#x", InsertPlace::Replace), Double::linking());
            let mut out = Vec::new();
            page(&old).as_bytes().chunks(size).for_each(|chunk| rewriter.push(chunk, &mut out));
            rewriter.end(&mut out);
            assert_eq!(String::from_utf8(out).unwrap().replace(FRAME, "@"), page("@"), "{size}");
        }
    }
    let xml = HtmlSettings { syntax: crate::rewrite::Syntax::Xml, ..insert("#x", InsertPlace::Replace) };
    let page = |old: &str| format!("<r xmlns='http://www.w3.org/1999/xhtml'><{name} id='x'>{old}</{name}></r>");
    let (out, notes) = rewritten(&page(&format!("<{upper}></{upper}>")), &xml, Double::linking());
    assert_eq!((out.replace(FRAME, "@"), notes), (page("@"), vec![]));
}

#[test]
fn an_element_whose_end_cannot_be_told_gets_no_insert() {
    let long = "q".repeat(ELEMENT_NAME_BYTES_MAX + 1);
    let many: String = (0..LONG_NAMES_MAX).map(|at| format!("<my-dashboard-part-{at}>")).collect();
    for (before, name) in [("", &*long), (&many, "my-dashboard-container")] {
        let page = format!("{before}<{name} id=x>old</{name}>{SLOT}");
        let expected = page.replace(SLOT, FILLED);
        assert_eq!(inserted(&page, InsertPlace::Replace), (expected, lost()));
    }
    let page = |old| format!("{many}<my-dashboard-part-7 id=x>{old}</my-dashboard-part-7>keep");
    assert_eq!(inserted(&page("old"), InsertPlace::Replace), (page("@"), vec![]));
}

#[test]
fn what_is_replaced_ends_though_too_many_elements_are_open_in_it() {
    let deep = OPEN_ELEMENTS_MAX + 100;
    for (open, end, rest) in [
        ("<font>x", "</div>", "<p>KEEP</p></body></html>"),
        ("<b><i>", "</div>", "KEEP"),
        ("<a-b>", "</div>", SLOT),
        ("<svg><g>", "</svg></div>", "KEEP"),
    ] {
        let page = format!("<div id=x>old{}{end}{rest}", open.repeat(deep));
        let (out, notes) = inserted(&page, InsertPlace::Replace);
        assert_eq!(notes, lost(), "{open}");
        assert!(out.starts_with("<div id=x>@"), "{open}: {out}");
        assert!(out.ends_with(&rest.replace(SLOT, FILLED)), "{open}: {out}");
    }
    let cells = format!("<table><tr><td id=x>old{}<td>CELL</table>KEEP", "<font>x".repeat(9_000));
    let expected = "<table><tr><td id=x>@<td>CELL</table>KEEP".to_owned();
    assert_eq!(inserted(&cells, InsertPlace::Replace), (expected, lost()));
    // An element that is the innermost where too many are open ends with the next one.
    let before = "<font>".repeat(OPEN_ELEMENTS_MAX);
    let page = |old| format!("{before}<div id=x>{old}<b>x</b></div>KEEP");
    assert_eq!(inserted(&page("old"), InsertPlace::Replace), (page("@"), lost()));
    let page = |old| format!("{before}<div id=x>{old}</div><b>KEEP</b>");
    assert_eq!(inserted(&page("old"), InsertPlace::Replace), (page("@"), vec![]));
}

#[test]
fn a_template_is_one_however_deep_it_lies() {
    for before in ["<i>".repeat(OPEN_ELEMENTS_MAX + 10), "<div>".repeat(OPEN_ELEMENTS_MAX - 1)] {
        let page = format!("{before}<template>{SLOT}</template>");
        assert_eq!(linked(&page), page);
        assert_eq!(linked(&format!("{page}{SLOT}")), format!("{page}{FILLED}"));
    }
}

/// How many open elements are looked at for each tag.
fn looks(page: &str) -> usize {
    let (mut rewriter, mut out) = (HtmlRewriter::new(&HtmlSettings::default(), Double::linking()), Vec::new());
    let before = LOOKS.get();
    page.as_bytes().chunks(16 * 1024).for_each(|chunk| {
        rewriter.push(chunk, &mut out);
        out.clear();
    });
    (LOOKS.get() - before) / page.bytes().filter(|byte| *byte == b'<').count()
}

/// Each of them looks for something that lies far out, or is not there, at every tag.
#[test]
fn a_page_without_an_end_looks_at_few_of_its_open_elements() {
    for (before, tags) in [
        ("<b><i>", "<b><i></b></i>"),
        ("", "<b><i>"),
        ("<font>", "</x>"),
        ("<font>", "</p>"),
        ("<p><button>", "<p>"),
        ("<svg><g>", "</x>"),
        ("<i>", "</h1>"),
        ("<table><tr><td>", "</tfoot>"),
        ("<div>", "<li></ul>"),
    ] {
        let page = format!("{}{}", before.repeat(OPEN_ELEMENTS_MAX), tags.repeat(100_000 / tags.len()));
        let found = looks(&page);
        assert!(found <= OPEN_ELEMENTS_MAX / 2, "{before} {tags}: {found}");
    }
}
