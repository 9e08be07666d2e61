//! Pages as applications wrote them over thirty years: every slot of theirs, and what is large or never closed.

use super::{
    Double,
    html::{insert, linked, rewritten, signed},
};
use crate::{
    limits::{ATTRIBUTE_BYTES_MAX, OPEN_ELEMENTS_MAX, REWRITER_BYTES_MAX},
    rewrite::{FramePolicies, HtmlSettings, InsertPlace, Note, Syntax},
};

const URL: &str = "https://sigma.test/acme/workbook/R-1";
const LINK: &str = "/sigma/embed/revenue";
const SLOT: &str = "<iframe data-sigma-embed=revenue></iframe>";
const FILLED: &str = "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=revenue></iframe>";

const WHOLE: &str = "https://crm.test/sigma/embed/revenue";

/// With the link in the place of each `@`: what leads there has the site's origin.
fn filled(page: &str) -> String {
    let whole = |page: String, name: &str| {
        ["'", "\""]
            .iter()
            .fold(page, |page, quote| page.replace(&format!("{name}={quote}@"), &format!("{name}={quote}{WHOLE}")))
    };
    ["href", "action"].into_iter().fold(page.to_owned(), whole).replace('@', LINK)
}

fn as_xml(page: &str) -> String {
    let settings = HtmlSettings { syntax: Syntax::Xml, ..HtmlSettings::default() };
    rewritten(page, &settings, Double::linking()).0
}

#[test]
fn every_element_that_shows_or_leads_to_a_url_is_a_slot() {
    for page in [
        "<html><frameset cols='20%,*'><frame name=menu src=/menu><frame name=main src=\"@\"></frameset></html>",
        "<FRAMESET rows=*><frameset cols=*><FRAME SRC='@'></FRAMESET><FRAME SRC='@'>",
        "<head><title>x</title></head><frameset><frame src='@' />",
        "<object data=\"@\" type=text/html></object><embed src='@'>",
        "<map name=m><area shape=rect coords='0,0,9,9' href='@' alt=x></map>",
        "<form action='@' method=GET target=f><select name=Region><option>West</select><input type=submit></form>",
        "<form><button formaction='@'>x</button><input type=submit formaction='@'><input formmethod=post formaction=/x></form>",
        "<a target=main href='@'>x</a>",
        "<table><tr><td><a href='@'>x<td><a href='@'>y</table>",
        "<svg><foreignObject><iframe src='@'></iframe></foreignObject></svg>",
        "<svg><path d=x><p><iframe src='@'></iframe>",
        "<svg><font color=red><iframe src='@'></iframe></font></svg>",
        "<math><mi><a href='@'>x</a></mi></math>",
        "<math><annotation-xml encoding='text/HTML'><iframe src='@'></iframe></annotation-xml></math>",
        "<select><option>a</select><iframe src='@'></iframe>",
        "<iframe/src='@'/>",
        "<script><!-- <script> </script> --></script><iframe src='@'></iframe>",
        "<!--[if lt IE 9]><p><![endif]--><![if !IE]><iframe src='@'></iframe><![endif]>",
        "<![CDATA[ > <iframe src='@'></iframe> ]]>",
        "<!---><iframe src='@'></iframe>",
        "<!-- a --!><iframe src='@'></iframe>",
        "<p/><? php ?><iframe src='@'></iframe>",
        "</ ><iframe src='@'></iframe>",
        "<a title=it's><iframe src='@'></iframe>",
        "<a =\"><iframe src='@'></iframe>",
        "<a b ='>' c=\"'\"><iframe src='@'></iframe>",
    ] {
        let (html, expected) = (page.replace('@', URL), filled(page));
        assert_eq!(linked(&html), expected);
    }
}

#[test]
fn a_name_fills_each_of_them() {
    for (html, expected) in [
        ("<frameset><frame data-sigma-embed=revenue>", "<frameset><frame src=\"@\" data-sigma-embed=revenue>"),
        ("<object Data-Sigma-Embed=revenue>", "<object data=\"@\" Data-Sigma-Embed=revenue>"),
        ("<embed src=x data-sigma-embed='revenue'>", "<embed src=\"@\" data-sigma-embed='revenue'>"),
        ("<area data-sigma-embed=revenue>", "<area href=\"@\" data-sigma-embed=revenue>"),
        ("<form data-sigma-embed=revenue>", "<form action=\"@\" data-sigma-embed=revenue>"),
        ("<iframe src= data-sigma-embed=revenue>", "<iframe src= data-sigma-embed=revenue>"),
        ("<iframe src data-sigma-embed=revenue>", "<iframe src=\"@\" data-sigma-embed=revenue>"),
        ("<iframe data-sigma-embed=revenue src=>", "<iframe data-sigma-embed=revenue src=\"@\">"),
        ("<iframe src=a src=b data-sigma-embed=revenue>", "<iframe src=\"@\" src=b data-sigma-embed=revenue>"),
    ] {
        assert_eq!(linked(html), filled(expected));
    }
}

