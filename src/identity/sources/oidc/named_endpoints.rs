//! Endpoints that the operator names, where documents lie or are elsewhere: each in place of what the document says.

use url::Url;

/// The addresses of `[identity.NAME.metadata]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct NamedEndpoints {
    /// Where the discovery document is; its issuer must still be the configured one.
    pub(crate) document: Option<Url>,
    /// In place of `authorization_endpoint`.
    pub(crate) authorization: Option<Url>,
    /// In place of `token_endpoint`.
    pub(crate) token: Option<Url>,
    /// In place of `jwks_uri`.
    pub(crate) keys: Option<Url>,
    /// In place of `userinfo_endpoint`.
    pub(crate) userinfo: Option<Url>,
    /// In place of `end_session_endpoint`.
    pub(crate) end_session: Option<Url>,
}

impl NamedEndpoints {
    /// Each that there is, by its key.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Url)> {
        let named = [
            ("document", &self.document),
            ("authorization_endpoint", &self.authorization),
            ("token_endpoint", &self.token),
            ("jwks_uri", &self.keys),
            ("userinfo_endpoint", &self.userinfo),
            ("end_session_endpoint", &self.end_session),
        ];
        named.into_iter().filter_map(|(name, url)| Some((name, url.as_ref()?)))
    }

    /// The one of this member of a discovery document.
    pub(super) fn of(&self, member: &str) -> Option<&Url> {
        self.all().find(|(name, _)| *name == member).map(|(_, url)| url)
    }
}
