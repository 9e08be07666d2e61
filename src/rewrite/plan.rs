//! What may be rewritten: decided from the heads alone, before and after the host application's answer.

use std::sync::Arc;

use encoding_rs::Encoding;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{
    Change, Coding, FramePolicies, FrameSrc, HtmlSettings, JsonPath, JsonRule, SiteRewrite, Syntax, Untouched, csp,
    head::has_cache_directive,
    media::{
        coding::{Accepted, coding},
        content_type::{self, Charset, Media},
    },
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

/// UpdatePanels say `Delta=true` in it.
const MICROSOFT_AJAX: &str = "x-microsoftajax";

/// What the answer to a request may become, and what the host application must not be told for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestPlan {
    /// Whether a `Location` may be rewritten.
    may_redirect: bool,
    /// Whether a page may be rewritten.
    may_be_page: bool,
    /// Whether it is a document of its own: its code may make frames, and XML may be a page.
    is_document: bool,
    /// Whether JSON may be rewritten.
    may_be_json: bool,
    /// Whether an UpdatePanel of ASP.NET asks: it is answered in a form of its own.
    wants_delta: bool,
    /// Whether a script asks: then nothing is saved as a file, whatever the head says.
    is_fetched: bool,
    /// Whether only the head was asked for: then what a GET would look into is not there to be looked into.
    is_for_head: bool,
    /// Whether conditionals and `Range` are kept back.
    holds_back: bool,
    /// What the host application is told of codings; none: what the browser says, for the site has no embeds.
    accepted: Option<Accepted>,
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
    /// Look at the first bytes: they say which of these it is, if any.
    Doubtful(DoubtfulPlan),
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

/// A body whose head does not say for certain what it is. It is held while it comes, whatever its length is: it may be a download that
/// pauses.
#[derive(Debug, Clone)]
pub(crate) struct DoubtfulPlan {
    /// How its body is coded.
    pub(crate) coding: Coding,
    /// What follows if it is a page, and by what it is told to be one.
    pub(crate) page: Option<(HtmlPlan, PageMark)>,
    /// What follows if it is JSON.
    pub(crate) json: Option<JsonPlan>,
}

/// By what a body is told to be a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageMark {
    /// It is one where it is no JSON.
    Certain,
    /// By its first bytes, as browsers tell it.
    Sniffed { may_be_xml: bool },
    /// It is XML with parts of a page in it.
    Parts,
    /// It is an answer to an UpdatePanel.
    Delta,
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
        is_document: is_open && is_document,
        may_be_json,
        wants_delta: is_open && headers.contains_key(MICROSOFT_AJAX),
        is_fetched: visit.kind == VisitKind::Fetch,
        is_for_head: visit.method == Method::HEAD,
        holds_back: is_open && visit.method == Method::GET && (is_document || may_be_json),
        accepted: (!rewrite.is_idle()).then(|| Accepted::of(headers, may_be_json)),
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
    /// Whether XML of this type may have parts of a page, which the script that asked puts in.
    fn may_have_parts(&self, content_type: &str) -> bool {
        self.is_fetched && self.may_be_page && content_type::is_nameless_xml(content_type)
    }

    /// Whether headers of the answer that send a browser on may be rewritten.
    #[must_use]
    pub(crate) const fn may_redirect(&self) -> bool {
        self.may_redirect
    }

    /// What a redirect that was rewritten says of caches: of a HEAD the strictest, for its GET may get a signed URL.
    #[must_use]
    pub(crate) fn change_of_redirect(&self, rewrite: &SiteRewrite, change: Change) -> Change {
        if self.is_for_head && rewrite.delivery() == Delivery::Signed { Change::Signed } else { change }
    }

    /// Makes the head to the host application fit: an answer that can be rewritten must be whole, in a coding that can be undone.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        if self.holds_back {
            for name in CONDITIONALS {
                headers.remove(name);
            }
        }
        if let Some(accepted) = self.accepted {
            accepted.apply(headers);
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
        // Nobody knows what it is before it is there; most of it is no page.
        ResponsePlan::Pass(_) | ResponsePlan::Doubtful(_) => ResponsePlan::Pass(None),
        ResponsePlan::Html(_) if rewrite.delivery() == Delivery::Link => ResponsePlan::HeadOnly(Change::Frames),
        // It leads where its GET does.
        ResponsePlan::Location => ResponsePlan::Location,
        ResponsePlan::Html(_) | ResponsePlan::Json(_) | ResponsePlan::HeadOnly(_) => {
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
    // Without one that says anything, browsers show what there is.
    let leads = |location: &HeaderValue| !location.as_bytes().trim_ascii().is_empty();
    if request.may_redirect && is_redirect && headers.get(header::LOCATION).is_some_and(leads) {
        return ResponsePlan::Location;
    }
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let content_type = String::from_utf8_lossy(content_type);
    let media = content_type::media(&content_type);
    let (may_be_page, may_be_json) = match media {
        Media::Html => (request.may_be_page, request.may_be_json),
        Media::Xml => {
            // Applications whose every answer is called XML send JSON so too.
            let has_parts = request.may_have_parts(&content_type);
            (request.is_document || has_parts, request.may_be_json && has_parts)
        }
        Media::Json => (false, request.may_be_json),
        Media::MaybeJson => (request.wants_delta && request.may_be_page, request.may_be_json),
        Media::Unknown => (request.may_be_page && !is_told_not_to_sniff(headers), request.may_be_json),
        Media::Other => (false, false),
    };
    let is_file = is_attachment(headers);
    let (may_be_page, may_be_json) = (may_be_page && !is_file, may_be_json && (!is_file || request.is_fetched));
    if !(may_be_page || may_be_json) || has_no_body(status) {
        let is_stream = request.may_be_json && content_type::is_event_stream(&content_type);
        return ResponsePlan::Pass(is_stream.then_some(Untouched::EventStream));
    }
    let coding = match whole_coding(status, headers) {
        Ok(coding) => coding,
        // What is a page only perhaps is not worth a note, and what a rule names is.
        Err(_) if !may_be_json && matches!(media, Media::Unknown | Media::MaybeJson | Media::Xml) => {
            return ResponsePlan::Pass(None);
        }
        Err(why) => return ResponsePlan::Pass(Some(why)),
    };
    let (charset, is_usable) = match content_type::charset(&content_type) {
        Charset::Absent => (None, true),
        Charset::Known(charset) => (Some(charset), true),
        // A mark of UTF-8 before a page says more (Encoding 6.1).
        Charset::Unusable(charset) if may_be_page => (Some(charset), false),
        Charset::Unusable(_) => return ResponsePlan::Pass(Some(Untouched::Charset)),
    };
    let page = may_be_page.then(|| html_plan((coding, charset), request, rewrite, target, (headers, length)));
    let json = (may_be_json && is_usable).then(|| json_plan(coding, rewrite, target));
    settled((request, media), page, json, (coding, length))
}

/// What follows of what it may be.
fn settled(
    (request, media): (&RequestPlan, Media),
    page: Option<HtmlPlan>,
    json: Option<JsonPlan>,
    (coding, length): (Coding, Option<u64>),
) -> ResponsePlan {
    match (media, page, json) {
        (Media::Html, Some(page), None) => ResponsePlan::Html(page),
        (Media::Xml, Some(page), _) if request.is_document => ResponsePlan::Html(page),
        (Media::Json, _, Some(json)) => ResponsePlan::Json(json),
        _ if length == Some(0) => ResponsePlan::Pass(None),
        (_, page, json) => {
            let mark = match media {
                Media::Html => PageMark::Certain,
                Media::Xml => PageMark::Parts,
                Media::MaybeJson => PageMark::Delta,
                Media::Json | Media::Unknown | Media::Other => PageMark::Sniffed { may_be_xml: request.is_document },
            };
            let page = page.map(|page| (page, mark));
            ResponsePlan::Doubtful(DoubtfulPlan { coding, page, json })
        }
    }
}

/// Then a body without a type is no page to browsers (MIME Sniffing 7).
fn is_told_not_to_sniff(headers: &HeaderMap) -> bool {
    let value = headers.get(header::X_CONTENT_TYPE_OPTIONS).map(HeaderValue::as_bytes).unwrap_or_default();
    let first = value.split(|byte| *byte == b',').next().unwrap_or_default();
    first.trim_ascii().eq_ignore_ascii_case(b"nosniff")
}

fn html_plan(
    (coding, charset): (Coding, Option<&'static Encoding>),
    request: &RequestPlan,
    rewrite: &SiteRewrite,
    target: &Target,
    (headers, length): (&HeaderMap, Option<u64>),
) -> HtmlPlan {
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
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let syntax = match content_type::syntax(&String::from_utf8_lossy(content_type)) {
        Syntax::AnyXml if !request.is_document => Syntax::Parts,
        syntax @ (Syntax::Html | Syntax::Xml | Syntax::AnyXml | Syntax::Parts) => syntax,
    };
    let script = rewrite.script().filter(|_| request.is_document && syntax != Syntax::AnyXml);
    let script = script.map(|script| script.under(lines.iter().copied())).unwrap_or_default();
    let may_be_json = request.is_fetched && syntax == Syntax::Html;
    let settings =
        HtmlSettings { charset, syntax, policies: FramePolicies::of_head(lines), inserts, script, may_be_json };
    HtmlPlan { coding, hold, settings, extended }
}

fn json_plan(coding: Coding, rewrite: &SiteRewrite, target: &Target) -> JsonPlan {
    let paths = rules_of(rewrite, &target.path).map(|rule| Arc::clone(&rule.select)).collect();
    JsonPlan { coding, paths }
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
