//! Where an inserted frame goes: to the end of its element, or in place of what is in it, where a browser ends that.

use super::{
    Double,
    html::{insert, rewritten},
};
use crate::limits::PAGE_END_BYTES_MAX;
use crate::rewrite::{HtmlRewriter, HtmlSettings, InsertPlace, Note, Syntax, Untouched};

const FRAME: &str = "<iframe src=\"/sigma/embed/revenue\" title=\"revenue\" width=\"100%\" height=\"600\"></iframe>";

fn inserted(html: &str, place: InsertPlace, syntax: Syntax) -> (String, Vec<Note>) {
    let settings = HtmlSettings { syntax, ..insert("#x", place) };
    let (out, notes) = rewritten(html, &settings, Double::linking());
    (out.replace(FRAME, "@"), notes)
}

/// `{` and `}` stand where the element's content begins and ends.
fn check(marked: &str, syntax: Syntax) {
    let html = marked.replace(['{', '}'], "");
    let appended = marked.replace('{', "").replace('}', "@");
    assert_eq!(inserted(&html, InsertPlace::Append, syntax), (appended, vec![]), "{html}");
    let (before, rest) = marked.split_once('{').unwrap();
    let replaced = format!("{before}@{}", rest.split_once('}').unwrap().1);
    assert_eq!(inserted(&html, InsertPlace::Replace, syntax), (replaced, vec![]), "{html}");
}

#[test]
fn an_element_ends_where_a_browser_ends_it() {
    for marked in [
        "<body><div id=x>{old}</div><p>after</p></body>",
        "<html><body id=x>{old}</body></html>",
        "<body><p id=x>{old text}<p>second<p>third<div>main</div><form><input name=a></form></body>",
        "<body><p id=x>{old}<div>REST OF PAGE</div><p>x</p></body>",
        "<div><p id=x>{old}</div>after",
        "<p id=x>{old<b>bold</b><br>}<h2>next</h2>",
        "<p id=x>{old <span><a href=y>y</a>}<ul><li>a</ul>",
        "<p id=x>{old<table><tr><td>in quirks mode</table>}<p>after",
        "<!doctype html><p id=x>{old}<table><tr><td>a</table>",
        "<p id=x>{a<button>b<p>c<div>d</div></button>}<div>e</div>",
        "<p id=x>{a<svg><foreignObject><p>b<div>c</div></foreignObject></svg>}<div>e</div>",
        "<ul><li id=x>{old}<li>two<li>three</ul><p>after",
        "<ul><li id=x>{old<ul><li>a<li>b</ul>}<li>two</ul>",
        "<ul><li id=x>{old<div><p>a</div>}<li>two</ul>",
        "<ul><li>a<li id=x>{old}</ul><p>after",
        "<dl><dt id=x>{a}<dd>b<dt>c</dl>",
        "<dl><dt>a<dd id=x>{b}<dt>c</dl>",
        "<dl><dt>a<dd id=x>{b}</dl>c",
        "<table><tr><td id=x>{old}<td>amount 100<tr><td>row2</table><p>after",
        "<table><tr><td>a<td id=x>{old<b>b<div>c}<tr><td>row2<td>200</table><p>after",
        "<table><tr><td>a<th id=x>{old}</table><p>after",
        "<table><tr><td id=x>{old}</tr></table>after",
        "<table><tr><td id=x>{old<table><tr><td>inner<tr><td>b</table>c}<td>d</table>",
        "<table><tbody><tr><td id=x>{old}<tbody><tr><td>b</table>",
        "<table><tr><td id=x>{old}</tbody></table>",
        "<table><caption id=x>{old}<tr><td>b</table>",
        "<table><tr><td><div id=x>{old<b>bold}</td><td>next</td></tr></table>after",
        "<table><tr><td id=x>{a</body></html></div></li></option>}</td></table>",
        "<body><div id=x>{old<p>all the rest}</body></html>",
        "<div id=x>{old<p>all the rest}",
        "<section><div id=x>{old<p>all}</section>rest",
        "<h1 id=x>{a}<h2>b</h2>",
        "<h1 id=x>{a}</h3>b",
        "<div id=x>{<script>var x='</div>'</script>y}</div>after",
        "<div id=x>{<!-- </div> --><textarea></div></textarea><style></div></style>}</div>after",
        "<div id=x>{<template></div></template><iframe></div></iframe>}</div>after",
        "<div id=x>{<svg><title></div></title></svg>}</div>after",
        "<div id=x>{<b>a}</div></div>",
        "<table><td id=x>{a}</tr></table>",
        "<table><thead><tr><td id=x>{a</tbody>}</thead></table>",
        "<tr><td id=x>{a}<td>b</tr>",
        "<table><tr><td>a</td><tr><td><table id=y><tr><td id=x>{b}</table>c</table>",
        "<b id=x>{a<i>b}</b>c</i>",
        "<b id=x>{a<p>b}</b>c</p>d",
        "<a id=x>{a}<a>b</a>",
        "<b>a<div><span id=x>{b}</b>c</span></div>",
        "<font><p>a<i id=x>{b}</font>c</i></p>",
        "<b>a<div>b<p id=x>{c<span>d</b>e}</div>",
        "<em><dialog id=x>{a}</em>b</dialog>",
        "<ruby><dialog id=x>{a}</ruby>b</dialog>",
        "<button id=x>{a}<button>b</button>",
        "<ruby>a<rt id=x>{b}<rp>c</ruby>",
        "<ruby>a<rt id=x>{b}</ruby>",
        "<form id=x>{<div>a}</form></div>",
        "<DIV ID=x>{old}</DIV>after",
        "<div id=x />{<p>after</p>}",
        "<form><fieldset id=x>{<legend>a<p>b}</fieldset></form>",
        "<object id=x>{<param name=a><div>b}</object>c",
    ] {
        check(marked, Syntax::Html);
    }
}

