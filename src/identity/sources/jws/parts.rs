//! The parts of a signed JWT: header, claims, and the signature over both as they came.

use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::{
    algorithms::SignatureAlgorithm,
    error::{JwsError, JwsFault},
    public_key::PublicKey,
};
use crate::{
    identity::{
        Claims,
        cause::{list, quoted},
        strict_json::parse_object,
    },
    limits::KEYS_TRIED_MAX,
};

/// A JWT that nobody has verified yet.
pub(in crate::identity::sources) struct Jws<'a> {
    pub(in crate::identity::sources) header: Claims,
    pub(in crate::identity::sources) claims: Claims,
    signed: &'a str,
    signature: &'a str,
}

/// How the segments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity::sources) enum Padding {
    /// RFC 7515 2: without.
    None,
    /// As a load balancer of AWS writes them: each with its `=`, which is part of what is signed.
    Kept,
}

impl<'a> Jws<'a> {
    /// RFC 7515 3.1: three segments, each in the one canonical spelling of base64url.
    pub(in crate::identity::sources) fn parse(
        token: &'a str,
        bytes_max: usize,
        padding: Padding,
    ) -> Result<Self, JwsError> {
        if token.len() > bytes_max {
            let detail = format!("{} bytes, and at most {bytes_max} are read", token.len());
            return Err(JwsFault::Malformed.with(detail));
        }
        let count = token.split('.').count();
        if count == ENCRYPTED_SEGMENTS {
            let detail =
                "five segments: have the provider send this client id tokens that are signed and not encrypted";
            return Err(JwsFault::Encrypted.with(detail));
        }
        let segments = || JwsFault::Malformed.with(format!("{count} segments, and a signed jwt has three"));
        let (signed, signature) = token.rsplit_once('.').ok_or_else(segments)?;
        let (header, payload) = signed.split_once('.').filter(|_| count == 3).ok_or_else(segments)?;
        // jsonwebtoken decodes it again, by its own rules: of two spellings one would do for the other.
        padding.decode(signature, "signature")?;
        let (header, claims) = (padding.object(header, "header")?, padding.object(payload, "payload")?);
        Ok(Self { header, claims, signed, signature: signature.trim_end_matches('=') })
    }

    /// RFC 8725 3.1, 3.11: an algorithm that is accepted, and a class of token that is meant; `who` names them.
    pub(in crate::identity::sources) fn algorithm(
        &self,
        accepted: &[SignatureAlgorithm],
        who: &str,
    ) -> Result<SignatureAlgorithm, JwsError> {
        let refused = |more: &str| JwsFault::Algorithm.with(format!("`alg` is {}{more}", self.header.told("alg")));
        let algorithm = self.header.text("alg").and_then(SignatureAlgorithm::named).ok_or_else(|| refused(""))?;
        if !accepted.contains(&algorithm) {
            let names = list(accepted.iter().map(|algorithm| algorithm.name().to_owned()));
            return Err(refused(&format!(", and {who} {names}")));
        }
        Ok(algorithm)
    }

