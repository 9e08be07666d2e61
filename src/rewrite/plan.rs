//! What may be rewritten: decided from the heads alone, before and after the host application's answer.

use std::sync::Arc;

use encoding_rs::Encoding;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{
    Change, FramePolicies, FrameSrc, HtmlSettings, JsonPath, JsonRule, SiteRewrite, Untouched,
    content_type::{self, Charset, Media},
    csp,
    head::has_cache_directive,
};
use crate::{
    embed::Delivery,
    limits::HELD_PAGE_BYTES_MAX,
    request::{Destination, NormalPath, Target, Visit, VisitKind},
};

/// Requests whose answers are not the whole body, or no body at all (RFC 9110 13.1, 14.2).
const CONDITIONALS: &[header::HeaderName] = &[
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
    header::RANGE,
];

/// What the answer to a request may become, and what the host application must not be told for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestPlan {
    /// Whether a `Location` may be rewritten.
    may_redirect: bool,
    /// Whether a page may be rewritten.
    may_be_page: bool,
    /// Whether it is a document of its own, whose code may make frames.
    takes_script: bool,
    /// Whether JSON may be rewritten.
    may_be_json: bool,
    /// Whether only the head was asked for: then what a GET would look into is not there to be looked into.
    is_for_head: bool,
    /// Whether conditionals and `Range` are kept back.
    holds_back: bool,
    /// Whether the site has embeds at all: then all its requests take the same codings, because some applications know a
    /// browser again by what it accepts.
    is_of_rewriting_site: bool,
}

/// How a body is coded; both are undone and done again by the rewriter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Identity,
    /// `gzip`
    Gzip,
}

/// What to do with an answer.
#[derive(Debug, Clone)]
pub(crate) enum ResponsePlan {
    /// Pass it on, byte for byte; a reason is given where somebody may wonder.
    Pass(Option<Untouched>),
    /// Look at `Location`; the body passes.
    Location,
    /// Rewrite the page.
    Html(HtmlPlan),
    /// Patch the JSON.
    Json(JsonPlan),
    /// The head of what a GET would look into: nobody knows what that would say of length and validators, so this says
    /// nothing of them (RFC 9110 9.3.2), and of lifetimes the strictest.
    HeadOnly(Change),
}

/// Whether a page is looked through before its head is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// To its end: its length is known, and within the bound.
    ToItsEnd,
    /// Its length is not known: for as long as it comes, within the bound and a moment.
    WhileItComes,
    /// It is too long.
    Not,
}

/// A page to rewrite.
#[derive(Debug, Clone)]
pub(crate) struct HtmlPlan {
    /// How its body is coded.
    pub(crate) coding: Coding,
    /// Whether it is looked through before its head is sent.
    pub(crate) hold: Hold,
    /// What the rewriter must know.
    pub(crate) settings: HtmlSettings,
    /// The policies of a page that gets a frame; none: as they are.
    pub(crate) extended: Option<Vec<HeaderValue>>,
}

/// JSON to patch.
#[derive(Debug, Clone)]
pub(crate) struct JsonPlan {
    /// How its body is coded.
    pub(crate) coding: Coding,
    /// Which values.
    pub(crate) paths: Vec<Arc<JsonPath>>,
}

/// Plans for a request, whose end-to-end headers are given.
#[must_use]
pub(crate) fn plan_request(rewrite: &SiteRewrite, target: &Target, visit: &Visit, headers: &HeaderMap) -> RequestPlan {
    // What the browser wants untransformed passes untouched (RFC 9111 5.2.1.6).
    let is_open =
        !rewrite.is_idle() && visit.kind != VisitKind::WebSocket && !has_cache_directive(headers, "no-transform");
    let may_be_json = is_open && rules_of(rewrite, &target.path).next().is_some();
    let is_document = match visit.destination {
        Destination::Document | Destination::Frame => true,
        Destination::Absent => visit.kind != VisitKind::Fetch,
        // A navigation that a service worker passes on.
        Destination::Empty => visit.kind == VisitKind::Navigation,
        Destination::Other => false,
    };
    RequestPlan {
        may_redirect: is_open,
        // A page's own script may fetch a part of it; an image or a style sheet is never a page.
        may_be_page: is_open && visit.destination != Destination::Other,
        takes_script: is_open && is_document,
        may_be_json,
        is_for_head: visit.method == Method::HEAD,
        holds_back: is_open && visit.method == Method::GET && (is_document || may_be_json),
        is_of_rewriting_site: !rewrite.is_idle(),
    }
}

