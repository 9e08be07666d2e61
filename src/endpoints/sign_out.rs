//! `GET,POST {sign_in}/sign_out?rd=`

use super::Said;
use crate::{
    decide::{Facts, WayBack, forget_host_cookies},
    identity::{ProviderMetadata, SetCookie, end_session_url},
    reply,
};

/// Ends the session here, then at the provider: `metadata` is what is known of it without a wait.
#[must_use]
pub(crate) fn sign_out(facts: &Facts, metadata: Option<&ProviderMetadata>) -> Said {
    // OpenID Connect RP-Initiated Logout 1.0, with what we know without a token.
    let at_provider = facts.provider().zip(metadata).and_then(|(settings, metadata)| {
        end_session_url(metadata, settings, &facts.site().url, facts.asker.identity())
    });
    let said = match at_provider {
        Some(url) => Said::redirect(facts, url.as_str(), false, "signed_out"),
        None if facts.return_parameter().is_some() => {
            Said::redirect(facts, facts.return_to(WayBack::Parameter).as_str(), false, "signed_out")
        }
        None => Said::new(reply::signed_out(facts.context()), "signed_out"),
    };
    let said = said.setting(SetCookie::expire_sessions()).setting(forget_host_cookies(facts));
    Said { ends_session: true, ..said }
}

/// Another site asked, or a frame: the person confirms first.
#[must_use]
pub(crate) fn confirm_sign_out(facts: &Facts) -> Said {
    let again = facts.request.target.path.as_str();
    Said::new(reply::confirm_sign_out(facts.context(), facts.audience(), again), "confirm_sign_out")
}
