//! A provider's two documents: its metadata (OIDC Discovery 3) and its keys (RFC 7517). What is doubtful is refused.

use serde_json::{Map, Value, value::RawValue};
use url::Url;

use super::{
    super::jws::{PublicKey, SignatureAlgorithm},
    client::ClientAuth,
    jwk::{PassedOver, key_of_set, public_key},
    listed::listed,
    pem_key::pem_jwk,
    settings::OidcSettings,
};
use crate::{
    identity::{
        cause::{kind, told},
        strict_json::{StrictJsonError, items, parse_members, parse_object},
    },
    limits::JWKS_KEYS_MAX,
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
    /// Where more claims are (OIDC Core 5.3), if anywhere; what is wrong with the address counts where it is needed.
    pub(crate) userinfo_endpoint: Result<Option<Url>, DocumentError>,
    /// Whether every authorization response names its issuer (RFC 9207 3).
    pub(crate) sends_issuer: bool,
    /// The `prompt` by which it asks who signs in.
    pub(crate) account_prompt: &'static str,
    /// How the gateway proves who it is at the token endpoint.
    pub(crate) client_authentication: ClientAuth,
    /// What the provider signs ID tokens with, of what the gateway accepts; never empty.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    /// What is wrong with a member that no sign-in needs, and that is passed over for it.
    pub(crate) passed_over: Option<DocumentError>,
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
    #[error("document is not one that is read: {0}")]
    Malformed(#[from] StrictJsonError),
    /// A set of keys without its list.
    #[error("`keys` is {0}, and not an array")]
    KeyList(&'static str),
    /// OIDC Discovery 4.3: nothing of the document is used.
    #[error("document is of another issuer: `issuer` is {found}")]
    Issuer {
        /// What the document says, quoted and cut.
        found: String,
    },
    /// Missing, not https, with user information, or no URL.
    #[error("`{member}` is not an https url without user information and fragment: it is {found}")]
    Endpoint {
        /// Which member.
        member: &'static str,
        /// What it is.
        found: String,
    },
    /// The provider takes no S256 (RFC 7636 4.2).
    #[error("provider does not support the code challenge method S256: its methods are {found}")]
    Pkce {
        /// What it takes.
        found: String,
    },
    /// Neither `client_secret_basic` nor `client_secret_post`.
    #[error("provider takes neither client_secret_basic nor client_secret_post: its methods are {found}")]
    ClientAuthentication {
        /// What it takes.
        found: String,
    },
    /// Only algorithms that the gateway does not accept.
    #[error("provider signs id tokens with none of the accepted algorithms: its own are {found}")]
    Algorithms {
        /// What it signs with.
        found: String,
    },
    /// No usable key.
    #[error("key set has no usable signature key")]
    NoKeys,
    /// A key of its own document that is none.
    #[error("document is not one sound public key in PEM form: ec, on P-256 or P-384")]
    Pem,
}

impl ProviderMetadata {
    /// Parses a discovery document of the provider of these settings.
    ///
    /// # Errors
    /// See [`DocumentError`].
    pub(crate) fn parse(bytes: &[u8], settings: &OidcSettings) -> Result<Self, DocumentError> {
        let document = parse_object(bytes)?;
        let issuer = settings.issuer.as_str();
        of_issuer(&document, issuer)?;
        if !supports(&document, CHALLENGE_METHODS, &["S256"]) {
            return Err(DocumentError::Pkce { found: told(document.get(CHALLENGE_METHODS)) });
        }
        let named = &settings.endpoints;
        let endpoint = |member: &'static str| {
            let found = || DocumentError::Endpoint { member, found: told(document.get(member)) };
            named.of(member).cloned().or_else(|| endpoint(&document, member, issuer)).ok_or_else(found)
        };
        let is_there = |member| named.of(member).is_some() || is_there(&document, member);
        let optional = |member| is_there(member).then(|| endpoint(member)).transpose();
        let end_session_endpoint = optional("end_session_endpoint");
        let methods = || told(document.get("token_endpoint_auth_methods_supported"));
        let way = settings.credentials.way(&document);
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            passed_over: end_session_endpoint.as_ref().err().cloned(),
            end_session_endpoint: end_session_endpoint.ok().flatten(),
            userinfo_endpoint: optional("userinfo_endpoint"),
            sends_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            account_prompt: account_prompt(&document),
            client_authentication: way.ok_or_else(|| DocumentError::ClientAuthentication { found: methods() })?,
            algorithms: algorithms(&document)?,
        })
    }

    /// What the operator says alone, where that is all that a sign-in needs: then a document that cannot be used does not matter.
    #[must_use]
    pub(crate) fn of_operator(settings: &OidcSettings) -> Option<Self> {
        let named = &settings.endpoints;
        Some(Self {
            authorization_endpoint: named.authorization.clone()?,
            token_endpoint: named.token.clone()?,
            jwks_uri: named.keys.clone()?,
            end_session_endpoint: named.end_session.clone(),
            userinfo_endpoint: Ok(named.userinfo.clone()),
            passed_over: None,
            sends_issuer: false,
            account_prompt: account_prompt(&Map::new()),
            client_authentication: settings.credentials.way(&Map::new())?,
            algorithms: SignatureAlgorithm::ALL.to_vec(),
        })
    }

    /// Where the discovery document of a provider is: as the operator says, or below its issuer.
    #[must_use]
    pub(crate) fn document_url(settings: &OidcSettings) -> Option<Url> {
        settings.endpoints.document.clone().or_else(|| Self::url(&settings.issuer))
    }

    /// Where the keys of an issuer are, of whose document nothing else is needed.
    ///
    /// # Errors
    /// See [`DocumentError`].
    pub(crate) fn jwks_uri_of(bytes: &[u8], issuer: &str) -> Result<Url, DocumentError> {
        let document = parse_object(bytes)?;
        of_issuer(&document, issuer)?;
        let found = || DocumentError::Endpoint { member: "jwks_uri", found: told(document.get("jwks_uri")) };
        endpoint(&document, "jwks_uri", issuer).ok_or_else(found)
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
        for value in values {
            // A key costs a curve's arithmetic: none is looked at beyond the last that is used.
            if keys.len() == JWKS_KEYS_MAX {
                break;
            }
            match key_of_set(value.get()) {
                Ok(key) => keys.push(key),
                Err(note) if passed_over.len() < JWKS_KEYS_MAX => passed_over.push(note),
                Err(_) => {}
            }
        }
        (if keys.is_empty() { Err(DocumentError::NoKeys) } else { Ok(Self(keys)) }, passed_over)
    }

    /// The one key of a document of its own, in PEM form, under the name by which it was asked for.
    ///
    /// # Errors
    /// [`DocumentError::Pem`].
    pub(crate) fn parse_pem(bytes: &[u8], kid: &str) -> Result<Self, DocumentError> {
        let key = pem_jwk(bytes, kid).and_then(|jwk| public_key(&jwk).ok());
        key.map(|key| Self(vec![key])).ok_or(DocumentError::Pem)
    }

    pub(in crate::identity::sources) fn keys(&self) -> &[PublicKey] {
        &self.0
    }
}

