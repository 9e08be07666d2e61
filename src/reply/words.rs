//! What our pages say, in each language: English stands in the code, what differs from it in tables.

use std::collections::BTreeMap;

use crate::{limits::LANGUAGE_RANGES_MAX, reason::Reason};

/// A language of our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    /// `en`
    English,
    /// `de`
    German,
    /// `fr`
    French,
}

/// A key of a table of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WordKey {
    /// A text of a page.
    Page(PageWord),
    /// A text about a reason.
    Reason(Reason, ReasonPart),
}

/// Which text about a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReasonPart {
    /// What happened, as a title.
    Title,
    /// What happened, as a sentence.
    Sentence,
    /// What to do.
    Advice,
}

/// The texts of one language; what it lacks is English.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WordTable(BTreeMap<WordKey, String>);

/// The texts of pages: variant, key, English.
macro_rules! page_words {
    ($($variant:ident $key:literal $english:literal;)+) => {
        /// A text of a page that is about no reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum PageWord {
            $(#[doc = $english] $variant,)+
        }

        impl PageWord {
            const ALL: &[Self] = &[$(Self::$variant,)+];

            pub(super) const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            const fn english(self) -> &'static str {
                match self { $(Self::$variant => $english,)+ }
            }
        }
    };
}

page_words! {
    SignIn "sign_in" "Sign in";
    SignInNewTab "sign_in_new_tab" "Sign in in a new tab, then send the form again";
    OtherAccount "other_account" "Sign in as somebody else";
    Back "back" "Back to the application";
    Reason "reason" "Reason";
    Request "request" "Request";
    Time "time" "Time";
    ConfirmTitle "confirm_title" "Sign out?";
    ConfirmText "confirm_text" "Another page asked to sign you out of this application.";
    SignOut "sign_out" "Sign out";
    Stay "stay" "Stay signed in";
    SignedOutTitle "signed_out_title" "Signed out";
    SignedOutText "signed_out_text" "You are signed out of this application. The sign-in service may still know you.";
    SignInAgain "sign_in_again" "Sign in again";
    CutTitle "cut_title" "You are signed in";
    CutText "cut_text" "The address that you opened was too long to be kept while you signed in. Open it again, or go on to its page without the parameters behind it.";
    GoOn "go_on" "Go on";
    ChooseTitle "choose_title" "How do you want to sign in?";
    ChooseUnknown "choose_unknown" "No sign-in belongs to that address. Choose one below.";
    ChooseAddress "choose_address" "Your e-mail address at work";
    ChooseContinue "choose_continue" "Continue";
    ProviderSays "provider_says" "The sign-in service says:";
    Continue "continue" "Continue";
    SigningIn "signing_in" "Signing in";
    SigningOut "signing_out" "Signing out";
    HandOver "hand_over" "You are signed out of this application. The sign-in service is told now.";
    HandOverButton "hand_over_button" "Sign out there too";
    NeedsScript "needs_script" "This dashboard needs JavaScript and a current browser.";
    OpenInTab "open_in_tab" "Open it in a tab";
    EmbedLoading "embed_loading" "Loading …";
    EmbedClose "embed_close" "Close";
    EmbedTryAgain "embed_try_again" "Try again";
    EmbedSandbox "embed_sandbox" "The page around this dashboard keeps it in a sandbox without \"allow-same-origin\".";
    EmbedCredentialless "embed_credentialless" "The page around this dashboard loads it without your sign-in (credentialless).";
    EmbedNoAnswer "embed_no_answer" "No answer. Check the connection.";
    EmbedNotNow "embed_not_now" "This dashboard cannot be asked for just now.";
    EmbedLoadPage "embed_load_page" "Load the page again";
    EmbedSignedOut "embed_signed_out" "You may have been signed out.";
    EmbedWrongAddress "embed_wrong_address" "This dashboard has a wrong address.";
    EmbedNotRenewed "embed_not_renewed" "This dashboard could not be renewed.";
    EmbedBack "embed_back" "Back to the dashboard";
    EmbedLeft "embed_left" "This is no longer the dashboard.";
    EmbedNothingYet "embed_nothing_yet" "Nothing to see here yet?";
    SigmaEacces "sigma_eacces" "Sigma does not show you this dashboard: it is not shared with you.";
    SigmaEexist "sigma_eexist" "Sigma has another user or team of this name.";
    SigmaEinval "sigma_einval" "Sigma does not take the address of this dashboard, or its time is over.";
    SigmaEnoent "sigma_enoent" "Sigma does not find this dashboard, or your account there is switched off.";
    SigmaEperm "sigma_eperm" "Sigma does not know you, and adds nobody by itself.";
    SigmaEstale "sigma_estale" "This dashboard, or its data, was deleted or archived in Sigma.";
    SigmaEtimedout "sigma_etimedout" "The data of this dashboard did not come in time.";
    SigmaNetwork "sigma_network" "This dashboard has lost its connection.";
    SigmaUnknown "sigma_unknown" "Sigma reports a fault without a name.";
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::German, Self::French];

    /// Its tag (RFC 5646).
    #[must_use]
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    /// The language that a browser prefers, of those that there are (RFC 9110 12.5.4); English where it wants none of them.
    #[must_use]
    pub(crate) fn of_browser(accepted: &str) -> Self {
        let ranges = accepted.split(',').take(LANGUAGE_RANGES_MAX).filter_map(range);
        // Of equal weights the first one counts.
        let best = ranges.fold(None, |best: Option<(Self, u16)>, (language, weight)| match best {
            Some((_, most)) if most >= weight => best,
            Some(_) | None => Some((language, weight)),
        });
        best.filter(|(_, weight)| *weight > 0).map_or(Self::English, |(language, _)| language)
    }
}

