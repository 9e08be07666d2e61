//! The page to choose one of several providers.

use maud::html;

use super::{
    answer::{Answer, Context, page_with_form},
    inline_script::HANDS_FRAGMENT_ON,
    pages::{Screen, shell},
    words::PageWord,
};
use crate::reason::Done;

/// What there is to choose from. Its links hold the place that a sign-in leads back to.
pub(crate) struct ProviderChoice<'a> {
    /// What people read, and where it leads; in this order.
    pub(crate) providers: Vec<(&'a str, String)>,
    /// A field for an address, before them.
    pub(crate) address: Option<AddressForm>,
}

/// A form that asks for an address, whose domain chooses.
pub(crate) struct AddressForm {
    /// Where it leads.
    pub(crate) action: String,
    /// What goes along: a name and a value.
    pub(crate) place: (&'static str, String),
    /// Whether an address was asked for already, and chose nobody.
    pub(crate) is_unknown: bool,
}

/// Nobody has chosen yet.
#[must_use]
pub(crate) fn choice(context: Context<'_>, choice: &ProviderChoice<'_>) -> Answer {
    let content = html! {
        @if let Some(form) = &choice.address {
            @if form.is_unknown {
                p role="alert" { (context.word(PageWord::ChooseUnknown)) }
            }
            form method="get" action=(form.action) {
                input type="hidden" name=(form.place.0) value=(form.place.1);
                p {
                    label for="email" { (context.word(PageWord::ChooseAddress)) }
                    input #email type="email" name="email" autocomplete="username" required autofocus;
                }
                p { button.button { (context.word(PageWord::ChooseContinue)) } }
            }
        }
        ul.choice {
            @for (label, url) in &choice.providers {
                li { a.button href=(url) { (label) } }
            }
        }
        (HANDS_FRAGMENT_ON.element())
    };
    let markup = shell(context, Screen::Tab, context.word(PageWord::ChooseTitle), &content);
    HANDS_FRAGMENT_ON.running_in(page_with_form(context, Done::ChooseProvider, markup))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_and_link_is_text() {
        let place = ("rd", "/a\"b".to_owned());
        let form = AddressForm { action: "/oauth2/start".to_owned(), place, is_unknown: true };
        let providers = vec![("<Corp>", "/oauth2/start?provider=corp&rd=%2F".to_owned())];
        let answer = choice(Context::of_tests(), &ProviderChoice { providers, address: Some(form) });
        let text = std::str::from_utf8(answer.body()).unwrap();
        for part in ["&lt;Corp&gt;", "provider=corp&amp;rd=%2F", "value=\"/a&quot;b\"", "No sign-in belongs"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
