//! Scripts that stand in pages of ours themselves: the page's policy names the script's hash, and nothing else runs there.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use maud::{Markup, PreEscaped, html};

use super::answer::Answer;

/// A script, as it stands in a page.
pub(super) struct InlineScript {
    text: &'static str,
    /// What a policy says of it.
    directive: OnceLock<String>,
}

/// Hands the fragment of an address on to the sign-ins that the page leads to.
pub(super) static HANDS_FRAGMENT_ON: InlineScript = InlineScript::new(include_str!("assets/fragment.js"));

impl InlineScript {
    /// A script of ours.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, directive: OnceLock::new() }
    }

    /// Its element; at the end of a page's content, for it looks at what stands before it.
    pub(super) fn element(&self) -> Markup {
        html! { script { (PreEscaped(self.text)) } }
    }

    /// The page with that element, whose policy lets it run.
    pub(super) fn running_in(&self, mut page: Answer) -> Answer {
        let hash = || STANDARD.encode(digest(&SHA256, self.text.as_bytes()));
        let directive = self.directive.get_or_init(|| format!("script-src 'sha256-{}'", hash()));
        let policy = page.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
        let policy = policy.and_then(|policy| HeaderValue::try_from(format!("{policy}; {directive}")).ok());
        if let Some(policy) = policy {
            page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        AddressForm, Audience, Context, Failure, ProviderChoice, choice, failure, hand_over, signed_in_but_cut,
        signed_out,
    };
    use super::*;
    use crate::reason::Reason;

    fn policy(answer: &Answer) -> &str {
        answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap()
    }

    /// What a browser takes the hash of.
    fn script(answer: &Answer) -> Option<&str> {
        let text = std::str::from_utf8(answer.body()).unwrap();
        assert!(text.matches("<script").count() <= 1, "{text}");
        Some(text.split_once("<script>")?.1.split_once("</script>").unwrap().0)
    }

    fn refusal(audience: Audience, login_url: Option<&str>, other_account_url: Option<&str>) -> Answer {
        let plain = Failure::new(Reason::NotSignedIn, audience);
        failure(Context::of_tests(), Failure { login_url, other_account_url, ..plain })
    }

    #[test]
    fn each_page_that_leads_to_a_sign_in_has_the_script_and_its_policy_names_that_one_alone() {
        let (context, start) = (Context::of_tests(), "/oauth2/start?rd=%2F");
        let form = AddressForm { action: start.to_owned(), place: ("rd", "/".to_owned()), is_unknown: false };
        let pages = [
            choice(context, &ProviderChoice { providers: vec![], address: Some(form) }),
            refusal(Audience::Tab, Some(start), None),
            refusal(Audience::Frame, Some(start), None),
            refusal(Audience::Tab, None, Some(start)),
            signed_out(context, start),
            signed_in_but_cut(context, "/a"),
        ];
        for page in &pages {
            assert_eq!(script(page), Some(HANDS_FRAGMENT_ON.text), "{page:?}");
        }
        for page in pages.iter().chain([&hand_over(context, "https://login.example.com/out", &[])]) {
            let hash = STANDARD.encode(digest(&SHA256, script(page).unwrap().as_bytes()));
            let named = policy(page).split("; ").filter(|part| part.starts_with("script-src")).collect::<Vec<_>>();
            assert_eq!(named, [format!("script-src 'sha256-{hash}'")]);
        }
        for page in [refusal(Audience::Tab, None, None), refusal(Audience::Frame, None, None)] {
            assert!(script(&page).is_none() && !policy(&page).contains("script-src"), "{page:?}");
        }
        let json = refusal(Audience::Program, Some(start), Some(start));
        assert!(script(&json).is_none() && !json.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn the_script_ends_no_element() {
        assert!(!HANDS_FRAGMENT_ON.text.contains("</") && !HANDS_FRAGMENT_ON.text.contains("<!--"));
    }
}
