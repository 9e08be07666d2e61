//! The embed page: what the stable link of an embed answers with. Its script puts Sigma one frame further down, so that the page
//! around it needs nothing but a `src`, and no history entry of anybody's holds a URL that works once.

use std::{collections::BTreeMap, sync::LazyLock};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, PreEscaped, html};
use serde::Serialize;

use super::{
    answer::{Answer, Context, bare},
    words::{PageWord, ReasonPart},
};
use crate::{
    embed::Renew,
    reason::{Done, Reason, Why},
    time::UnixSeconds,
};

const SOURCE: &str = include_str!("assets/embed_page.js");
const STYLE: &str = include_str!("assets/embed_page.css");

/// The script as it is sent: without comments and indentation, for every embed page has all of it.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = SOURCE.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
});

/// What the script says to people, each by its key: in the language of the page around it.
const SCRIPT_WORDS: &[PageWord] = &[
    PageWord::Continue,
    PageWord::OpenInTab,
    PageWord::Reason,
    PageWord::SignIn,
    PageWord::EmbedLoading,
    PageWord::EmbedClose,
    PageWord::EmbedTryAgain,
    PageWord::EmbedSandbox,
    PageWord::EmbedCredentialless,
    PageWord::EmbedNoAnswer,
    PageWord::EmbedNotNow,
    PageWord::EmbedLoadPage,
    PageWord::EmbedSignedOut,
    PageWord::EmbedWrongAddress,
    PageWord::EmbedNotRenewed,
    PageWord::EmbedBack,
    PageWord::EmbedLeft,
    PageWord::EmbedNothingYet,
    PageWord::SigmaEacces,
    PageWord::SigmaEexist,
    PageWord::SigmaEinval,
    PageWord::SigmaEnoent,
    PageWord::SigmaEperm,
    PageWord::SigmaEstale,
    PageWord::SigmaEtimedout,
    PageWord::SigmaNetwork,
    PageWord::SigmaUnknown,
];

/// What an embed page is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EmbedPage<'a> {
    /// The embed's name.
    pub(crate) embed: &'a str,
    /// What people read of it.
    pub(crate) title: &'a str,
    /// Sigma's origin.
    pub(crate) sigma: &'a str,
    /// Where the embed API has further URLs of the same view.
    pub(crate) api: &'a str,
    /// Where the visitor is told of themselves.
    pub(crate) person: &'a str,
    /// When the session is renewed.
    pub(crate) renew: Renew,
    /// Whether the frame takes the height of Sigma's page.
    pub(crate) fit: bool,
    /// What it begins with.
    pub(crate) first: First<'a>,
    /// When it is made.
    pub(crate) now: UnixSeconds,
    /// What nobody can guess, once.
    pub(crate) nonce: &'a str,
}

/// What an embed page begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum First<'a> {
    /// This signed URL, and its end.
    Url(&'a str, UnixSeconds),
    /// Nothing: nobody looks at the page yet, or it may be kept, and so it holds nothing about a person.
    Nothing,
    /// Words, with a link to a sign-in: the script knows the page around the frame, to which that should lead.
    SignIn {
        /// Why.
        reason: Reason,
        /// The link.
        login_url: &'a str,
    },
}

/// What the page's script reads.
#[derive(Serialize)]
struct Settings<'a> {
    api: &'a str,
    events: String,
    person: &'a str,
    sigma: &'a str,
    embed: &'a str,
    title: &'a str,
    renew: &'static str,
    fit: bool,
    words: BTreeMap<&'static str, &'a str>,
    now: u64,
    minted: Option<ToldUrl<'a>>,
    refusal: Option<ToldRefusal<'a>>,
}

#[derive(Serialize)]
struct ToldUrl<'a> {
    url: &'a str,
    expires_at: u64,
}

#[derive(Serialize)]
struct ToldRefusal<'a> {
    reason: &'static str,
    message: &'a str,
    login_url: &'a str,
}

/// Scripts that fetch what a link of the site leads to, and put it into the document that is there: under that document's policy our script
/// may not run, and in a `<turbo-frame>` nothing is shown. By this word they open the page as a browser does.
const LOAD_ANEW: [&str; 2] = ["turbo", "turbolinks"];

