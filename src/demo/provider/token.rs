//! The token endpoint: who asks (RFC 6749 2.3.1), with which code, proven by which verifier (RFC 7636 4.6). Pure.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::StatusCode;
use percent_encoding::percent_decode_str;

use crate::{
    demo::{Person, page::FormFields},
    secret::Secret,
    time::UnixSeconds,
};

/// The one client.
#[derive(Debug, Clone)]
pub(super) struct RelyingParty {
    pub(super) id: String,
    pub(super) secret: Secret,
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct IssuedCode {
    pub(super) person: &'static Person,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) challenge: String,
    pub(super) expires_at: UnixSeconds,
}

/// An error answer of RFC 6749 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenRefusal {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidGrant(&'static str),
    UnsupportedGrantType,
}

impl TokenRefusal {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_) | Self::InvalidGrant(_) | Self::UnsupportedGrantType => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(description) | Self::InvalidGrant(description) => description,
            Self::InvalidClient => "client id or secret is wrong",
            Self::UnsupportedGrantType => "grant_type must be authorization_code",
        }
    }
}

/// Whether the client proves itself, by header or by form, not by both.
pub(super) fn authenticate(
    authorization: Option<&str>,
    form: &FormFields,
    client: &RelyingParty,
) -> Result<(), TokenRefusal> {
    let (id, secret) = match (authorization, form.field("client_secret")) {
        (Some(_), Some(_)) => return Err(TokenRefusal::InvalidRequest("two ways of client authentication")),
        (Some(header), None) => basic(header).ok_or(TokenRefusal::InvalidClient)?,
        (None, Some(secret)) => (form.field("client_id").unwrap_or_default().to_owned(), secret.to_owned()),
        (None, None) => return Err(TokenRefusal::InvalidClient),
    };
    // A stand-in with throw-away secrets: comparing in constant time would protect nothing.
    match id == client.id && secret == client.secret.expose() {
        true => Ok(()),
        false => Err(TokenRefusal::InvalidClient),
    }
}

/// Id and secret of a Basic header; both are form-encoded inside (RFC 6749 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    Some((decode(id)?, decode(secret)?))
}

/// The code of a token request.
pub(super) fn requested_code(form: &FormFields) -> Result<&str, TokenRefusal> {
    match form.field("grant_type") {
        Some("authorization_code") => form.field("code").ok_or(TokenRefusal::InvalidRequest("code is missing")),
        Some(_) => Err(TokenRefusal::UnsupportedGrantType),
        None => Err(TokenRefusal::InvalidRequest("grant_type is missing")),
    }
}

/// Whether the request may have what the code stands for.
pub(super) fn check_code(issued: &IssuedCode, form: &FormFields, now: UnixSeconds) -> Result<(), TokenRefusal> {
    if issued.expires_at <= now {
        return Err(TokenRefusal::InvalidGrant("code has expired"));
    }
    if form.field("redirect_uri") != Some(issued.redirect_uri.as_str()) {
        return Err(TokenRefusal::InvalidGrant("redirect_uri is not that of the authorization request"));
    }
    let verifier = form.field("code_verifier").ok_or(TokenRefusal::InvalidGrant("code_verifier is missing"))?;
    if !(43..=128).contains(&verifier.len()) {
        return Err(TokenRefusal::InvalidGrant("code_verifier must have 43 to 128 characters"));
    }
    if challenge_of(verifier) != issued.challenge {
        return Err(TokenRefusal::InvalidGrant("code_verifier does not fit the code_challenge"));
    }
    Ok(())
}

/// The S256 challenge of a verifier.
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}
