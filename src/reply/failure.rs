//! A refusal as an answer: a page for people, JSON for programs, in the words of the table.

use http::{StatusCode, header::RETRY_AFTER};
use jiff::Timestamp;
use maud::html;

use super::{
    answer::{Answer, Audience, Context, isolated, json, page},
    inline_script::HANDS_FRAGMENT_ON,
    pages::{Screen, shell},
    words::{PageWord, ReasonPart},
};
use crate::{reason::Reason, time::UnixSeconds};

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
    /// Where to sign in as somebody else, if that helps: a path of this site.
    pub(crate) other_account_url: Option<&'a str>,
    /// Where the person came from: a path of this site.
    pub(crate) back_url: Option<&'a str>,
    /// Whether the sign-in belongs into a new tab, because this one holds a form that was not sent.
    pub(crate) keeps_form: bool,
    /// Whether it is what was wrong with a bearer token: 401 whatever that was (RFC 6750 3.1).
    pub(crate) is_of_bearer: bool,
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
        Self {
            reason,
            audience,
            login_url: None,
            provider_says: None,
            other_account_url: None,
            back_url: None,
            keeps_form: false,
            is_of_bearer: false,
        }
    }

    const fn leads_to_sign_in(&self) -> bool {
        self.login_url.is_some() || self.other_account_url.is_some()
    }
}

/// The answer to a refused request.
#[must_use]
pub(crate) fn failure(context: Context<'_>, failure: Failure<'_>) -> Answer {
    let status = if failure.is_of_bearer { StatusCode::UNAUTHORIZED } else { failure.reason.status() };
    let why = failure.reason;
    let title = context.about(failure.reason, ReasonPart::Title);
    let in_screen = |screen| {
        let page = page(context, status, why, shell(context, screen, title, &markup(context, failure)));
        if failure.leads_to_sign_in() { HANDS_FRAGMENT_ON.running_in(page) } else { page }
    };
    let mut answer = match failure.audience {
        Audience::Program => json(context, status, why, &body(context, failure)),
        Audience::Tab => isolated(in_screen(Screen::Tab)),
        Audience::Frame => in_screen(Screen::Frame),
    };
    if let Some(seconds) = failure.reason.retry_after() {
        answer.headers_mut().insert(RETRY_AFTER, u16::from(seconds).into());
    }
    answer
}

fn body(context: Context<'_>, failure: Failure<'_>) -> serde_json::Value {
    let mut body = serde_json::json!({
        "reason": failure.reason.as_str(),
        "message": context.about(failure.reason, ReasonPart::Sentence),
        "request_id": context.request_id,
    });
    for (name, url) in [("login_url", failure.login_url), ("other_account_url", failure.other_account_url)] {
        if let (Some(url), Some(object)) = (url, body.as_object_mut()) {
            object.insert(name.to_owned(), url.into());
        }
    }
    body
}

fn markup(context: Context<'_>, failure: Failure<'_>) -> maud::Markup {
    let about = |part| context.about(failure.reason, part);
    // In a frame a sign-in opens in the whole tab: providers refuse to be framed.
    let (target, label) =
        if failure.keeps_form { ("_blank", PageWord::SignInNewTab) } else { ("_top", begin(failure.reason)) };
    html! {
        p { (about(ReasonPart::Sentence)) }
        @if let Some(text) = failure.provider_says {
            p { (context.word(PageWord::ProviderSays)) " " q { (text) } }
        }
        p { (about(ReasonPart::Advice)) }
        @if let Some(url) = failure.login_url {
            p { a.button href=(url) target=(target) rel="noopener" { (context.word(label)) } }
        }
        @if failure.other_account_url.is_some() || failure.back_url.is_some() {
            p {
                @if let Some(url) = failure.other_account_url {
                    a href=(url) target=(target) rel="noopener" { (context.word(PageWord::OtherAccount)) }
                    " "
                }
                @if let Some(url) = failure.back_url { a href=(url) target="_top" { (context.word(PageWord::Back)) } }
            }
        }
        p.small {
            (context.word(PageWord::Reason)) ": " code { (failure.reason.as_str()) }
            " · " (context.word(PageWord::Request)) ": " code { (context.request_id) }
            " · " (context.word(PageWord::Time)) ": " (time_text(context.now))
        }
        @if failure.leads_to_sign_in() { (HANDS_FRAGMENT_ON.element()) }
    }
}

