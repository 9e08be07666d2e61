//! The signed assertion to the host application: who sends this request, for a minute and for this application alone.
//!
//! Nothing of it is remembered: each request has one of its own, named by the request.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::value::ValueFault;
use crate::{
    forward::sender::Sender,
    identity::{JwsKey, Visitor},
    limits::{ASSERTION_AGE, IDENTITY_HEADER_BYTES_MAX},
};

/// What signs the assertions of a site.
#[derive(Debug, Clone)]
pub(crate) struct AssertionSigner {
    header: HeaderName,
    issuer: String,
    /// As the site says.
    audience: Option<String>,
    /// The origin of the application, for which it is where the site says nothing.
    origin: String,
    /// The first signs, all are published.
    keys: Arc<[JwsKey]>,
}

impl AssertionSigner {
    /// Signs in the name of the site with this origin, with the first of these keys; none where there is no key. Without an audience it
    /// is for the site, until it is known which application gets it.
    #[must_use]
    pub(crate) fn new(header: HeaderName, origin: &str, audience: Option<String>, keys: Vec<JwsKey>) -> Option<Self> {
        let (issuer, origin) = (origin.to_owned(), origin.to_owned());
        (!keys.is_empty()).then(|| Self { header, issuer, audience, origin, keys: keys.into() })
    }

    /// The same to the application at this origin.
    #[must_use]
    pub(super) fn to(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// The name of the header.
    #[must_use]
    pub(crate) const fn header(&self) -> &HeaderName {
        &self.header
    }

    /// What is published of its keys (RFC 7517 5).
    #[must_use]
    pub(crate) fn key_set(&self) -> Value {
        json!({ "keys": self.keys.iter().map(JwsKey::jwk).collect::<Vec<_>>() })
    }

    /// What it says of a visitor with these groups.
    pub(super) fn said<'g>(
        &self,
        visitor: &Visitor,
        groups: impl Iterator<Item = &'g str>,
        sender: &Sender<'_>,
    ) -> (Option<HeaderValue>, Option<ValueFault>) {
        let (identity, now) = (&visitor.identity, sender.now);
        let (groups, fault) = that_fit(groups);
        let mut claims = json!({
            "iss": self.issuer, "aud": self.audience.as_ref().unwrap_or(&self.origin), "sub": identity.subject, "provider": identity.provider.as_str(),
            "iat": now.0, "exp": now.plus(ASSERTION_AGE).min(visitor.ends_at).0, "jti": sender.request_id,
        });
        if let Ok(email) = &identity.email {
            claims["email"] = email.as_str().into();
            claims["email_verified"] = true.into();
        }
        if !groups.is_empty() {
            claims["groups"] = groups.into();
        }
        let signed = self.keys.first().map(|key| key.sign(&claims));
        let value = signed.and_then(|signed| HeaderValue::from_str(signed.expose()).ok()).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        (value, fault)
    }
}

/// As many as one header has room for.
fn that_fit<'g>(groups: impl Iterator<Item = &'g str>) -> (Vec<&'g str>, Option<ValueFault>) {
    let (mut told, mut bytes, mut fault) = (Vec::new(), 0, None);
    for group in groups {
        bytes += group.len();
        if bytes <= IDENTITY_HEADER_BYTES_MAX { told.push(group) } else { fault = Some(ValueFault::Groups) }
    }
    (told, fault)
}
