//! What may be rewritten, from the heads alone.

use std::{collections::BTreeSet, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    embed::{Catalogue, Delivery, EmbedName},
    request::{Destination, FetchSite, NormalPath, Prefix, Target, Visit, VisitKind},
    rewrite::{
        Change, FrameSrc, Hold, HtmlPlan, JsonPath, JsonRule, PageMark, PageScript, ResponsePlan, RewriteRules,
        SiteRewrite, plan_request, plan_response,
    },
};

fn rules() -> RewriteRules {
    let rule = JsonRule { path: Prefix::parse("/api/").unwrap(), select: Arc::new(JsonPath::parse("$.url").unwrap()) };
    let embeds = BTreeSet::from([EmbedName::parse("revenue").unwrap()]);
    RewriteRules {
        delivery: Delivery::Link,
        frame_src: FrameSrc::Keep,
        embeds,
        script: false,
        inserts: Vec::new(),
        json: vec![rule],
    }
}

fn made(rules: RewriteRules) -> SiteRewrite {
    SiteRewrite::new(rules, &Arc::new(Catalogue::default()), "/sigma", "https://crm.test")
}

fn site() -> SiteRewrite {
    made(rules())
}

fn target(path: &str) -> Target {
    Target { path: NormalPath::parse(path).unwrap(), query: None }
}

fn visit(method: Method, destination: Destination, kind: VisitKind) -> Visit {
    Visit {
        method,
        destination,
        site: FetchSite::SameOrigin,
        is_scripted: false,
        is_prefetch: false,
        kind,
        opener: None,
    }
}

fn navigation() -> Visit {
    visit(Method::GET, Destination::Document, VisitKind::Navigation)
}

