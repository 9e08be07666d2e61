//! The page that hands a form to another site by itself.

use std::sync::LazyLock;

use http::HeaderValue;
use maud::{PreEscaped, html};

use super::{
    answer::{Answer, Context, page_with_policy, policy_with_script},
    pages::{Screen, shell},
    words::PageWord,
};

/// Signed out here; the provider gets what it needs to end its session, in a form: so it is in no address, history or log. Without
/// scripts a button sends it.
#[must_use]
pub(crate) fn hand_over(context: Context<'_>, action: &str, fields: &[(&str, &str)]) -> Answer {
    let content = html! {
        p { (context.word(PageWord::HandOver)) }
        form method="post" action=(action) {
            @for (name, value) in fields {
                input type="hidden" name=(name) value=(value);
            }
            button.button { (context.word(PageWord::HandOverButton)) }
        }
        script { (PreEscaped(SCRIPT)) }
    };
    let markup = shell(context, Screen::Tab, context.word(PageWord::SigningOut), &content);
    page_with_policy(context, "signed_out", markup, POLICY.clone())
}

const SCRIPT: &str = "document.forms[0].submit()";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy_with_script(SCRIPT));
