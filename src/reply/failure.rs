//! A refusal as an answer: a page for people, JSON for programs, in the words of the table.

use http::{HeaderValue, header::RETRY_AFTER};
use maud::html;

use super::{
    answer::{Answer, Audience, Context, isolated, json, page},
    pages::{Screen, shell},
};
use crate::reason::Reason;

/// A refusal. Its `Debug` shows no link: it may hold a code, in the place that a sign-in leads back to.
#[derive(Clone, Copy)]
pub(crate) struct Failure<'a> {
    /// Why.
    pub(crate) reason: Reason,
    /// Who reads it.
    pub(crate) audience: Audience,
    /// Where to sign in, if that helps: a path of this site.
    pub(crate) login_url: Option<&'a str>,
    /// What the provider says of it, cleaned and cut: somebody else's words.
    pub(crate) provider_says: Option<&'a str>,
    /// Whether the sign-in belongs into a new tab, because this one holds a form that was not sent.
    pub(crate) keeps_form: bool,
}

impl std::fmt::Debug for Failure<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut failure = f.debug_struct("Failure");
        failure.field("reason", &self.reason).field("audience", &self.audience);
        failure.field("keeps_form", &self.keeps_form).finish_non_exhaustive()
    }
}

impl Failure<'_> {
    /// A refusal that signing in does not mend.
    #[must_use]
    pub(crate) const fn new(reason: Reason, audience: Audience) -> Self {
        Self { reason, audience, login_url: None, provider_says: None, keeps_form: false }
    }
}

/// The answer to a refused request.
#[must_use]
pub(crate) fn failure(context: Context<'_>, failure: Failure<'_>) -> Answer {
    let status = failure.reason.status();
    let why = failure.reason.as_str();
    let mut answer = match failure.audience {
        Audience::Program => json(context, status, why, &body(context, failure)),
        Audience::Tab => isolated(page(
            context,
            status,
            why,
            shell(context, Screen::Tab, failure.reason.words().title, &markup(context, failure)),
        )),
        Audience::Frame => page(
            context,
            status,
            why,
            shell(context, Screen::Frame, failure.reason.words().title, &markup(context, failure)),
        ),
    };
    if let Some(seconds) = retry_after(failure.reason) {
        answer.headers_mut().insert(RETRY_AFTER, seconds);
    }
    answer
}

fn body(context: Context<'_>, failure: Failure<'_>) -> serde_json::Value {
    let mut body = serde_json::json!({
        "reason": failure.reason.as_str(),
        "message": failure.reason.words().sentence,
        "request_id": context.request_id,
    });
    if let (Some(url), Some(object)) = (failure.login_url, body.as_object_mut()) {
        object.insert("login_url".to_owned(), url.into());
    }
    body
}

fn markup(context: Context<'_>, failure: Failure<'_>) -> maud::Markup {
    let words = failure.reason.words();
    let (target, label) = if failure.keeps_form {
        ("_blank", "Sign in in a new tab, then send the form again")
    } else {
        // In a frame the sign-in opens in the whole tab: providers refuse to be framed.
        ("_top", "Sign in")
    };
    html! {
        p { (words.sentence) }
        @if let Some(text) = failure.provider_says {
            p { "The sign-in service says: " q { (text) } }
        }
        p { (words.advice) }
        @if let Some(url) = failure.login_url {
            p { a.button href=(url) target=(target) rel="noopener" { (label) } }
        }
        p.small { "Reason: " code { (failure.reason.as_str()) } " · Request: " code { (context.request_id) } }
    }
}

/// When it may be asked again, where that is known: `Retry-After`, in seconds.
fn retry_after(reason: Reason) -> Option<HeaderValue> {
    if reason == Reason::ProviderUnreachable {
        return Some(HeaderValue::from_static("30"));
    }
    (reason == Reason::ProviderBusy).then_some(HeaderValue::from_static("2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_sign_in_is_not_in_the_debug_text() {
        let failure = Failure::new(Reason::NotSignedIn, Audience::Tab);
        let failure = Failure { login_url: Some("/oauth2/start?rd=%2Fa%3Fcode%3Dmarker"), ..failure };
        assert!(!format!("{failure:?}").contains("marker"));
    }

    #[test]
    fn the_words_of_a_provider_are_quoted_text_under_its_name_and_for_people_alone() {
        let context = Context { request_id: "id", sigma_prefix: "/sigma" };
        let of = |audience, provider_says| {
            let failure_ = Failure { provider_says, ..Failure::new(Reason::ProviderRefused, audience) };
            String::from_utf8(failure(context, failure_).into_body().to_vec()).unwrap()
        };
        let said = Some("denied: <a href=\"https://evil.test\">call</a> https://evil.test");
        for audience in [Audience::Tab, Audience::Frame] {
            let page = of(audience, said);
            let expected = "The sign-in service says: <q>denied: &lt;a href=&quot;https://evil.test&quot;&gt;call&lt;/a&gt; \
                https://evil.test</q>";
            assert!(page.contains(expected) && !page.contains("<a href=\"https://evil"), "{page}");
            assert!(!of(audience, None).contains("<q>"));
        }
        assert!(!of(Audience::Program, said).contains("evil"));
    }

    #[test]
    fn only_what_passes_by_itself_says_when_to_come_again() {
        for &reason in Reason::ALL {
            let returns = matches!(reason, Reason::ProviderUnreachable | Reason::ProviderBusy);
            assert_eq!(retry_after(reason).is_some(), returns, "{reason}");
        }
    }
}