    /// What its `typ` says is one of these (RFC 7515 4.1.9: a media type), and it has nothing that this gateway does not
    /// understand (RFC 7515 4.1.11; RFC 7797 `b64`, compression and nesting are such), nor any of `refused`.
    pub(in crate::identity::sources) fn check_class(
        &self,
        is_meant: impl FnOnce(Option<&Value>) -> bool,
        refused: &[&'static str],
    ) -> Result<(), JwsError> {
        if !is_meant(self.header.0.get("typ")) {
            return Err(self.malformed("typ"));
        }
        // A null says nothing, but in `crit`, which is a list.
        let says = |name: &str| self.header.0.get(name).is_some_and(|value| !value.is_null() || name == "crit");
        if let Some(name) = EXTENSIONS.iter().chain(refused).find(|name| says(name)) {
            return Err(self.malformed(name));
        }
        match self.header.0.get("kid") {
            None | Some(Value::Null | Value::String(_)) => Ok(()),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(self.malformed("kid")),
        }
    }

    /// Whether there is a signature at all.
    pub(in crate::identity::sources) const fn has_signature(&self) -> bool {
        !self.signature.is_empty()
    }

    /// A member of the header that is wrong.
    pub(in crate::identity::sources) fn malformed(&self, name: &str) -> JwsError {
        JwsFault::Malformed.with(format!("`{name}` of the header is {}", self.header.told(name)))
    }

    /// The name of its key.
    pub(in crate::identity::sources) fn kid(&self) -> Option<&str> {
        self.header.text("kid")
    }

    /// One key after the other: a provider may give several one name, or none, and a bad one never ends the sign-ins of a good
    /// one. A name leads to the keys of that name and to those without one, never to a key of another name.
    pub(in crate::identity::sources) fn check_signature(
        &self,
        keys: &[PublicKey],
        algorithm: SignatureAlgorithm,
    ) -> Result<(), JwsError> {
        let kid = self.kid();
        let fitting = || keys.iter().filter(|key| key.fits(algorithm));
        let named = fitting().filter(|key| kid.is_none_or(|kid| key.is_called(kid)));
        let unnamed = fitting().filter(|key| kid.is_some() && key.kid().is_none());
        let candidates: Vec<&PublicKey> = named.chain(unnamed).collect();
        let tried = candidates.len().min(KEYS_TRIED_MAX);
        if candidates.iter().take(tried).any(|key| key.verifies(algorithm, self.signed, self.signature)) {
            return Ok(());
        }
        Err(match kid {
            Some(kid) if candidates.is_empty() => unknown_key(kid, keys, algorithm),
            Some(kid) => wrong_signature(kid, tried),
            None => without_kid(candidates.len(), algorithm),
        })
    }
}

impl Padding {
    fn object(self, segment: &str, what: &str) -> Result<Claims, JwsError> {
        let members = parse_object(&self.decode(segment, what)?);
        members.map(Claims::from).map_err(|error| JwsFault::Malformed.with(format!("{what}: {error}")))
    }

    fn decode(self, segment: &str, what: &str) -> Result<Vec<u8>, JwsError> {
        let (decoded, with) = match self {
            Self::None => (URL_SAFE_NO_PAD.decode(segment), "without"),
            Self::Kept => (URL_SAFE.decode(segment), "with its"),
        };
        decoded.map_err(|_| JwsFault::Malformed.with(format!("{what} is not base64url {with} padding")))
    }
}

/// RFC 7515 4.1.9: a `typ` that is missing or null says nothing. Of those that say something, a JWT or this.
pub(in crate::identity::sources) fn is_jwt_or(other: &str, typ: Option<&Value>) -> bool {
    typ.is_none_or(Value::is_null) || is_typ("jwt", typ) || is_typ(other, typ)
}

/// Whether a `typ` says this: a media type, which may lack its `application/`.
pub(in crate::identity::sources) fn is_typ(name: &str, typ: Option<&Value>) -> bool {
    let text = typ.and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    text.strip_prefix("application/").unwrap_or(&text) == name
}

/// Which keys there are: an operator sees whether the provider's replicas differ, or keys of another address are meant.
fn unknown_key(kid: &str, keys: &[PublicKey], algorithm: SignatureAlgorithm) -> JwsError {
    let named = keys.iter().filter(|key| key.is_called(kid));
    let meant: Vec<String> = named.map(|key| key.purpose().to_owned()).collect();
    let kid = quoted(kid);
    let detail = if meant.is_empty() {
        let published = list(keys.iter().map(|key| key.kid().map_or_else(|| "one without kid".to_owned(), quoted)));
        format!("no key is called {kid}; the provider publishes {published} (do its replicas differ?)")
    } else {
        format!("key {kid} is for {}, and not for {}", list(meant.into_iter()), algorithm.name())
    };
    JwsFault::UnknownKey.with(detail)
}

fn wrong_signature(kid: &str, tried: usize) -> JwsError {
    let keys = if tried == 1 { "the key".to_owned() } else { format!("none of {tried} keys") };
    JwsFault::Signature.with(format!("by {keys} called {}", quoted(kid)))
}

/// OIDC Core 10.1 asks for a `kid` where there are several keys; some providers have none all the same.
fn without_kid(fitting: usize, algorithm: SignatureAlgorithm) -> JwsError {
    let of = if fitting == 0 { "none of the keys".to_owned() } else { format!("{fitting} keys") };
    let detail = format!("it names no `kid`, and {of} of the provider fit {}", algorithm.name());
    match fitting {
        0 => JwsFault::UnknownKey.with(detail),
        1 => JwsFault::Signature.with("it names no `kid`, and the one key that fits does not verify it"),
        2..=KEYS_TRIED_MAX => JwsFault::Signature.with(format!("{detail}, of which none verifies it")),
        _ => JwsFault::AmbiguousKey.with(detail),
    }
}

/// RFC 7516 7.1.
const ENCRYPTED_SEGMENTS: usize = 5;
const EXTENSIONS: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];