fn fetch() -> Visit {
    visit(Method::GET, Destination::Empty, VisitKind::Fetch)
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

/// What the host application gets of a conditional request: (validators kept, accepted coding).
fn sent(rewrite: &SiteRewrite, path: &str, visit: &Visit) -> (bool, String) {
    let mut request = headers(&[("if-none-match", "\"1\""), ("range", "bytes=0-"), ("accept-encoding", "br, gzip")]);
    plan_request(rewrite, &target(path), visit, &request).apply(&mut request);
    assert_eq!(request.contains_key(header::IF_NONE_MATCH), request.contains_key(header::RANGE));
    let coding = request[header::ACCEPT_ENCODING].to_str().unwrap().to_owned();
    (request.contains_key(header::RANGE), coding)
}

#[test]
fn conditionals_are_kept_back_where_an_answer_may_be_rewritten_and_codings_are_the_same_everywhere() {
    let image = visit(Method::GET, Destination::Other, VisitKind::Fetch);
    let frame = visit(Method::GET, Destination::Frame, VisitKind::Frame);
    let old_browser = visit(Method::GET, Destination::Absent, VisitKind::Navigation);
    let passed_on = visit(Method::GET, Destination::Empty, VisitKind::Navigation);
    let form = visit(Method::POST, Destination::Document, VisitKind::Form);
    let head = visit(Method::HEAD, Destination::Document, VisitKind::Navigation);
    let socket = visit(Method::GET, Destination::Empty, VisitKind::WebSocket);
    for (path, visit, expected) in [
        ("/", navigation(), (false, "gzip")),
        ("/", frame, (false, "gzip")),
        ("/", old_browser, (false, "gzip")),
        ("/", passed_on, (false, "gzip")),
        ("/", form, (true, "gzip")),
        ("/", fetch(), (true, "gzip")),
        ("/api/x", fetch(), (false, "gzip")),
        ("/logo.png", image, (true, "gzip")),
        ("/", head, (true, "gzip")),
        ("/", socket, (true, "gzip")),
    ] {
        let (kept, coding) = sent(&site(), path, &visit);
        assert_eq!((kept, coding.as_str()), expected, "{path} {visit:?}");
    }
    let idle = made(RewriteRules { embeds: BTreeSet::new(), ..rules() });
    assert_eq!(sent(&idle, "/", &navigation()), (true, "br, gzip".to_owned()));
}

#[test]
fn gzip_is_asked_for_only_if_the_browser_takes_it() {
    for (accepted, asked) in [
        ("gzip", "gzip"),
        ("deflate, GZIP;q=0.5", "gzip"),
        ("br;q=1.0, *;q=0.1", "gzip"),
        ("gzip;q=0, *", "identity"),
        ("br", "identity"),
        ("", "identity"),
        ("*;q=0", "identity"),
    ] {
        let mut request = headers(&[("accept-encoding", accepted)]);
        plan_request(&site(), &target("/"), &navigation(), &request).apply(&mut request);
        assert_eq!(request[header::ACCEPT_ENCODING], asked, "{accepted}");
    }
}

/// Pages and pictures ask alike, for some applications know a browser again by that.
#[test]
fn scripts_styles_and_fonts_keep_the_codings_of_the_browser_and_all_else_asks_for_gzip() {
    const BROWSER: &str = "gzip, deflate, br, zstd";
    for (destination, path, expected) in [
        ("script", "/a.js", BROWSER),
        ("style", "/a.css", BROWSER),
        ("font", "/a.ttf", BROWSER),
        ("worker", "/a.js", BROWSER),
        ("script", "/api/x", "gzip"),
        ("image", "/a.png", "gzip"),
        ("document", "/", "gzip"),
        ("iframe", "/", "gzip"),
        ("empty", "/part", "gzip"),
    ] {
        let mut request = headers(&[("accept-encoding", BROWSER), ("sec-fetch-dest", destination)]);
        let kind = visit(Method::GET, Destination::Other, VisitKind::Fetch);
        plan_request(&site(), &target(path), &kind, &request).apply(&mut request);
        assert_eq!(request[header::ACCEPT_ENCODING], expected, "{destination} {path}");
    }
}

fn planned(path: &str, visit: &Visit, status: u16, lines: &[(&'static str, &'static str)]) -> ResponsePlan {
    let request = plan_request(&site(), &target(path), visit, &HeaderMap::new());
    // The body is as long as its head says.
    let length = lines.iter().find(|(name, _)| *name == "content-length").map(|(_, value)| value.parse().unwrap());
    let answer = (StatusCode::from_u16(status).unwrap(), &headers(lines), length);
    plan_response(&request, &site(), &target(path), answer)
}

/// A plan in a word.
fn word(plan: &ResponsePlan) -> String {
    match plan {
        ResponsePlan::Pass(None) => "pass".to_owned(),
        ResponsePlan::Pass(Some(why)) => format!("pass: {}", why.as_str()),
        ResponsePlan::Location => "location".to_owned(),
        ResponsePlan::HeadOnly(change) => format!("head only: {change:?}"),
        ResponsePlan::Html(plan) => match plan.hold {
            Hold::ToItsEnd => format!("hold {:?}", plan.coding),
            Hold::WhileItComes => format!("try to hold {:?}", plan.coding),
            Hold::Not => format!("stream {:?}", plan.coding),
        },
        ResponsePlan::Json(plan) => format!("json {:?} {}", plan.coding, plan.paths.len()),
        ResponsePlan::Doubtful(plan) => {
            let page = plan.page.as_ref().map(|(_, mark)| match mark {
                PageMark::Certain => " a page",
                PageMark::Sniffed { .. } => " a page?",
                PageMark::Parts => " parts?",
                PageMark::Delta => " delta?",
            });
            let json = plan.json.as_ref().map(|_| " json?");
            format!("look {:?}{}{}", plan.coding, page.unwrap_or_default(), json.unwrap_or_default())
        }
    }
}

#[test]
fn pages_are_held_or_streamed_and_everything_else_passes() {
    const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
    for (status, lines, expected) in [
        (200, &[HTML][..], "try to hold Identity"),
        (200, &[HTML, ("content-length", "262144")], "hold Identity"),
        (200, &[HTML, ("content-length", "262145")], "stream Identity"),
        (404, &[HTML, ("content-length", "10"), ("content-encoding", "gzip")], "hold Gzip"),
        (200, &[HTML, ("content-encoding", "identity, x-gzip")], "try to hold Gzip"),
        (200, &[HTML, ("content-encoding", "br")], "try to hold Brotli"),
        (200, &[HTML, ("content-encoding", "Deflate")], "try to hold Deflate"),
        (200, &[HTML, ("content-encoding", "zstd"), ("content-length", "10")], "hold Zstd"),
        (200, &[HTML, ("content-encoding", "none")], "try to hold Identity"),
        (200, &[HTML, ("content-encoding", "gzip, gzip")], "try to hold Twice(Gzip, Gzip)"),
        (200, &[HTML, ("content-encoding", "gzip, gzip, gzip")], "pass: coding"),
        (200, &[("content-type", "text/html; charset=bogus")], "try to hold Identity"),
        (200, &[("content-type", "text/html; charset=iso-2022-kr")], "try to hold Identity"),
        (200, &[("content-type", "text/plain")], "pass"),
        (200, &[("content-type", "html")], "look Identity a page?"),
        (200, &[("content-encoding", "gzip")], "look Gzip a page?"),
        (200, &[("x-content-type-options", "NoSniff")], "pass"),
        (206, &[], "pass"),
        (200, &[("content-type", "text/html; charset=utf-16")], "try to hold Identity"),
        (200, &[HTML, ("cache-control", "public, No-Transform")], "pass: no_transform"),
        (206, &[HTML], "pass: partial"),
        (304, &[HTML], "pass"),
        (204, &[HTML], "pass"),
        (200, &[HTML, ("content-disposition", "Attachment; filename=x.html")], "pass"),
        (200, &[HTML, ("content-disposition", "inline")], "try to hold Identity"),
        (200, &[("content-type", "text/event-stream")], "pass"),
        (200, &[("content-type", "application/json")], "pass"),
        (200, &[], "look Identity a page?"),
        (302, &[HTML, ("location", "/x")], "location"),
        (304, &[("location", "/x")], "pass"),
        (201, &[("location", "/x")], "look Identity a page?"),
        (201, &[("location", "/x"), ("content-length", "0")], "pass"),
        (302, &[("location", ""), ("content-type", "text/html"), ("content-length", "9")], "hold Identity"),
    ] {
        assert_eq!(word(&planned("/", &navigation(), status, lines)), expected, "{status} {lines:?}");
    }
}

#[test]
fn xml_is_looked_into_where_it_is_a_document() {
    for content_type in ["text/xml", "application/xml; charset=utf-8", "image/svg+xml", "application/atom+xml"] {
        let head = [("content-type", content_type), ("content-length", "9")];
        assert_eq!(word(&planned("/api/x", &navigation(), 200, &head)), "hold Identity", "{content_type}");
        // Of what a script asks for only parts of a page are, and these in XML of no kind.
        let fetched = if content_type.ends_with("+xml") { "pass" } else { "look Identity parts? json?" };
        assert_eq!(word(&planned("/api/x", &fetch(), 200, &head)), fetched, "{content_type}");
        let style_sheet = visit(Method::GET, Destination::Other, VisitKind::Fetch);
        assert_eq!(word(&planned("/api/x", &style_sheet, 200, &head)), "pass", "{content_type}");
    }
}

#[test]
fn json_is_patched_on_its_paths_only() {
    let json = [("content-type", "application/hal+json; charset=utf-8")];
    assert_eq!(word(&planned("/api/x", &fetch(), 200, &json)), "json Identity 1");
    assert_eq!(word(&planned("/other", &fetch(), 200, &json)), "pass");
}

#[test]
fn json_under_another_name_is_looked_for_on_its_paths_only() {
    for (content_type, on_path, elsewhere) in [
        ("text/json", "json Identity 1", "pass"),
        ("text/plain; charset=utf-8", "look Identity json?", "pass"),
        ("application/javascript", "look Identity json?", "pass"),
        ("application/x-ndjson", "look Identity json?", "pass"),
        ("text/html", "look Identity a page json?", "try to hold Identity"),
        ("*/*", "look Identity a page? json?", "look Identity a page?"),
        ("application/json; charset=latin1", "json Identity 1", "pass"),
        ("application/json; charset=utf-16", "pass: charset", "pass"),
        ("binary/octet-stream", "look Identity json?", "pass"),
        ("multipart/form-data; boundary=x", "look Identity json?", "pass"),
        ("text/xml", "look Identity parts? json?", "look Identity parts?"),
        ("text/event-stream", "pass: event_stream", "pass"),
        ("image/png", "pass", "pass"),
    ] {
        let head = [("content-type", content_type)];
        assert_eq!(word(&planned("/api/x", &fetch(), 200, &head)), on_path, "{content_type}");
        assert_eq!(word(&planned("/", &fetch(), 200, &head)), elsewhere, "{content_type}");
    }
    // Whatever a rule names has a note.
    for (line, why) in [
        (("cache-control", "no-transform"), "pass: no_transform"),
        (("content-encoding", "gzip, gzip, gzip"), "pass: coding"),
    ] {
        for content_type in ["text/plain", "text/xml", "unknown/unknown"] {
            let head = [("content-type", content_type), line];
            assert_eq!(word(&planned("/api/x", &fetch(), 200, &head)), why, "{content_type}");
            assert_eq!(word(&planned("/", &fetch(), 200, &head)), "pass", "{content_type}");
        }
    }
    let long = [("content-type", "text/html"), ("content-length", "300000")];
    assert_eq!(word(&planned("/api/x", &fetch(), 200, &long)), "look Identity a page json?");
}

#[test]
fn a_script_saves_no_file_and_a_navigation_does() {
    let file =
        |content_type| [("content-type", content_type), ("content-disposition", "attachment; filename=\"f.txt\"")];
    for (content_type, asked, expected) in [
        ("application/json", fetch(), "json Identity 1"),
        ("application/json", navigation(), "pass"),
        ("text/html", fetch(), "look Identity json?"),
        ("text/html", navigation(), "pass"),
    ] {
        assert_eq!(word(&planned("/api/x", &asked, 200, &file(content_type))), expected, "{content_type}");
    }
    assert_eq!(word(&planned("/", &fetch(), 200, &file("text/html"))), "pass");
}

#[test]
fn of_what_a_get_would_look_into_only_the_head_is_there() {
    let head = visit(Method::HEAD, Destination::Document, VisitKind::Navigation);
    let (html, json) = ([("content-type", "text/html")], [("content-type", "application/json")]);
    for (path, status, lines, expected) in [
        ("/", 200, &html[..], "head only: Frames"),
        ("/", 404, &html, "head only: Frames"),
        ("/api/x", 200, &json, "head only: Signed"),
        ("/", 302, &[("location", "/x")], "location"),
        ("/", 200, &json, "pass"),
        ("/", 200, &[html[0], ("content-encoding", "br")], "head only: Frames"),
        ("/", 200, &[html[0], ("content-encoding", "dcb")], "pass"),
        ("/", 304, &html, "pass"),
        ("/", 200, &[], "pass"),
    ] {
        assert_eq!(word(&planned(path, &head, status, lines)), expected, "{path} {status} {lines:?}");
    }
    let idle = made(RewriteRules { embeds: BTreeSet::new(), json: Vec::new(), ..rules() });
    let request = plan_request(&idle, &target("/"), &head, &HeaderMap::new());
    let answer = (StatusCode::OK, &headers(&html), None);
    assert_eq!(word(&plan_response(&request, &idle, &target("/"), answer)), "pass");
}

#[test]
fn images_and_sites_without_embeds_pass() {
    let html = [("content-type", "text/html")];
    let image = visit(Method::GET, Destination::Other, VisitKind::Fetch);
    assert_eq!(word(&planned("/", &image, 200, &html)), "pass");
    assert_eq!(word(&planned("/", &fetch(), 200, &html)), "try to hold Identity");
    assert_eq!(word(&planned("/api/x", &image, 200, &[("content-type", "application/json")])), "json Identity 1");
}

/// The policies that a page which gets a frame has, by `frame_src`; and whether anything was put into a head.
fn policies(frame_src: FrameSrc, change: Change) -> Vec<String> {
    let site = made(RewriteRules { frame_src, ..rules() });
    let request = plan_request(&site, &target("/"), &navigation(), &HeaderMap::new());
    let mut head = headers(&[("content-type", "text/html"), ("x-other", "1")]);
    for line in ["default-src 'none'; frame-src 'none', img-src *", "frame-src 'self'", "default-src https:"] {
        head.append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(line));
    }
    let plan = plan_response(&request, &site, &target("/"), (StatusCode::OK, &head, None));
    let ResponsePlan::Html(plan) = plan else { panic!("it is a page") };
    assert_eq!(
        plan.settings.policies.may_frame("https://crm.test/sigma/embed/x", "https://crm.test"),
        frame_src == FrameSrc::Extend
    );
    HtmlPlan::extend(plan.extended, change, &mut head);
    let lines = head.get_all(header::CONTENT_SECURITY_POLICY).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_policy_is_extended_only_where_the_site_says_so_and_a_frame_comes() {
    let original = ["default-src 'none'; frame-src 'none', img-src *", "frame-src 'self'", "default-src https:"];
    let extended = ["default-src 'none'; frame-src 'self', img-src *", "frame-src 'self'", "default-src https:"];
    for change in [Change::Anchors, Change::Frames, Change::Signed] {
        assert_eq!(policies(FrameSrc::Keep, change), original);
    }
    assert_eq!(policies(FrameSrc::Extend, Change::Anchors), original);
    assert_eq!(policies(FrameSrc::Extend, Change::Frames), extended);
}

/// What a page of a site with `script = true` gets, by who asks and what its policy says.
fn script(visit: &Visit, policy: &'static str, rules: RewriteRules) -> PageScript {
    let site = made(rules);
    let request = plan_request(&site, &target("/"), visit, &HeaderMap::new());
    let head = headers(&[("content-type", "text/html"), ("content-security-policy", policy)]);
    match plan_response(&request, &site, &target("/"), (StatusCode::OK, &head, None)) {
        ResponsePlan::Html(plan) => plan.settings.script,
        ResponsePlan::Pass(_)
        | ResponsePlan::Location
        | ResponsePlan::Json(_)
        | ResponsePlan::Doubtful(_)
        | ResponsePlan::HeadOnly(_) => PageScript::None,
    }
}

#[test]
fn a_document_gets_the_script_and_what_a_script_fetches_none() {
    let with_script = || RewriteRules { script: true, ..rules() };
    let is_tag = |visit: &Visit| matches!(script(visit, "img-src *", with_script()), PageScript::Tag(_));
    let get = |destination, kind| visit(Method::GET, destination, kind);
    for visit in [
        navigation(),
        get(Destination::Frame, VisitKind::Frame),
        get(Destination::Document, VisitKind::Prefetch),
        get(Destination::Absent, VisitKind::Navigation),
        // Passed on by a service worker.
        get(Destination::Empty, VisitKind::Navigation),
        visit(Method::POST, Destination::Document, VisitKind::Form),
    ] {
        assert!(is_tag(&visit), "{visit:?}");
    }
    for visit in [
        fetch(),
        get(Destination::Other, VisitKind::Fetch),
        get(Destination::Absent, VisitKind::Fetch),
        visit(Method::HEAD, Destination::Document, VisitKind::Navigation),
    ] {
        assert!(!is_tag(&visit), "{visit:?}");
    }
    assert_eq!(script(&navigation(), "script-src 'none'", with_script()), PageScript::Blocked);
    assert_eq!(script(&navigation(), "img-src *", rules()), PageScript::None);
    let idle = RewriteRules { embeds: BTreeSet::new(), ..with_script() };
    assert_eq!(script(&navigation(), "img-src *", idle), PageScript::None);
}
