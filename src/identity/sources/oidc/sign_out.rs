//! The provider's half of a sign-out.

use url::Url;

use super::{
    login::IdTokenHint,
    provider::ProviderMetadata,
    settings::{OidcSettings, SignOutForm, SignOutMethod},
};

/// What a sign-out does about the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AtSignOut {
    /// Nothing: there is no place to go to.
    Nothing,
    /// The browser goes there.
    Redirect(Url),
    /// The browser goes there with a fresh ID token (`id_token_hint`), which a silent round is to bring.
    HandOver {
        /// The provider's `end_session_endpoint`.
        endpoint: Url,
        /// How.
        method: SignOutMethod,
    },
}

impl AtSignOut {
    /// What the operator says, else what the documents say, where there are any.
    #[must_use]
    pub(crate) fn of(settings: &OidcSettings, metadata: Option<&ProviderMetadata>, back: &Url) -> Self {
        match &settings.sign_out {
            SignOutForm::Local => Self::Nothing,
            SignOutForm::Cognito { url } => {
                let mut url = url.clone();
                let mut query = url.query_pairs_mut();
                query.append_pair("client_id", &settings.client_id).append_pair("logout_uri", back.as_str());
                drop(query);
                Self::Redirect(url)
            }
            SignOutForm::RpInitiated { url, method } => {
                let documented = || metadata.and_then(|metadata| metadata.end_session_endpoint.clone());
                let endpoint = url.clone().or_else(documented);
                endpoint.map_or(Self::Nothing, |endpoint| Self::HandOver {
                    method: method.unwrap_or_else(|| SignOutMethod::fitting(&endpoint)),
                    endpoint,
                })
            }
        }
    }
}

/// What the provider's sign-out gets (RP-Initiated Logout 1.0, section 2).
#[must_use]
pub(crate) fn end_session_fields<'a>(
    hint: &'a IdTokenHint,
    settings: &'a OidcSettings,
    back: &'a Url,
) -> [(&'static str, &'a str); 3] {
    [("id_token_hint", hint.expose()), ("client_id", &settings.client_id), ("post_logout_redirect_uri", back.as_str())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{ISSUER, document, settings};

    const BACK: &str = "https://crm.example.com/";

    fn at(form: SignOutForm, documented: Option<&str>) -> AtSignOut {
        let mut document = document(ISSUER);
        if let Some(endpoint) = documented {
            document["end_session_endpoint"] = endpoint.into();
        }
        let metadata = ProviderMetadata::parse(document.to_string().as_bytes(), &settings(ISSUER)).unwrap();
        let settings = OidcSettings { sign_out: form, ..settings(ISSUER) };
        AtSignOut::of(&settings, Some(&metadata), &Url::parse(BACK).unwrap())
    }

    #[test]
    fn the_operators_word_goes_before_the_documents_and_without_either_there_is_no_place() {
        let (theirs, ours) =
            ("https://login.example.com/out?a=1", Url::parse("https://login.example.com/end").unwrap());
        let plain = |url: Option<Url>| SignOutForm::RpInitiated { url, method: None };
        let over = |endpoint: &str| AtSignOut::HandOver {
            endpoint: Url::parse(endpoint).unwrap(),
            method: SignOutMethod::Post,
        };
        assert_eq!(at(plain(None), Some(theirs)), over(theirs));
        assert_eq!(at(plain(Some(ours.clone())), Some(theirs)), over(ours.as_str()));
        assert_eq!(at(plain(Some(ours.clone())), None), over(ours.as_str()));
        assert_eq!(at(plain(None), None), AtSignOut::Nothing);
        assert_eq!(at(SignOutForm::Local, Some(theirs)), AtSignOut::Nothing);
        let cognito = at(SignOutForm::Cognito { url: ours }, None);
        let expected = "https://login.example.com/end?client_id=gateway&logout_uri=https%3A%2F%2Fcrm.example.com%2F";
        assert_eq!(cognito, AtSignOut::Redirect(Url::parse(expected).unwrap()));
    }

    #[test]
    fn a_server_that_is_known_to_take_no_form_gets_none_unless_the_operator_says_so() {
        let (post, get) = (SignOutMethod::Post, SignOutMethod::Get);
        for (endpoint, said, expected) in [
            ("https://login.example.com/session/end", None, get),
            ("https://login.example.com/oidc/session/end?x=1", None, get),
            ("https://login.example.com/oidc/session/end", Some(post), post),
            ("https://fs.example.com/adfs/oauth2/logout", None, get),
            ("https://login.example.com/oauth2/logout", None, post),
            ("https://login.example.com/session/end/now", None, post),
            ("https://login.example.com/realms/corp/protocol/openid-connect/logout", None, post),
            ("https://login.example.com/out?of=/session/end", None, post),
            ("https://login.example.com/out", Some(get), get),
        ] {
            let form = SignOutForm::RpInitiated { url: None, method: said };
            let expected = AtSignOut::HandOver { endpoint: Url::parse(endpoint).unwrap(), method: expected };
            assert_eq!(at(form, Some(endpoint)), expected, "{endpoint} {said:?}");
        }
    }
}
