//! Where the keys of a source are that is no OpenID provider, and fetching them.

use url::Url;

use super::{
    super::Dialer,
    documents::{ProviderError, believing, get, key_set, refusal_of, shown},
};
use crate::{
    identity::{AssertionSettings, KeyPlace, KeySet, ProviderMetadata, ProviderName},
    proxy::OutboundProxy,
    tls::TrustedRoots,
};

/// Where the keys of a source are, and who is believed there. The name alone is not enough: a reload may give it another place.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct KeyOrigin {
    /// The source.
    pub(super) name: ProviderName,
    place: KeyPlace,
    roots: Option<TrustedRoots>,
    proxy: Option<OutboundProxy>,
}

impl KeyOrigin {
    /// That of a source.
    pub(super) fn of(settings: &AssertionSettings) -> Self {
        Self {
            name: settings.source.name.clone(),
            place: settings.keys.clone(),
            roots: settings.roots.clone(),
            proxy: settings.proxy.clone(),
        }
    }

    /// Whether it is that of a source.
    pub(super) fn is_of(&self, settings: &AssertionSettings) -> bool {
        self.name == settings.source.name
            && self.place == settings.keys
            && self.roots == settings.roots
            && self.proxy == settings.proxy
    }

    /// Whether each key is a document of its own.
    pub(super) const fn is_by_kid(&self) -> bool {
        match self.place {
            KeyPlace::Pem { .. } => true,
            KeyPlace::Jwks(_) | KeyPlace::Discovery { .. } => false,
        }
    }
}

/// Fetches the keys, or the one of that name. Only what the operator, or the configured issuer's own metadata, names is called.
pub(super) async fn fetch_keys(
    dialer: &Dialer,
    origin: &KeyOrigin,
    kid: Option<&str>,
) -> Result<KeySet, ProviderError> {
    let by = |url: &Url| believing(dialer, (origin.roots.as_ref(), origin.proxy.as_ref()), url);
    match &origin.place {
        KeyPlace::Jwks(url) => key_set(url, &get(&by(url)?, url).await?),
        KeyPlace::Discovery { issuer } => {
            let url = ProviderMetadata::url(issuer).ok_or(ProviderError::Issuer)?;
            let dialer = by(&url)?;
            let document = get(&dialer, &url).await?;
            let url = ProviderMetadata::jwks_uri_of(&document, issuer).map_err(refusal_of(&url))?;
            key_set(&url, &get(&dialer, &url).await?)
        }
        KeyPlace::Pem { prefix } => {
            let kid = kid.unwrap_or_default();
            let url = named(prefix, kid);
            let pem = get(&by(&url)?, &url).await?;
            KeySet::parse_pem(&pem, kid).map_err(refusal_of(&url))
        }
    }
}

/// The prefix and one more segment, whatever the name holds: its shape was checked before, and nothing of it leads elsewhere.
fn named(prefix: &Url, kid: &str) -> Url {
    let mut url = prefix.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(kid);
    }
    url
}

/// A place for logs.
impl std::fmt::Debug for KeyOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = match &self.place {
            KeyPlace::Jwks(url) | KeyPlace::Pem { prefix: url } => shown(url),
            KeyPlace::Discovery { issuer } => issuer.clone(),
        };
        f.debug_struct("KeyOrigin").field("name", &self.name).field("place", &place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_below_its_prefix_whatever_it_holds() {
        for (prefix, kid, expected) in [
            ("https://keys.example/", "0b5e-1", "https://keys.example/0b5e-1"),
            ("https://keys.example", "k", "https://keys.example/k"),
            ("https://s3.example/bucket/", "k", "https://s3.example/bucket/k"),
            ("https://s3.example/bucket", "k", "https://s3.example/bucket/k"),
            ("https://keys.example/a/", "../b?c#d", "https://keys.example/a/..%2Fb%3Fc%23d"),
        ] {
            assert_eq!(named(&Url::parse(prefix).unwrap(), kid).as_str(), expected);
        }
        for kid in ["", ".", ".."] {
            let url = named(&Url::parse("https://keys.example/a/").unwrap(), kid);
            assert!(url.as_str().starts_with("https://keys.example/a"), "{url}");
        }
    }
}