/// In UTC, as log lines have it.
fn time_text(now: UnixSeconds) -> String {
    let seconds = i64::try_from(now.0).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    seconds.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

/// What the link to a sign-in says.
const fn begin(reason: Reason) -> PageWord {
    if matches!(reason, Reason::RecheckDue) { PageWord::Continue } else { PageWord::SignIn }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Language, PageSettings, WordKey},
        *,
    };

    #[test]
    fn the_link_to_sign_in_is_not_in_the_debug_text() {
        let failure = Failure::new(Reason::NotSignedIn, Audience::Tab);
        let failure = Failure { login_url: Some("/oauth2/start?rd=%2Fa%3Fcode%3Dmarker"), ..failure };
        assert!(!format!("{failure:?}").contains("marker"));
    }

    fn text(failure_of: Failure<'_>) -> String {
        String::from_utf8(failure(Context::of_tests(), failure_of).body().to_vec()).unwrap()
    }

    #[test]
    fn a_page_says_when_and_for_which_request_and_offers_another_account_and_the_way_back() {
        let plain = Failure::new(Reason::AccessDenied, Audience::Tab);
        let page = text(Failure { other_account_url: Some("/s?rd=%2Fa"), back_url: Some("/b?x=1&y"), ..plain });
        for part in [
            "<html lang=\"en\">",
            "Request: <code>id</code> · Time: 2027-01-15 08:00:00 UTC",
            "<a href=\"/s?rd=%2Fa\" target=\"_top\" rel=\"noopener\">Sign in as somebody else</a>",
            "<a href=\"/b?x=1&amp;y\" target=\"_top\">Back to the application</a>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!text(plain).contains("<a "));
        let answer = text(Failure { other_account_url: Some("/s"), audience: Audience::Program, ..plain });
        assert!(answer.contains("\"other_account_url\":\"/s\"") && !answer.contains("\"login_url\""), "{answer}");
    }

    #[test]
    fn a_page_speaks_the_operators_words_and_shows_their_line_as_text_and_their_picture_from_the_page_itself() {
        let mut pages = PageSettings { language: Some(Language::French), ..PageSettings::default() };
        pages.contact = Some("Ask <us>".to_owned());
        pages.words[2].insert(WordKey::Page(PageWord::Reason), "Motif".to_owned());
        let of = |pages: &PageSettings| {
            let context = Context { pages, speaking: pages.speaking(Some("de")), ..Context::of_tests() };
            let answer = failure(context, Failure::new(Reason::TokenAud, Audience::Tab));
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            (String::from_utf8(answer.body().to_vec()).unwrap(), policy)
        };
        let (page, policy) = of(&pages);
        assert!(page.contains("lang=\"fr\"") && page.contains("Motif: ") && page.contains("Ask &lt;us&gt;"), "{page}");
        assert!(page.contains(Reason::TokenAud.words().title) && !policy.contains("img-src"), "{policy}");
        pages.logo = Some("data:image/png;base64,AA==".to_owned());
        let (page, policy) = of(&pages);
        assert!(page.contains("<img class=\"logo\" src=\"data:image/png;base64,AA==\" alt=\"\">"), "{page}");
        assert!(policy.ends_with("; img-src data:") && policy.starts_with("default-src 'none'"), "{policy}");
    }

    #[test]
    fn the_words_of_a_provider_are_quoted_text_under_its_name_and_for_people_alone() {
        let context = Context::of_tests();
        let of = |audience, provider_says| {
            let failure_ = Failure { provider_says, ..Failure::new(Reason::ProviderRefused, audience) };
            String::from_utf8(failure(context, failure_).body().to_vec()).unwrap()
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
    fn what_passes_by_itself_says_when_to_come_again() {
        let of = |reason| failure(Context::of_tests(), Failure::new(reason, Audience::Tab));
        assert_eq!(of(Reason::ProviderBusy).headers()[RETRY_AFTER], "2");
        assert!(!of(Reason::AccessDenied).headers().contains_key(RETRY_AFTER));
    }
}
