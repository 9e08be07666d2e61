//! A provider's two documents: its metadata (OIDC Discovery 3) and its keys (RFC 7517). What is doubtful is refused.

use openidconnect::AuthType;
use serde_json::{Map, Value};
use url::Url;

use super::{
    algorithms::SignatureAlgorithm,
    jwk::{PassedOver, public_key},
    public_key::PublicKey,
    settings::OidcSettings,
};
use crate::{
    identity::strict_json::parse_object,
    limits::{JWKS_KEYS_MAX, PROVIDER_QUOTE_CHARS_MAX},
    request::is_loopback,
};

/// What a provider says about itself, as far as a sign-in needs it.
#[derive(Debug, Clone)]
pub(crate) struct ProviderMetadata {
    /// Where browsers sign in.
    pub(crate) authorization_endpoint: Url,
    /// Where a code becomes tokens.
    pub(crate) token_endpoint: Url,
    /// Where the keys are.
    pub(crate) jwks_uri: Url,
    /// Where browsers sign out (OIDC RP-Initiated Logout), if anywhere.
    pub(crate) end_session_endpoint: Option<Url>,
    /// Whether every authorization response names its issuer (RFC 9207 3).
    pub(crate) sends_issuer: bool,
    /// The `prompt` by which it asks who signs in.
    pub(crate) account_prompt: &'static str,
    /// How the gateway proves who it is at the token endpoint.
    pub(crate) client_authentication: AuthType,
    /// What the provider signs ID tokens with, of what the gateway accepts; never empty.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
}

/// The provider's public keys for signatures; never empty.
#[derive(Debug, Clone)]
pub(crate) struct KeySet(Vec<PublicKey>);

/// Metadata and keys of one provider, fetched together.
#[derive(Debug, Clone)]
pub(crate) struct ProviderDocuments {
    /// What the provider says about itself.
    pub(crate) metadata: ProviderMetadata,
    /// Its keys.
    pub(crate) keys: KeySet,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// Not one JSON object with unique names.
    #[error("document is not one json object with unique member names")]
    Malformed,
    /// OIDC Discovery 4.3: nothing of the document is used.
    #[error("document is of another issuer: {found:?}")]
    Issuer {
        /// What the document says, cut.
        found: String,
    },
    /// Missing, not https, with user information, or no URL.
    #[error("`{member}` is not an https url without user information")]
    Endpoint {
        /// Which member.
        member: &'static str,
    },
    /// The provider takes no S256 (RFC 7636 4.2).
    #[error("provider does not support the code challenge method S256")]
    Pkce,
    /// Neither `client_secret_basic` nor `client_secret_post`.
    #[error("provider takes neither client_secret_basic nor client_secret_post")]
    ClientAuthentication,
    /// Only algorithms that the gateway does not accept.
    #[error("provider signs id tokens with none of the accepted algorithms")]
    Algorithms,
    /// No usable key.
    #[error("key set has no usable signature key")]
    NoKeys,
}

impl ProviderMetadata {
    /// Parses a discovery document of the provider of these settings.
    ///
    /// # Errors
    /// See [`DocumentError`].
    pub(crate) fn parse(bytes: &[u8], settings: &OidcSettings) -> Result<Self, DocumentError> {
        let document = parse_object(bytes).map_err(|_| DocumentError::Malformed)?;
        let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
        if issuer != settings.issuer {
            return Err(DocumentError::Issuer { found: issuer.chars().take(PROVIDER_QUOTE_CHARS_MAX).collect() });
        }
        if !supports(&document, "code_challenge_methods_supported", "S256") {
            return Err(DocumentError::Pkce);
        }
        let endpoint = |member| endpoint(&document, member, issuer).ok_or(DocumentError::Endpoint { member });
        let has_end_session = !matches!(document.get("end_session_endpoint"), None | Some(Value::Null));
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            end_session_endpoint: has_end_session.then(|| endpoint("end_session_endpoint")).transpose()?,
            sends_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            account_prompt: account_prompt(&document),
            client_authentication: client_authentication(&document)?,
            algorithms: algorithms(&document)?,
        })
    }

    /// Where the discovery document of an issuer is (OIDC Discovery 4.1).
    #[must_use]
    pub(crate) fn url(issuer: &str) -> Option<Url> {
        let url = Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).ok()?;
        (url.query().is_none() && url.fragment().is_none() && is_allowed(&url, issuer)).then_some(url)
    }
}

