//! How the gateway shows the token endpoint who it is (OIDC Core 9, RFC 6749 2.3): by a secret, by a key, or not at all.

use serde_json::{Map, Value, json};

use super::listed::listed;
use crate::{identity::jws_key::JwsKey, limits::CLIENT_ASSERTION_AGE, secret::Secret, time::UnixSeconds};

/// A way to show who the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ClientAuth {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// `private_key_jwt` (RFC 7523)
    PrivateKeyJwt,
    /// `none`: a public client, which PKCE alone protects.
    None,
}

/// What the gateway has to show, as the operator wrote it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientCredentials {
    /// `client_auth`; none: by the documents.
    pub(crate) auth: Option<ClientAuth>,
    /// `client_secret`
    pub(crate) secret: Option<Secret>,
    /// `client_key`: the first signs; during a rotation there are two.
    pub(crate) keys: Vec<JwsKey>,
}

/// What goes along with a request to the token endpoint.
pub(crate) enum ClientProof<'a> {
    /// The client id and this secret in `Authorization`.
    Basic(&'a Secret),
    /// The client id and these in the form.
    Form(Vec<(&'static str, Secret)>),
}

/// What documents depend on beside their issuer: with another of these they are read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CredentialKinds {
    auth: Option<ClientAuth>,
    has_secret: bool,
    has_key: bool,
}

impl ClientCredentials {
    /// The way that the operator chose, or else that fits the provider's document (OIDC Discovery 3: `client_secret_basic` where
    /// nothing is said); none where none does.
    #[must_use]
    pub(super) fn way(&self, document: &Map<String, Value>) -> Option<ClientAuth> {
        if self.auth.is_some() {
            return self.auth;
        }
        let list = listed(document, "token_endpoint_auth_methods_supported");
        let names = |way: &str| list.as_ref().is_some_and(|list| list.contains(&way));
        match (&self.secret, self.keys.is_empty()) {
            // There is nothing else to show.
            (None, false) => Some(ClientAuth::PrivateKeyJwt),
            (Some(_), false) if names("private_key_jwt") => Some(ClientAuth::PrivateKeyJwt),
            (Some(_), _) if list.is_none() || names("client_secret_basic") => Some(ClientAuth::Basic),
            (Some(_), _) if names("client_secret_post") => Some(ClientAuth::Post),
            (Some(_) | None, _) => None,
        }
    }

    /// What goes along with a request; `jti` is fresh. None where there is not what the way takes, which `check` refuses.
    #[must_use]
    pub(crate) fn proof(
        &self,
        way: ClientAuth,
        (client_id, issuer): (&str, &str),
        jti: &str,
        now: UnixSeconds,
    ) -> Option<ClientProof<'_>> {
        Some(match way {
            ClientAuth::Basic => ClientProof::Basic(self.secret.as_ref()?),
            ClientAuth::Post => ClientProof::Form(vec![("client_secret", self.secret.clone()?)]),
            ClientAuth::PrivateKeyJwt => {
                let assertion = assertion(self.keys.first()?, (client_id, issuer), jti, now);
                ClientProof::Form(vec![
                    ("client_assertion_type", Secret::new(ASSERTION_TYPE.to_owned())),
                    ("client_assertion", assertion),
                ])
            }
            ClientAuth::None => ClientProof::Form(Vec::new()),
        })
    }

    /// Which of them there are.
    #[must_use]
    pub(super) const fn kinds(&self) -> CredentialKinds {
        CredentialKinds { auth: self.auth, has_secret: self.secret.is_some(), has_key: !self.keys.is_empty() }
    }
}

/// Says to one issuer, once and for a minute, that this is the client (RFC 7523 3). Its audience is the issuer alone: one that
/// another server would take too could be passed on to it.
fn assertion(key: &JwsKey, (client_id, issuer): (&str, &str), jti: &str, now: UnixSeconds) -> Secret {
    key.sign(&json!({
        "iss": client_id, "sub": client_id, "aud": issuer, "jti": jti,
        "iat": now.0, "exp": now.plus(CLIENT_ASSERTION_AGE).0,
    }))
}

