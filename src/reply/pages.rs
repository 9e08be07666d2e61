//! Our own pages: one shell, few contents.

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::answer::{Answer, Context, page};

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

/// The top-level page of a stable link: the script puts the frame in, so that F5, Back and bookmarks get a fresh mint.
#[must_use]
pub fn embed_page(context: Context<'_>, title: &str, link: &str) -> Answer {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            (head(context, title))
            body.embed {
                div data-sigma-frame=(link) data-title=(title) {}
                // Without script F5 replays a used URL; the first view works.
                noscript { iframe src=(link) title=(title) {} }
                script src={ (context.sigma_prefix) "/embed.js" } {}
            }
        }
    };
    page(context, StatusCode::OK, "embed_page", markup)
}

/// Asked from another site: the person confirms first.
#[must_use]
pub fn confirm_sign_out(context: Context<'_>, sign_out: &str) -> Answer {
    let content = html! {
        p { "Another site asked to sign you out of this application." }
        p { a.button href=(sign_out) { "Sign out" } " " a href="/" { "Stay signed in" } }
    };
    page(context, StatusCode::OK, "confirm_sign_out", shell(context, Screen::Tab, "Sign out?", &content))
}

/// The end of a session, where the provider has no page for it.
#[must_use]
pub fn signed_out(context: Context<'_>) -> Answer {
    let content = html! {
        p { "You are signed out of this application. The sign-in service may still know you." }
        p { a.button href="/" { "Sign in again" } }
    };
    page(context, StatusCode::OK, "signed_out", shell(context, Screen::Tab, "Signed out", &content))
}

/// The frame around a page's content.
pub(super) fn shell(context: Context<'_>, screen: Screen, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(context, title))
            body class=(screen.class()) {
                main { h1 { (title) } (content) }
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
            link rel="stylesheet" href={ (context.sigma_prefix) "/style.css" };
        }
    }
}