#[test]
fn a_refresh_leads_to_the_link_and_keeps_its_time() {
    for (html, expected) in [
        ("<meta http-equiv=refresh content='0;url=@'>", "<meta http-equiv=refresh content='0;url=@'>"),
        ("<META CONTENT=\"5; URL='@'\" HTTP-EQUIV=Refresh>", "<META CONTENT=\"5; URL='@'\" HTTP-EQUIV=Refresh>"),
        (
            "<meta http-equiv=refresh content='0;url=\"@\" &#x '>",
            "<meta http-equiv=refresh content='0;url=\"@\" &#x '>",
        ),
        ("<meta http-equiv=refresh content=0;@>", "<meta http-equiv=refresh content=0;@>"),
        (
            "<meta http-equiv=refresh content=\"0;url='@?a&amp;b'\">",
            "<meta http-equiv=refresh content=\"0;url=&#39;@&#39;\">",
        ),
        ("<meta http-equiv=refresh content=0&#59;@>", "<meta http-equiv=refresh content=\"0;@\">"),
        ("<noscript><meta http-equiv=refresh content='0;@'></noscript>", ""),
        ("<template><meta http-equiv=refresh content='0;@'></template>", ""),
        ("<meta http-equiv=refresh content='0;url=/x?u=@'>", ""),
    ] {
        let html = html.replace('@', URL);
        let expected = if expected.is_empty() { html.clone() } else { expected.replace('@', WHOLE) };
        assert_eq!(linked(&html), expected);
        assert_eq!(signed(&html), expected);
    }
    let html = format!("<base href=//x/><meta http-equiv=refresh content='0;{URL}'>");
    assert!(linked(&html).contains("'0;https://crm.test/sigma/embed/revenue'"));
}

/// What the page says itself needs nothing.
#[test]
fn a_stable_link_of_the_pages_own_stays_as_it_is() {
    let html = "<a href=/sigma/embed/revenue target=main>x</a><iframe src='/sigma/embed/revenue?Region=West' name=main>\
                </iframe><area href=https://crm.test/sigma/embed/revenue target=_blank>";
    assert_eq!(signed(html), html);
}

#[test]
fn an_object_is_filled_as_far_as_the_policy_lets_objects_in() {
    for (policy, is_signed) in
        [("object-src *", true), ("frame-src *", true), ("object-src 'none'", false), ("default-src 'self'", false)]
    {
        let lines = [http::HeaderValue::from_static(policy)];
        let settings = HtmlSettings { policies: FramePolicies::of_head(&lines), ..HtmlSettings::default() };
        let (out, _) = rewritten(&format!("<object data={URL}></object>"), &settings, Double::signing());
        assert_eq!(out.contains(":jwt="), is_signed, "{policy}");
    }
}

#[test]
fn cdata_of_xml_is_text_and_elements_there_end_themselves() {
    let page = "<?xml version=\"1.0\"?><!DOCTYPE html [<!ENTITY x \"<iframe>\">]><html xmlns=\"http://www.w3.org/1999/xhtml\">\
                <head><script src=\"a.js\"/><title/></head><body><pre><![CDATA[ > @ ]]></pre>#<textarea/>#<!-- @ -- @ -->#\
                <IFRAME data-sigma-embed=\"revenue\"/><svg xmlns=\"http://www.w3.org/2000/svg\"><iframe data-sigma-embed='revenue'/>\
                </svg><template>@</template>#</body></html>";
    let (slot, filled) = (
        "<iframe data-sigma-embed=\"revenue\"/>",
        "<iframe src=\"/sigma/embed/revenue\" data-sigma-embed=\"revenue\"/>",
    );
    let page = page.replace('@', slot);
    assert_eq!(as_xml(&page.replace('#', slot)), page.replace('#', filled));
    // Browsers show nothing of this one; it was always filled.
    let bare = "<html><body>@</body></html>";
    assert_eq!(as_xml(&bare.replace('@', slot)), bare.replace('@', filled));
    let other = format!("<x xmlns=\"urn:x\">{slot}</x>");
    assert_eq!(as_xml(&other), other);
}

