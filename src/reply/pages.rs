//! Our own pages: one shell, few contents.

use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::{
    answer::{Answer, Audience, Context, isolated, page, page_with_form},
    inline_script::HANDS_FRAGMENT_ON,
    words::PageWord,
};
use crate::reason::Done;

/// Where a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    /// In a whole tab.
    Tab,
    /// In a frame of another page: small.
    Frame,
}

impl Screen {
    const fn class(self) -> &'static str {
        match self {
            Self::Tab => "tab",
            Self::Frame => "frame",
        }
    }
}

/// Asked from another site, or as a frame: the person confirms first.
///
/// Its form is sent by the whole tab, from a page of our own: no frame in anybody's page can do that. By POST, for a service worker
/// passes a link on as it does what a stored frame asks for.
#[must_use]
pub(crate) fn confirm_sign_out(context: Context<'_>, audience: Audience, sign_out: &str) -> Answer {
    let content = html! {
        p { (context.word(PageWord::ConfirmText)) }
        form method="post" action=(sign_out) target="_top" {
            button.button { (context.word(PageWord::SignOut)) }
            " "
            a href="/" target="_top" { (context.word(PageWord::Stay)) }
        }
    };
    let title = context.word(PageWord::ConfirmTitle);
    let in_screen = |screen| page_with_form(context, Done::ConfirmSignOut, shell(context, screen, title, &content));
    match audience {
        Audience::Tab => isolated(in_screen(Screen::Tab)),
        Audience::Frame | Audience::Program => in_screen(Screen::Frame),
    }
}

/// On the way from a form of the provider's to the callback: a page of our own asks for it, so that our cookies come along.
#[must_use]
pub(crate) fn going_on(context: Context<'_>, callback: &str) -> Answer {
    let content = html! {
        p { a.button href=(callback) { (context.word(PageWord::GoOn)) } }
    };
    let shell = shell(context, Screen::Tab, context.word(PageWord::SigningIn), &content);
    let mut answer = page(context, StatusCode::OK, Done::FormAnswer, shell);
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={callback}")) {
        answer.headers_mut().insert(header::REFRESH, refresh);
    }
    answer
}

/// The end of a session, where the provider has no page for it; `sign_in` begins another.
#[must_use]
pub(crate) fn signed_out(context: Context<'_>, sign_in: &str) -> Answer {
    let content = html! {
        p { (context.word(PageWord::SignedOutText)) }
        p { a.button href=(sign_in) { (context.word(PageWord::SignInAgain)) } }
        (HANDS_FRAGMENT_ON.element())
    };
    let title = context.word(PageWord::SignedOutTitle);
    let page = page(context, StatusCode::OK, Done::SignedOut, shell(context, Screen::Tab, title, &content));
    isolated(HANDS_FRAGMENT_ON.running_in(page))
}

/// Signed in, where the address that was asked for was too long to be carried through a sign-in: the person goes on by hand.
#[must_use]
pub(crate) fn signed_in_but_cut(context: Context<'_>, location: &str) -> Answer {
    let content = html! {
        p { (context.word(PageWord::CutText)) }
        p { a.button href=(location) data-place { (context.word(PageWord::GoOn)) } }
        (HANDS_FRAGMENT_ON.element())
    };
    let shell = shell(context, Screen::Tab, context.word(PageWord::CutTitle), &content);
    HANDS_FRAGMENT_ON.running_in(page(context, StatusCode::OK, Done::SignedIn, shell))
}

/// The frame around a page's content.
pub(super) fn shell(context: Context<'_>, screen: Screen, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(context.language()) {
            (head(context, title))
            body class=(screen.class()) {
                main {
                    @if let Some(logo) = &context.pages.logo { img.logo src=(logo) alt=""; }
                    h1 { (title) }
                    (content)
                    @if let Some(contact) = &context.pages.contact { p.contact { (contact) } }
                }
            }
        }
    }
}

fn head(context: Context<'_>, title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="robots" content="noindex";
            title { (title) }
            link rel="stylesheet" href=(context.own_paths.style());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, failure, json, redirect, style};
    use super::*;
    use crate::reason::Reason;

    /// Every answer keeps others from loading it; only what ends a tab's way cuts it off from what opened it.
    #[test]
    fn only_the_end_of_a_tabs_way_is_isolated_and_every_answer_is_ours_alone() {
        let context = Context::of_tests();
        let refusal = |audience| failure(context, Failure::new(Reason::AccessDenied, audience));
        let location = HeaderValue::from_static("/");
        let isolated =
            [signed_out(context, "/"), confirm_sign_out(context, Audience::Tab, "/x"), refusal(Audience::Tab)];
        let others = [
            confirm_sign_out(context, Audience::Frame, "/x"),
            refusal(Audience::Frame),
            refusal(Audience::Program),
            redirect(context, &location, Done::SignedIn),
            json(context, StatusCode::OK, Done::Userinfo, &serde_json::Value::Null),
            style(context),
        ];
        let policy = |answer: &Answer, name: &str| {
            answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for (answers, opener) in [(&isolated[..], &["same-origin"][..]), (&others, &[])] {
            for answer in answers {
                assert_eq!(policy(answer, "cross-origin-opener-policy"), opener, "{answer:?}");
                assert_eq!(policy(answer, "cross-origin-resource-policy"), ["same-origin"], "{answer:?}");
            }
        }
    }
}