#[test]
fn what_ends_nothing_in_a_browser_ends_no_element() {
    for marked in [
        "<div id=x>{old</body><p>more</p>}</div>after</body></html>",
        "<div id=x>{old</html></body> <p>more}</body>\n<!-- end --></HTML >\n",
        "<div id=x>{old</body><script>1</script>}",
        "<body id=x>{old</body>text}",
        "<form id=x>{a<form><p>b}</form>c</form>d",
        "<form><p id=x>{a}</form>b",
        "<form><div id=x>{a</form>b}</div>c",
        "<div><form></div><div id=x>{a<form>b</form>c}</div>d",
        "<template><form></template><form id=x>{a}</form>b",
        "<!doctype html><div id=x>{a<td>b<tr>c</td>d}</div>e",
        "<html><tr><td><div id=x>{a<td>b}</div>e",
        "<table><caption id=x>{a</tbody>b</tr>c}</caption></table>",
        "<rt id=x>{a<rtc>b</rtc>}</rt>c",
        "<ruby><rt id=x>{a<p>b}<rt>c</ruby>",
        "<ruby><rtc id=x>{a<rt>b<rp>c}<rb>d</ruby>",
        "<div id=&#120;>{a}</div>",
        "<div title='&quot;&#39;' id=\"&#x78;\">{a}</div>",
        "<center id=x>{<font>a<table><tr><td></center></table>}</center>b",
    ] {
        check(marked, Syntax::Html);
    }
}

#[test]
fn what_a_browser_drops_holds_nothing() {
    for html in [
        "<form><form id=x>a</form></form>",
        "<table><form></table><form id=x>a</form>",
        "<!doctype html><td id=x>a</td>",
        "<body><caption id=x>a</caption>",
    ] {
        let expected = (html.to_owned(), vec![Note::InsertNotPlaced("#x".to_owned())]);
        assert_eq!(inserted(html, InsertPlace::Replace, Syntax::Html), expected, "{html}");
    }
}

#[test]
fn an_insert_that_waits_goes_behind_a_page_that_goes_on_for_long() {
    let end = format!("</body><!--{}--></html>", "-".repeat(PAGE_END_BYTES_MAX));
    for (end, place) in [(&end[..], end.len()), ("</body></html> x", 16), ("</body><!-- x", 0), ("</body>", 0)] {
        let html = format!("<div id=x>old{end}");
        let (before, behind) = html.split_at("<div id=x>old".len() + place);
        let (out, notes) = inserted(&html, InsertPlace::Append, Syntax::Html);
        let lost = end.ends_with("<!-- x");
        let expected = if lost { html.clone() } else { format!("{before}@{behind}") };
        assert_eq!((out, notes.len()), (expected, usize::from(lost)), "{html}");
    }
}

#[test]
fn an_element_of_xml_ends_where_it_says() {
    for marked in [
        "<div id=\"x\">{<p>a</p><br/>b}</div>c",
        "<p id=\"x\">{<div>a</div>}</p>b",
        "<div ID=\"x\">a</div><div id=\"&#120;\">{b}</div>",
        "<div id=\"x\">{<![CDATA[</div>]]><script>&lt;</script><div/>}</div>",
    ] {
        check(&format!("<html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{marked}</body></html>"), Syntax::Xml);
    }
    for place in [InsertPlace::Append, InsertPlace::Replace] {
        let page = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><div id=\"x\"/><p>after</p></body></html>";
        let expected = page.replace("\"x\"/>", "\"x\">@</div>");
        assert_eq!(inserted(page, place, Syntax::Xml), (expected, vec![]));
    }
}