/// The page. Nobody keeps it, and everybody whom `Sec-Fetch-Site` let in may frame it: that looks at who asks, where
/// `frame-ancestors` would look at every page around the page that asks.
#[must_use]
pub(crate) fn embed_page(context: Context<'_>, page: EmbedPage<'_>) -> Answer {
    let (status, why) = page.first.said();
    let markup = html! {
        (DOCTYPE)
        html lang=(context.language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                @for library in LOAD_ANEW {
                    meta name={ (library) "-visit-control" } content="reload";
                }
                title { (page.title) }
                style nonce=(page.nonce) { (PreEscaped(STYLE)) }
            }
            body {
                p role="status" {
                    (context.word(PageWord::NeedsScript))
                    " "
                    a href="" target="_blank" { (context.word(PageWord::OpenInTab)) }
                }
                script type="application/json" id="embed" { (PreEscaped(settings(context, page))) }
                script nonce=(page.nonce) { (PreEscaped(SCRIPT.as_str())) }
            }
        }
    };
    let mut answer = bare(context, status, why, Bytes::from(markup.into_string()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(page.nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

impl First<'_> {
    /// The status, and what the answer says of itself.
    fn said(self) -> (StatusCode, Why) {
        match self {
            Self::Url(..) => (StatusCode::OK, Done::Minted.into()),
            Self::Nothing => (StatusCode::OK, Done::EmbedPage.into()),
            Self::SignIn { reason, .. } => (reason.status(), reason.into()),
        }
    }
}

/// As JSON that ends no script element, whatever a text in it says.
fn settings(context: Context<'_>, page: EmbedPage<'_>) -> String {
    let (minted, refusal) = match page.first {
        First::Url(url, expires_at) => (Some(ToldUrl { url, expires_at: expires_at.0 }), None),
        First::Nothing => (None, None),
        First::SignIn { reason, login_url } => {
            let message = context.about(reason, ReasonPart::Sentence);
            (None, Some(ToldRefusal { reason: reason.as_str(), message, login_url }))
        }
    };
    let settings = Settings {
        api: page.api,
        events: context.own_paths.events(),
        person: page.person,
        sigma: page.sigma,
        embed: page.embed,
        title: page.title,
        renew: match page.renew {
            Renew::Before => "before",
            Renew::Expiry => "expiry",
        },
        fit: page.fit,
        words: SCRIPT_WORDS.iter().map(|word| (word.key(), context.word(*word))).collect(),
        now: page.now.0,
        minted,
        refusal,
    };
    serde_json::to_string(&settings).unwrap_or_default().replace('<', "\\u003c")
}

/// Frames of any site: a link in a workbook may lead there, and a list of Sigma's origins would follow Sigma about.
fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; frame-src http: https:; \
         base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Language, WordKey};
    use super::*;

    fn page(title: &str, first: First<'_>) -> (String, Answer) {
        page_in(Context::of_tests(), title, first)
    }

    fn page_in(context: Context<'_>, title: &str, first: First<'_>) -> (String, Answer) {
        let page = EmbedPage {
            embed: "revenue",
            title,
            sigma: "https://app.sigmacomputing.com",
            api: "/sigma/api/embeds/revenue",
            person: "/oauth2/userinfo",
            renew: Renew::Before,
            fit: false,
            first,
            now: UnixSeconds(7),
            nonce: "n-1",
        };
        let answer = embed_page(context, page);
        (String::from_utf8(answer.body().to_vec()).unwrap(), answer)
    }

    fn told(text: &str) -> serde_json::Value {
        let (_, rest) = text.split_once("id=\"embed\">").expect("the settings");
        serde_json::from_str(rest.split_once("</script>").expect("an end").0).expect("JSON")
    }

    #[test]
    fn the_script_is_told_the_url_where_there_is_one() {
        let (text, _) = page("Revenue", First::Url("https://app.sigmacomputing.com/acme/x?:jwt=t", UnixSeconds(9)));
        let told = told(&text);
        assert_eq!(told["minted"]["url"], "https://app.sigmacomputing.com/acme/x?:jwt=t");
        assert_eq!((&told["minted"]["expires_at"], &told["now"]), (&9.into(), &7.into()));
        assert_eq!((&told["api"], &told["events"]), (&"/sigma/api/embeds/revenue".into(), &"/sigma/api/events".into()));
        let bare = self::told(&page("Revenue", First::Nothing).0);
        assert!(bare["minted"].is_null() && bare["refusal"].is_null());
    }

    /// Every text is said in the reader's language, and nothing is sent that nobody says.
    #[test]
    fn the_script_is_told_each_text_that_it_says_and_has_none_of_its_own() {
        let codes = SOURCE.split_once("const CODES = [").unwrap().1.split_once("];").unwrap().0;
        let codes = codes.split(", ").map(|code| format!("sigma_{}", code.trim_matches('\'').to_lowercase()));
        let is_of_key = |c: char| c.is_ascii_lowercase() || c == '_';
        let said = SOURCE.split("words.").skip(1).map(|rest| rest.split(|c| !is_of_key(c)).next().unwrap().to_owned());
        let mut said: Vec<_> = said.filter(|key| !key.is_empty()).chain(codes).collect();
        said.sort();
        said.dedup();
        let mut pages = crate::reply::PageSettings { language: Some(Language::German), ..Default::default() };
        for word in SCRIPT_WORDS {
            pages.words[1].insert(WordKey::Page(*word), format!("«{}»", word.key()));
        }
        let context = Context { pages: &pages, speaking: pages.speaking(None), ..Context::of_tests() };
        let words = told(&page_in(context, "Revenue", First::Nothing).0)["words"].as_object().unwrap().clone();
        assert_eq!(words.keys().cloned().collect::<Vec<_>>(), said);
        assert!(words.iter().all(|(key, text)| *text == format!("«{key}»")), "{words:?}");
        let texts = SCRIPT.split(['\'', '"', '`']).filter(|text| text.contains(' ') && !text.contains('\n'));
        assert_eq!(texts.filter(|text| text.starts_with(char::is_uppercase)).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn whoever_must_sign_in_reads_so_and_gets_the_link() {
        let (text, answer) = page("Revenue", First::SignIn { reason: Reason::NotSignedIn, login_url: "/in?rd=%2F" });
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let refusal = &told(&text)["refusal"];
        assert_eq!((&refusal["reason"], &refusal["login_url"]), (&"not_signed_in".into(), &"/in?rd=%2F".into()));
    }

    #[test]
    fn no_title_ends_an_element() {
        let evil = "</title></script><script>alert(1)</script>";
        let (text, _) = page(evil, First::Nothing);
        assert_eq!(told(&text)["title"], evil);
        assert_eq!(text.matches("<script").count(), 2, "{text}");
        assert_eq!(text.matches("</title").count(), 1);
    }

    #[test]
    fn only_our_script_runs_nobody_keeps_the_page_and_whoever_was_let_in_may_frame_it() {
        let (text, answer) = page("Revenue", First::Nothing);
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'nonce-n-1';") && !policy.contains("frame-ancestors"), "{policy}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(text.matches("nonce=\"n-1\"").count(), 2);
    }

    #[test]
    fn who_puts_pages_into_the_document_that_is_there_is_told_to_open_this_one() {
        let (text, _) = page("Revenue", First::Nothing);
        for library in ["turbo", "turbolinks"] {
            assert!(text.contains(&format!("<meta name=\"{library}-visit-control\" content=\"reload\">")), "{text}");
        }
    }

    /// Scripts and styles are written as they are: nothing in them may look like their end.
    #[test]
    fn the_assets_do_not_end_their_elements_and_lose_comments_only() {
        for asset in [SCRIPT.as_str(), STYLE] {
            assert!(!asset.contains("</") && !asset.contains("<!--"));
        }
        assert!(SCRIPT.lines().all(|line| !line.starts_with("//")) && SCRIPT.len() * 10 < SOURCE.len() * 9);
        assert!(SCRIPT.starts_with("(() => {") && SCRIPT.ends_with("})();"));
        // No text goes over the end of a line, where leading spaces would count.
        assert!(SOURCE.lines().all(|line| line.matches('`').count() % 2 == 0));
    }
}
