//! `GET,POST {sign_in}/sign_out?rd=`

use super::{Asked, Said, sign_in::choose_again};
use crate::{
    identity::{ProviderMetadata, SetCookie, end_session_url},
    reply,
};

/// Ends the session here, then at the provider: what is heard is what is known of it without a wait.
#[must_use]
pub(crate) fn sign_out(asked: Asked<'_, Option<&ProviderMetadata>>) -> Said {
    let Asked { facts, heard: metadata, .. } = asked;
    // OpenID Connect RP-Initiated Logout 1.0, with what we know without a token.
    let at_provider = facts.provider_of_visitor().zip(metadata).and_then(|(settings, metadata)| {
        end_session_url(metadata, settings, &facts.site().url, facts.asker.identity())
    });
    let elsewhere = at_provider.map(String::from);
    let elsewhere = elsewhere.or_else(|| Some(facts.return_parameter()?.as_str().to_owned()));
    let said = match elsewhere {
        Some(url) => Said::redirect(facts, &url, false, "signed_out"),
        None => Said::new(reply::signed_out(facts.context()), "signed_out"),
    };
    let said = said.setting(SetCookie::expire_sessions()).setting(facts.site().forget_cookies.iter().cloned());
    let said = said.setting(choose_again(facts));
    Said { ends_session: true, ..said }
}

/// Another site asked, or a frame: the person confirms first.
#[must_use]
pub(crate) fn confirm_sign_out(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    let again = facts.request.target.path.as_str();
    Said::new(reply::confirm_sign_out(facts.context(), facts.audience(), again), "confirm_sign_out")
}