/// `de-AT;q=0.8`: a language that there is, and its weight in thousandths.
fn range(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let primary = parts.next()?.split('-').next()?;
    let language = Language::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((language, weight.map_or(Some(1_000), thousandths)?))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(1_000),
        _ => None,
    }
}

impl ReasonPart {
    const ALL: [(Self, &str); 3] = [(Self::Title, "title"), (Self::Sentence, "sentence"), (Self::Advice, "advice")];
}

impl WordKey {
    /// Every key.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let reasons = Reason::ALL.iter();
        let reasons = reasons.flat_map(|reason| ReasonPart::ALL.map(|(part, _)| Self::Reason(*reason, part)));
        PageWord::ALL.iter().copied().map(Self::Page).chain(reasons)
    }

    /// The path of its text in a file: `page.back`, `reason.outsider.title`.
    #[must_use]
    pub(crate) fn path(self) -> String {
        match self {
            Self::Page(word) => format!("page.{}", word.key()),
            Self::Reason(reason, part) => {
                let part = ReasonPart::ALL.into_iter().find(|(one, _)| *one == part).map_or("", |(_, name)| name);
                format!("reason.{reason}.{part}")
            }
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::Page(word) => word.english(),
            Self::Reason(reason, ReasonPart::Title) => reason.words().title,
            Self::Reason(reason, ReasonPart::Sentence) => reason.words().sentence,
            Self::Reason(reason, ReasonPart::Advice) => reason.words().advice,
        }
    }
}

impl WordTable {
    /// Takes a text, in place of an earlier one.
    pub(crate) fn insert(&mut self, key: WordKey, text: String) {
        self.0.insert(key, text);
    }

    /// The text of a key.
    #[must_use]
    pub(crate) fn text(&self, key: WordKey) -> &str {
        self.0.get(&key).map_or(key.english(), String::as_str)
    }

    /// Whether it has a text of its own.
    #[cfg(test)]
    pub(crate) fn has(&self, key: WordKey) -> bool {
        self.0.contains_key(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_the_browser_prefers_of_those_that_there_are() {
        use Language::{English, French, German};
        for (accepted, expected) in [
            ("", English),
            ("de", German),
            ("DE-at,de;q=0.9,en;q=0.5", German),
            ("da, en-gb;q=0.8, fr;q=0.7", English),
            ("da", English),
            ("fr-CA;q=0.3, de;q=0.31", German),
            ("fr, de", French),
            ("fr;q=0, de;q=0.0", English),
            ("*", English),
            ("de;q=1.5, fr;q=0.1", French),
            ("de;q=x", English),
            ("defoe, french", English),
            ("en;q=0.2 , fr ; q=0.9", French),
        ] {
            assert_eq!(Language::of_browser(accepted), expected, "{accepted:?}");
        }
        let many = format!("{}de", "da,".repeat(LANGUAGE_RANGES_MAX));
        assert_eq!(Language::of_browser(&many), English, "only the first ones are looked at");
        assert_eq!(Language::of_browser(&many[3..]), German);
    }

    #[test]
    fn no_two_texts_have_one_path_and_what_a_table_lacks_is_english() {
        let paths: std::collections::BTreeSet<_> = WordKey::all().map(WordKey::path).collect();
        assert_eq!(paths.len(), WordKey::all().count());
        let (mut table, title) = (WordTable::default(), WordKey::Reason(Reason::Outsider, ReasonPart::Title));
        table.insert(WordKey::Page(PageWord::Back), "Terug".to_owned());
        assert_eq!((table.text(WordKey::Page(PageWord::Back)), table.has(title)), ("Terug", false));
        assert_eq!(table.text(title), Reason::Outsider.words().title);
    }
}