impl std::fmt::Debug for ClientProof<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientProof(redacted)")
    }
}

/// RFC 7523 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{NOW, client_key_pem, parts_of, rsa_key_pem};

    #[test]
    fn an_assertion_names_the_client_the_issuer_alone_a_minute_and_its_key() {
        for (pem, alg) in [(client_key_pem(), "ES256"), (rsa_key_pem(), "RS256")] {
            let key = JwsKey::parse(pem).unwrap();
            let assertion = assertion(&key, ("gw", "https://idp.example/a"), "fresh", NOW);
            let (header, claims) = parts_of(assertion.expose());
            assert_eq!(header, json!({ "alg": alg, "kid": key.kid(), "typ": "JWT" }));
            let expected = json!({
                "iss": "gw", "sub": "gw", "aud": "https://idp.example/a", "jti": "fresh",
                "iat": NOW.0, "exp": NOW.0 + 60,
            });
            assert_eq!(claims, expected);
        }
    }

    fn credentials(auth: Option<ClientAuth>, has_secret: bool, has_key: bool) -> ClientCredentials {
        let keys = if has_key { vec![JwsKey::parse(client_key_pem()).unwrap()] } else { Vec::new() };
        ClientCredentials { auth, secret: has_secret.then(|| Secret::new("s".to_owned())), keys }
    }

    /// The way for a document with these methods.
    fn way(credentials: &ClientCredentials, methods: Value) -> Option<ClientAuth> {
        let mut document = Map::new();
        document.insert("token_endpoint_auth_methods_supported".to_owned(), methods);
        credentials.way(&document)
    }

    #[test]
    fn the_way_is_the_operators_or_that_of_the_documents() {
        use ClientAuth::{Basic, None as Public, Post, PrivateKeyJwt};
        let (secret, key, both) =
            (credentials(None, true, false), credentials(None, false, true), credentials(None, true, true));
        for (what, methods, expected) in [
            (&secret, json!(null), Some(Basic)),
            (&secret, json!(["client_secret_post", "client_secret_basic"]), Some(Basic)),
            (&secret, json!(["client_secret_post"]), Some(Post)),
            (&secret, json!(["private_key_jwt"]), None),
            (&secret, json!("client_secret_post"), Some(Post)),
            (&secret, json!({"client_secret_post": true}), None),
            (&secret, json!([]), None),
            (&key, json!(null), Some(PrivateKeyJwt)),
            (&key, json!(["client_secret_basic"]), Some(PrivateKeyJwt)),
            (&both, json!(["client_secret_basic", "private_key_jwt"]), Some(PrivateKeyJwt)),
            (&both, json!(["client_secret_basic"]), Some(Basic)),
            (&both, json!(null), Some(Basic)),
        ] {
            assert_eq!(way(what, methods.clone()), expected, "{methods}");
        }
        for auth in [Basic, Post, PrivateKeyJwt, Public] {
            let chosen = credentials(Some(auth), true, true);
            assert_eq!(way(&chosen, json!(["tls_client_auth"])), Some(auth), "stronger than the documents");
            assert_eq!(chosen.way(&Map::new()), Some(auth));
        }
    }

    #[test]
    fn each_way_shows_what_it_takes_and_nothing_else() {
        let all = credentials(None, true, true);
        let form = |way| match all.proof(way, ("gw", "https://idp.example"), "j", NOW) {
            Some(ClientProof::Form(pairs)) => pairs.into_iter().map(|(name, _)| name).collect(),
            Some(ClientProof::Basic(_)) => vec!["basic"],
            None => vec!["nothing"],
        };
        assert_eq!(form(ClientAuth::Basic), ["basic"]);
        assert_eq!(form(ClientAuth::Post), ["client_secret"]);
        assert_eq!(form(ClientAuth::PrivateKeyJwt), ["client_assertion_type", "client_assertion"]);
        assert_eq!(form(ClientAuth::None), Vec::<&str>::new());
        let none = credentials(None, false, false);
        for auth in [ClientAuth::Basic, ClientAuth::Post, ClientAuth::PrivateKeyJwt] {
            assert!(none.proof(auth, ("gw", "i"), "j", NOW).is_none());
        }
    }
}
