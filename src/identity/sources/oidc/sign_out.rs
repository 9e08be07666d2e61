//! The provider's half of a sign-out (OpenID Connect RP-Initiated Logout 1.0, section 2).

use url::Url;

use super::{provider::ProviderMetadata, settings::OidcSettings};
use crate::identity::Identity;

/// Where the browser is sent to sign out at the provider; `None` where the provider has no such place.
///
/// No ID token is kept for a hint, so the client is named by `client_id` and the person by `logout_hint`.
#[must_use]
pub(crate) fn end_session_url(
    metadata: &ProviderMetadata,
    settings: &OidcSettings,
    site: &Url,
    who: Option<&Identity>,
) -> Option<Url> {
    let mut url = metadata.end_session_endpoint.clone()?;
    let back = site.join("/").ok()?;
    let mut query = url.query_pairs_mut();
    query.append_pair("client_id", &settings.client_id).append_pair("post_logout_redirect_uri", back.as_str());
    if let Some(who) = who {
        query.append_pair("logout_hint", who.email.as_ref().map_or(&who.subject, |email| email.as_str()));
    }
    drop(query);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{
        Claims, Projection,
        testing::{ISSUER, claims, document, settings},
    };

    fn url(end_session: Option<&str>, who: Option<&Identity>) -> Option<String> {
        let mut document = document(ISSUER);
        if let Some(endpoint) = end_session {
            document["end_session_endpoint"] = endpoint.into();
        }
        let metadata = ProviderMetadata::parse(document.to_string().as_bytes(), &settings(ISSUER)).unwrap();
        let site = Url::parse("https://crm.example.com").unwrap();
        end_session_url(&metadata, &settings(ISSUER), &site, who).map(String::from)
    }

    #[test]
    fn the_client_the_way_back_and_the_person_are_named() {
        let claims = Claims::parse_strict(claims("n").to_string().as_bytes()).unwrap();
        let ann = Identity::from_claims(&settings(ISSUER).source, &claims, &Projection::default()).unwrap();
        let expected = "https://login.example.com/out?a=1&client_id=gateway\
            &post_logout_redirect_uri=https%3A%2F%2Fcrm.example.com%2F&logout_hint=ann%40example.com";
        assert_eq!(url(Some("https://login.example.com/out?a=1"), Some(&ann)).as_deref(), Some(expected));
    }

    #[test]
    fn without_a_session_nobody_is_named_and_without_an_endpoint_there_is_no_place() {
        assert!(!url(Some("https://login.example.com/out"), None).unwrap().contains("logout_hint"));
        assert_eq!(url(None, None), None);
    }
}