impl HtmlPlan {
    /// Puts the policies into the head that let in what the page got.
    pub(crate) fn extend(policies: Option<Vec<HeaderValue>>, change: Change, headers: &mut HeaderMap) {
        let Some(policies) = policies.filter(|_| change >= Change::Frames) else { return };
        headers.remove(header::CONTENT_SECURITY_POLICY);
        for policy in policies {
            headers.append(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

impl RequestPlan {
    /// Whether headers of the answer that send a browser on may be rewritten.
    #[must_use]
    pub(crate) const fn may_redirect(&self) -> bool {
        self.may_redirect
    }

    /// Makes the head to the host application fit: an answer that can be rewritten must be whole, in a coding that can be undone.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        if self.holds_back {
            for name in CONDITIONALS {
                headers.remove(name);
            }
        }
        if self.is_of_rewriting_site {
            let coding = if accepts_gzip(headers) { "gzip" } else { "identity" };
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
        }
    }
}

/// Plans for the answer to a request; `length` is that of its body, where it is known.
#[must_use]
pub(crate) fn plan_response(
    request: &RequestPlan,
    rewrite: &SiteRewrite,
    target: &Target,
    (status, headers, length): (StatusCode, &HeaderMap, Option<u64>),
) -> ResponsePlan {
    let plan = plan_whole(request, rewrite, target, (status, headers, length));
    match plan {
        _ if !request.is_for_head => plan,
        ResponsePlan::Pass(_) => ResponsePlan::Pass(None),
        ResponsePlan::Html(_) if rewrite.delivery() == Delivery::Link => ResponsePlan::HeadOnly(Change::Frames),
        ResponsePlan::Location | ResponsePlan::Html(_) | ResponsePlan::Json(_) | ResponsePlan::HeadOnly(_) => {
            ResponsePlan::HeadOnly(Change::Signed)
        }
    }
}

/// The same for an answer with all of its body.
fn plan_whole(
    request: &RequestPlan,
    rewrite: &SiteRewrite,
    target: &Target,
    (status, headers, length): (StatusCode, &HeaderMap, Option<u64>),
) -> ResponsePlan {
    let is_redirect = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
    if request.may_redirect && is_redirect && headers.contains_key(header::LOCATION) {
        return ResponsePlan::Location;
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = content_type::media(content_type);
    let is_wanted = match media {
        Media::Html => request.may_be_page,
        Media::Json => request.may_be_json,
        Media::Other => false,
    };
    if !is_wanted || has_no_body(status) || is_attachment(headers) {
        return ResponsePlan::Pass(None);
    }
    match (whole_coding(status, headers), media) {
        (Err(why), _) => ResponsePlan::Pass(Some(why)),
        (Ok(coding), Media::Json) => json_plan(coding, rewrite, target),
        (Ok(coding), Media::Html | Media::Other) => match content_type::charset(content_type) {
            Charset::Absent => html_plan((coding, None), request, rewrite, target, (headers, length)),
            Charset::Known(charset) => html_plan((coding, Some(charset)), request, rewrite, target, (headers, length)),
            Charset::Unusable => ResponsePlan::Pass(Some(Untouched::Charset)),
        },
    }
}

fn html_plan(
    (coding, charset): (Coding, Option<&'static Encoding>),
    request: &RequestPlan,
    rewrite: &SiteRewrite,
    target: &Target,
    (headers, length): (&HeaderMap, Option<u64>),
) -> ResponsePlan {
    let hold = match length {
        Some(length) if length <= HELD_PAGE_BYTES_MAX as u64 => Hold::ToItsEnd,
        Some(_) => Hold::Not,
        None => Hold::WhileItComes,
    };
    let inserts = rewrite.inserts().iter().filter(|insert| insert.path.matches(&target.path)).cloned().collect();
    let extended = match rewrite.frame_src() {
        FrameSrc::Keep => None,
        FrameSrc::Extend => csp::extended(headers, rewrite.landmarks()),
    };
    let lines: Vec<&HeaderValue> = match &extended {
        Some(lines) => lines.iter().collect(),
        None => headers.get_all(header::CONTENT_SECURITY_POLICY).iter().collect(),
    };
    let script = rewrite.script().filter(|_| request.takes_script);
    let script = script.map(|script| script.under(lines.iter().copied())).unwrap_or_default();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let syntax = content_type::syntax(content_type);
    let settings = HtmlSettings { charset, syntax, policies: FramePolicies::of_head(lines), inserts, script };
    ResponsePlan::Html(HtmlPlan { coding, hold, settings, extended })
}

fn json_plan(coding: Coding, rewrite: &SiteRewrite, target: &Target) -> ResponsePlan {
    let paths = rules_of(rewrite, &target.path).map(|rule| Arc::clone(&rule.select)).collect();
    ResponsePlan::Json(JsonPlan { coding, paths })
}

/// The coding of a whole body that may be changed.
fn whole_coding(status: StatusCode, headers: &HeaderMap) -> Result<Coding, Untouched> {
    if status == StatusCode::PARTIAL_CONTENT {
        return Err(Untouched::Partial);
    }
    if has_cache_directive(headers, "no-transform") {
        return Err(Untouched::NoTransform);
    }
    coding(headers).ok_or(Untouched::Coding)
}

fn rules_of<'r>(rewrite: &'r SiteRewrite, path: &NormalPath) -> impl Iterator<Item = &'r JsonRule> {
    rewrite.json().iter().filter(move |rule| rule.path.matches(path))
}

fn has_no_body(status: StatusCode) -> bool {
    status.is_informational()
        || [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED].contains(&status)
}

fn is_attachment(headers: &HeaderMap) -> bool {
    let disposition = headers.get(header::CONTENT_DISPOSITION).map(HeaderValue::as_bytes).unwrap_or_default();
    let word = disposition.split(|byte| *byte == b';').next().unwrap_or_default();
    word.trim_ascii().eq_ignore_ascii_case(b"attachment")
}

fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut codings = Vec::new();
    for line in headers.get_all(header::CONTENT_ENCODING) {
        let words = line.to_str().ok()?.split(',').map(|word| word.trim().to_ascii_lowercase());
        codings.extend(words.filter(|word| !word.is_empty() && word != "identity"));
    }
    match codings.as_slice() {
        [] => Some(Coding::Identity),
        [one] if one == "gzip" || one == "x-gzip" => Some(Coding::Gzip),
        [_, ..] => None,
    }
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110 12.5.3): by name, else by `*`.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let words: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let weight_of = |names: &[&str]| {
        words.iter().find_map(|word| {
            let (name, parameters) = word.split_once(';').unwrap_or((word, ""));
            let is_it = names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted));
            is_it.then(|| weight(parameters))
        })
    };
    weight_of(&["gzip", "x-gzip"]).or_else(|| weight_of(&["*"])).is_some_and(|weight| weight > 0.0)
}

fn weight(parameters: &str) -> f32 {
    let value = parameters.split(';').find_map(|word| word.trim().strip_prefix("q="));
    value.map_or(1.0, |value| value.trim().parse().unwrap_or(0.0))
}
