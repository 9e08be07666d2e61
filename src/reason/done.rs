//! What the gateway did where it refused nothing: a closed list of stable names, as that of reasons, and in the same places.
//!
//! The table below is the whole list, and a test holds the list in `docs/OPERATING.md` to it.

/// Rows: variant, name, what operators read about it.
macro_rules! done {
    ($($variant:ident $name:literal $documented:literal;)+) => {
        /// What was done. Logs, metrics and the `Sigma-Gateway` header show its name where a refusal has its reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Done {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Done {
            /// The stable name.
            #[must_use]
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        /// Everything that is done, each with what operators read about it.
        #[cfg(test)]
        const DOCUMENTED: &[(Done, &str)] = &[$((Done::$variant, $documented),)+];
    };
}

done! {
    Alias "alias" "308 to the site's own name.";
    Https "https" "308 from plain http to the site.";
    SignIn "sign_in" "A sign-in, or a silent round, began: the browser went to the provider.";
    ChooseProvider "choose_provider" "The page to choose one of several providers.";
    FormAnswer "form_answer" "The provider's answer came by form, and a page goes on to the callback.";
    SignedIn "signed_in" "A sign-in ended with a session, or its answer came a second time.";
    RecheckEnded "recheck_ended" "A silent round ended without a session: the provider does not vouch any more, or another session took its place.";
    SignedOut "signed_out" "The session ended, or the page said that it had.";
    ConfirmSignOut "confirm_sign_out" "Another site, or a frame, asked to sign out, and a page asked the person.";
    Minted "minted" "An answer with a signed URL.";
    EmbedPage "embed_page" "The embed page without a URL: nobody looks at it yet.";
    Userinfo "userinfo" "The visitor was told of themselves.";
    Event "event" "An error that Sigma reported to the embed page was taken.";
    Asset "asset" "A style, a script, or the keys of assertions.";
    Allowed "allowed" "[Forward-auth](#forward-auth): the proxy may let the request pass.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::{Reason, documented};

    #[test]
    fn no_two_things_that_are_done_have_one_name() {
        let names: std::collections::BTreeSet<_> = DOCUMENTED.iter().map(|(done, _)| done.as_str()).collect();
        assert_eq!(names.len(), DOCUMENTED.len());
        // Another site's request to sign out is refused where it comes from a program, and else asked back.
        let shared: Vec<_> = Reason::ALL.iter().filter(|reason| names.contains(reason.as_str())).collect();
        assert_eq!(shared, [&Reason::ConfirmSignOut]);
    }

    #[test]
    fn the_documented_list_is_that_of_the_table() {
        let row = |(done, what): &(Done, &str)| format!("| `{}` | {what} |\n", done.as_str());
        let rows: String = DOCUMENTED.iter().map(row).collect();
        let list = format!("| word | what was done |\n|---|---|\n{rows}");
        documented::assert_lists(include_str!("../../docs/OPERATING.md"), "done", &list);
    }
}