#[test]
fn of_other_xml_what_is_in_the_namespace_of_xhtml_is_a_page() {
    let settings = HtmlSettings { syntax: Syntax::AnyXml, ..HtmlSettings::default() };
    // `#` is a slot, `~` one that is none.
    for page in [
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>#<svg xmlns='x'>~</svg>#</body></html>",
        "<svg xmlns='http://www.w3.org/2000/svg'>~<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>#</p></foreignObject></svg>",
        "<html><body>~</body></html>",
        "<rss><item>~<p xmlns=\"http://www.w3.org/1999/xhtml\">#</p>~</item></rss>",
    ] {
        let slot = "<iframe data-sigma-embed='revenue'/>";
        let filled = "<iframe src='/sigma/embed/revenue' data-sigma-embed='revenue'/>";
        let (out, _) = rewritten(&page.replace(['#', '~'], slot), &settings, Double::linking());
        assert_eq!(out, page.replace('#', filled).replace('~', slot), "{page}");
    }
}

#[test]
fn nothing_that_is_large_loses_a_slot() {
    let large = "z".repeat(2 * 1024 * 1024);
    for before in [
        format!("<input type=hidden name=__VIEWSTATE id=__VIEWSTATE value=\"{large}\">"),
        format!("<img src='data:image/png;base64,{large}'>"),
        format!("<a href='data:text/plain,{large}'>x</a>"),
        format!("<!-- {large} -->"),
        format!("<script>{large}</script>"),
        format!("<{large}>"),
        format!("<p {large}=x {large}>"),
        format!("<style>{large}</style><title>{large}</title><textarea>{large}</textarea>"),
        format!("<!DOCTYPE {large}>"),
        format!("<meta name=x content='{large}'>"),
    ] {
        let (out, notes) = rewritten(&format!("{before}{SLOT}"), &HtmlSettings::default(), Double::linking());
        assert!(out == format!("{before}{FILLED}"), "{}", &before[..20]);
        assert_eq!(notes, []);
        let (out, notes) =
            rewritten(&format!("{before}<i id=x></i>"), &insert("#x", InsertPlace::Append), Double::linking());
        assert!(out.ends_with("</iframe></i>") && out.starts_with(&before), "{}", &before[..20]);
        assert_eq!(notes, []);
    }
}

#[test]
fn a_slot_with_a_large_attribute_is_filled_where_nothing_before_it_must_change() {
    let large = "z".repeat(REWRITER_BYTES_MAX + 20_000);
    let html = format!("<iframe title='{large}' data-sigma-embed=revenue></iframe>{SLOT}");
    let expected = format!("<iframe title='{large}' data-sigma-embed=revenue src=\"{LINK}\"></iframe>{FILLED}");
    assert!(linked(&html) == expected);
    let html = format!("<iframe title='{large}' src=x data-sigma-embed=revenue></iframe>{SLOT}");
    assert!(linked(&html).starts_with(&format!("<iframe title='{large}' src=\"{LINK}\" data-sigma")));
    let html = format!("<iframe src='data:,{large}' data-sigma-embed=revenue></iframe>");
    let (out, notes) = rewritten(&format!("{html}{SLOT}"), &HtmlSettings::default(), Double::linking());
    assert!(out == format!("{html}{FILLED}"));
    assert_eq!(notes, [Note::SlotTooLong]);
}

#[test]
fn a_policy_that_is_too_long_to_be_read_lets_nothing_in() {
    for (length, is_signed) in [(10, true), (ATTRIBUTE_BYTES_MAX, false)] {
        let policy = format!("frame-src *; x {}", "y".repeat(length));
        let html = format!("<meta http-equiv=content-security-policy content='{policy}'>{SLOT}");
        assert_eq!(signed(&html).contains(":jwt="), is_signed, "{length}");
    }
}

#[test]
fn any_number_of_open_elements_loses_no_slot_and_no_insert() {
    for (open, count) in [
        ("<tr><td>x", 40_000),
        ("<tr><td><font color=red>x", 4_000),
        ("<div>", 4_000),
        ("<b><i>", 2_000),
        ("<div>", OPEN_ELEMENTS_MAX + 100),
        ("<p>x<li>y", 40_000),
        ("<span>", 200_000),
    ] {
        let before = format!("<table>{}", open.repeat(count));
        assert!(linked(&format!("{before}{SLOT}")) == format!("{before}{FILLED}"), "{open}");
        if count > 4_000 && !open.starts_with("<tr>") && !open.starts_with("<p>") {
            continue;
        }
        let (out, notes) =
            rewritten(&format!("{before}<u id=x></u>"), &insert("#x", InsertPlace::Append), Double::linking());
        assert!(out.ends_with("</iframe></u>"), "{open}");
        assert_eq!(notes, [], "{open}");
    }
}