#[test]
fn a_void_element_of_xml_stays_empty() {
    let page = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><hr id=\"x\"/></body></html>";
    let expected = (page.to_owned(), vec![Note::InsertNotPlaced("#x".to_owned())]);
    assert_eq!(inserted(page, InsertPlace::Append, Syntax::Xml), expected);
}

#[test]
fn a_decoy_does_not_use_an_insert_up() {
    for decoy in [
        "<template><i id=x></i></template>",
        "<input id=x>",
        "<!--<div id=x>-->",
        "<script>'<div id=x>'</script>",
        "<svg><g id=x></g></svg>",
        "<textarea id=x></textarea>",
        "<select><option id=x>a</select>",
        "<noscript><div id=x></div></noscript>",
        "<table id=x><tr id=x><td>a</table>",
        "<iframe id=x></iframe>",
        "<canvas id=x></canvas>",
        "<video id=x></video>",
        "<audio id=x></audio><meter id=x></meter><progress id=x></progress><datalist id=x></datalist>",
    ] {
        check(&format!("{decoy}<div id=x>{{real}}</div><div id=x>second</div>"), Syntax::Html);
    }
}

#[test]
fn a_selector_that_finds_no_place_is_noted_by_what_it_found() {
    let note = |make: fn(String) -> Note| vec![make("#x".to_owned())];
    for (html, expected) in [
        ("<p>nothing", note(Note::InsertUnmatched)),
        ("", note(Note::InsertUnmatched)),
        ("<!-- <div id=x></div>", note(Note::InsertUnmatched)),
        ("<hr id=x>", note(Note::InsertNotPlaced)),
        ("<table id=x><tr><td>x</table>", note(Note::InsertNotPlaced)),
        ("<select><option id=x>a</select>", note(Note::InsertNotPlaced)),
        ("<template><div id=x></div>", note(Note::InsertNotPlaced)),
        ("<div id=x>a<!-- </div>", note(Note::InsertLost)),
        ("<div id=x><script></div>", note(Note::InsertLost)),
        ("<canvas id=x></canvas>", note(Note::InsertNotPlaced)),
        // A frame in these is none, or nobody sees it.
        ("<div id=x>a<template></div>b", note(Note::InsertLost)),
        ("<div id=x>a<template><p></body></html>", note(Note::InsertLost)),
        ("<div id=x>a<svg><path></div>b", note(Note::InsertLost)),
        ("<p id=x>a<math><mrow><p>b", note(Note::InsertLost)),
        ("<div id=x>a<svg><g></body>", note(Note::InsertLost)),
    ] {
        assert_eq!(inserted(html, InsertPlace::Append, Syntax::Html), (html.to_owned(), expected), "{html}");
    }
    let deep = "<div>".repeat(100_000);
    let found = inserted(&format!("{deep}<p id=x>"), InsertPlace::Append, Syntax::Html);
    assert_eq!(found, (format!("{deep}<p id=x>@"), vec![]));
}

#[test]
fn selectors_are_followed_through_elements_without_end_tags() {
    let table = "<table><tr><td>a<td>b<tr><td>c<td class=k>d</table><p>e";
    for (select, expected) in [
        ("tr:nth-child(2) > td:nth-child(2)", "<table><tr><td>a<td>b<tr><td>c<td class=k>d@</table><p>e"),
        ("table td.k", "<table><tr><td>a<td>b<tr><td>c<td class=k>d@</table><p>e"),
        ("p, td", "<table><tr><td>a@<td>b<tr><td>c<td class=k>d</table><p>e"),
        ("td td", table),
        ("td p", table),
    ] {
        let (out, notes) = rewritten(table, &insert(select, InsertPlace::Append), Double::linking());
        assert_eq!(out.replace(FRAME, "@"), expected, "{select}");
        assert_eq!(notes.len(), usize::from(expected == table), "{select}");
    }
}

/// What passed again in the middle of a script would be markup.
#[test]
fn a_page_that_is_given_up_within_what_is_replaced_loses_all_of_that() {
    let mut rewriter = HtmlRewriter::new(&insert("#x", InsertPlace::Replace), Double::linking());
    let mut out = Vec::new();
    rewriter.push(b"<div id=x><script>var x = \"", &mut out);
    rewriter.give_up(Untouched::Ratio, &mut out);
    rewriter.push(b"<img src=x onerror=y>\";</scr", &mut out);
    rewriter.push(b"ipt></div><iframe data-sigma-embed=revenue></iframe>", &mut out);
    rewriter.end(&mut out);
    let page = String::from_utf8(out).unwrap().replace(FRAME, "@");
    assert_eq!(page, "<div id=x>@</div><iframe data-sigma-embed=revenue></iframe>");
    assert_eq!(rewriter.take_heard().notes, [Note::NotRewritten(Untouched::Ratio)]);
}
