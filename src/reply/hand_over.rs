//! The page that hands a form to another site by itself.

use maud::html;

use super::{
    answer::{Answer, Context, page_with_form},
    inline_script::InlineScript,
    pages::{Screen, shell},
    words::PageWord,
};
use crate::reason::Done;

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
        (SENDS_ITSELF.element())
    };
    let markup = shell(context, Screen::Tab, context.word(PageWord::SigningOut), &content);
    SENDS_ITSELF.running_in(page_with_form(context, Done::SignedOut, markup))
}

static SENDS_ITSELF: InlineScript = InlineScript::new("document.forms[0].submit()");