/// OIDC Discovery 4.3.
fn of_issuer(document: &Map<String, Value>, issuer: &str) -> Result<(), DocumentError> {
    if document.get("issuer").and_then(Value::as_str) == Some(issuer) {
        return Ok(());
    }
    Err(DocumentError::Issuer { found: told(document.get("issuer")) })
}

/// Each as it stands there: what is wrong with one of them is no other's matter.
fn keys_in(bytes: &[u8]) -> Result<Vec<&RawValue>, DocumentError> {
    let list = parse_members(bytes)?.remove("keys");
    let found = || list.and_then(|list| serde_json::from_str::<Value>(list.get()).ok());
    list.and_then(items).ok_or_else(|| DocumentError::KeyList(kind(found().as_ref())))
}

/// `select_account`, unless the provider says that it knows `login` and not that (OIDC Prompt Create 1.0, 4.1).
fn account_prompt(document: &Map<String, Value>) -> &'static str {
    let knows = |prompt: &str| match document.get("prompt_values_supported") {
        Some(Value::Array(known)) => known.iter().any(|one| one.as_str() == Some(prompt)),
        Some(_) | None => false,
    };
    if knows("login") && !knows("select_account") { "login" } else { "select_account" }
}

/// Whether a member says something: null says nothing.
fn is_there(document: &Map<String, Value>, member: &str) -> bool {
    document.get(member).is_some_and(|value| !value.is_null())
}

/// Whether a list of supported things has one of `wanted`; a list that is absent says nothing against it.
fn supports(document: &Map<String, Value>, member: &str, wanted: &[&str]) -> bool {
    listed(document, member).is_none_or(|list| list.iter().any(|item| wanted.contains(item)))
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

fn algorithms(document: &Map<String, Value>) -> Result<Vec<SignatureAlgorithm>, DocumentError> {
    let is_used = |names| supports(document, "id_token_signing_alg_values_supported", names);
    let algorithms: Vec<_> =
        SignatureAlgorithm::ALL.into_iter().filter(|algorithm| is_used(algorithm.names())).collect();
    if algorithms.is_empty() {
        return Err(DocumentError::Algorithms { found: told(document.get("id_token_signing_alg_values_supported")) });
    }
    Ok(algorithms)
}

const CHALLENGE_METHODS: &str = "code_challenge_methods_supported";

#[cfg(test)]
mod tests;