impl KeySet {
    /// Parses a JWKS. Keys of other kinds, for other uses, private, too small, too large, unsound or broken are passed over:
    /// beside the set are the first few of them, and why, also where no other key is left.
    ///
    /// # Errors
    /// [`DocumentError::Malformed`], or [`DocumentError::NoKeys`] where no key is left.
    pub(crate) fn parse(bytes: &[u8]) -> (Result<Self, DocumentError>, Vec<PassedOver>) {
        let values = match keys_in(bytes) {
            Ok(values) => values,
            Err(error) => return (Err(error), Vec::new()),
        };
        let (mut keys, mut passed_over) = (Vec::new(), Vec::new());
        for value in &values {
            // A key costs a curve's arithmetic: none is looked at beyond the last that is used.
            if keys.len() == JWKS_KEYS_MAX {
                break;
            }
            match public_key(value) {
                Ok(key) => keys.push(key),
                Err(note) if passed_over.len() < JWKS_KEYS_MAX => passed_over.push(note),
                Err(_) => {}
            }
        }
        (if keys.is_empty() { Err(DocumentError::NoKeys) } else { Ok(Self(keys)) }, passed_over)
    }

    pub(super) fn keys(&self) -> &[PublicKey] {
        &self.0
    }
}

fn keys_in(bytes: &[u8]) -> Result<Vec<Value>, DocumentError> {
    let mut document = parse_object(bytes).map_err(|_| DocumentError::Malformed)?;
    match document.remove("keys") {
        Some(Value::Array(keys)) => Ok(keys),
        Some(_) | None => Err(DocumentError::Malformed),
    }
}

/// `select_account`, unless the provider says that it knows `login` and not that (OIDC Prompt Create 1.0, 4.1).
fn account_prompt(document: &Map<String, Value>) -> &'static str {
    let knows = |prompt: &str| match document.get("prompt_values_supported") {
        Some(Value::Array(known)) => known.iter().any(|one| one.as_str() == Some(prompt)),
        Some(_) | None => false,
    };
    if knows("login") && !knows("select_account") { "login" } else { "select_account" }
}

/// Whether a list of supported things has `wanted`; a list that is absent says nothing against it.
fn supports(document: &Map<String, Value>, member: &str, wanted: &str) -> bool {
    document.get(member).is_none_or(|list| list.as_array().is_some_and(|list| list.iter().any(|item| item == wanted)))
}

fn endpoint(document: &Map<String, Value>, member: &str, issuer: &str) -> Option<Url> {
    let url = Url::parse(document.get(member)?.as_str()?).ok()?;
    (url.fragment().is_none() && is_allowed(&url, issuer)).then_some(url)
}

/// https; plain http only on loopback, and only of an issuer that is itself there.
fn is_allowed(url: &Url, issuer: &str) -> bool {
    let is_encrypted = url.scheme() == "https";
    let is_local = is_plain_loopback(url) && Url::parse(issuer).is_ok_and(|issuer| is_plain_loopback(&issuer));
    (is_encrypted || is_local) && url.has_host() && url.username().is_empty() && url.password().is_none()
}

fn is_plain_loopback(url: &Url) -> bool {
    url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host))
}

/// OIDC Discovery 3: `client_secret_basic` where nothing is said.
fn client_authentication(document: &Map<String, Value>) -> Result<AuthType, DocumentError> {
    let takes = |method| supports(document, "token_endpoint_auth_methods_supported", method);
    if takes("client_secret_basic") {
        Ok(AuthType::BasicAuth)
    } else if takes("client_secret_post") {
        Ok(AuthType::RequestBody)
    } else {
        Err(DocumentError::ClientAuthentication)
    }
}

fn algorithms(document: &Map<String, Value>) -> Result<Vec<SignatureAlgorithm>, DocumentError> {
    let is_used = |name: &str| supports(document, "id_token_signing_alg_values_supported", name);
    let algorithms: Vec<_> =
        SignatureAlgorithm::ALL.into_iter().filter(|algorithm| is_used(algorithm.name())).collect();
    if algorithms.is_empty() { Err(DocumentError::Algorithms) } else { Ok(algorithms) }
}

#[cfg(test)]
mod tests;
