//! Fetching a provider's two documents.

use std::{error::Error as _, sync::Arc};

use http::{
    HeaderValue, Request, StatusCode,
    header::{ACCEPT, CONTENT_ENCODING},
};
use url::Url;

use super::super::{
    DialError, Dialer,
    fetch::{FetchError, fetch},
};
use crate::{
    identity::{
        DocumentError, KeyFault, KeySet, LoginError, OidcSettings, PassedOver, ProviderDocuments, ProviderMetadata,
        ProviderWords, TokenAnswerError,
    },
    limits::PROVIDER_QUOTES_MAX,
    proxy::OutboundProxy,
    tls::TrustedRoots,
};

/// What went wrong with a provider. Of what it sent there are names of keys and the like, and what it says of an error.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ProviderError {
    /// No answer.
    #[error("{url} cannot be reached: {}", causes(.cause))]
    Unreachable {
        /// Scheme, host and path.
        url: String,
        /// Why.
        cause: Arc<FetchError>,
    },
    /// An answer that is not the document.
    #[error("{url} answers with status {status}{}", .words.as_ref().map_or_else(String::new, |words| format!(": {words}")))]
    Status {
        /// Scheme, host and path.
        url: String,
        /// Redirects are not followed.
        status: StatusCode,
        /// What it says of an error, if anything.
        words: Option<ProviderWords>,
    },
    /// The body is compressed.
    #[error("{url} answers with content-encoding \"{encoding}\", which nobody asked for")]
    Encoding {
        /// Scheme, host and path.
        url: String,
        /// As it came, escaped.
        encoding: String,
    },
    /// The issuer is not one that a discovery URL can be made of.
    #[error("issuer is not an https url")]
    Issuer,
    /// A document that is not accepted.
    #[error("{url}: {cause}")]
    Document {
        /// Scheme, host and path.
        url: String,
        /// What is wrong with it.
        cause: DocumentError,
    },
    /// A set of which no key is usable.
    #[error("{url}: {}{passed_over}", DocumentError::NoKeys)]
    Keys {
        /// Scheme, host and path.
        url: String,
        /// The first few, and why each is passed over.
        passed_over: String,
    },
    /// There is no secret or key for the way that the provider takes: `check` refuses such a configuration.
    #[error("there is nothing to show the token endpoint who the client is")]
    Credentials,
    /// The token endpoint's answer has no tokens.
    #[error(transparent)]
    Tokens(TokenAnswerError),
    /// Keys of names that nobody knows were asked for as often as they may be, or this one has just been.
    #[error("the key is not known, and is not asked for now")]
    KeysAsked,
    /// The gateway is stopping.
    #[error("fetch was stopped")]
    Stopped,
}

impl ProviderError {
    /// The same, as the end of a sign-in that needs documents: whether waiting may help is what sets the two apart.
    #[must_use]
    pub(crate) fn as_login_error(&self) -> LoginError {
        let cause = self.to_string();
        let is_passing = matches!(self, Self::Status { status, .. } if is_passing(*status));
        if is_passing || self.is_silence() {
            LoginError::ProviderUnreachable { cause }
        } else {
            LoginError::ProviderDocuments { cause }
        }
    }

    /// The same, as the end of a sign-in at the token endpoint.
    pub(super) fn as_exchange_error(&self) -> LoginError {
        let cause = self.to_string();
        if self.is_silence() { LoginError::ProviderUnreachable { cause } } else { LoginError::Exchange { cause } }
    }

    /// Whether it is about the name of a key alone: there is no document of it, as far as anybody may ask.
    #[must_use]
    pub(crate) fn is_no_such_key(&self) -> bool {
        match self {
            // S3 says 403 of what it does not have to whom may not list a bucket.
            Self::Status { status, .. } => {
                matches!(*status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE)
            }
            Self::KeysAsked => true,
            Self::Unreachable { .. }
            | Self::Encoding { .. }
            | Self::Issuer
            | Self::Document { .. }
            | Self::Keys { .. }
            | Self::Credentials
            | Self::Tokens(_)
            | Self::Stopped => false,
        }
    }

    /// Whether there was no answer at all.
    fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable { cause, .. } => !matches!(**cause, FetchError::TooLarge),
            Self::Stopped => true,
            Self::Status { .. }
            | Self::Encoding { .. }
            | Self::Issuer
            | Self::Document { .. }
            | Self::Keys { .. }
            | Self::KeysAsked
            | Self::Credentials
            | Self::Tokens(_) => false,
        }
    }
}

/// Whether a status says that it is about now, and not about what was asked.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

/// Fetches metadata, then keys. Only what the configured issuer's own metadata names is called.
pub(super) async fn fetch_documents(
    dialer: &Dialer,
    settings: &OidcSettings,
) -> Result<ProviderDocuments, ProviderError> {
    let url = ProviderMetadata::document_url(settings).ok_or(ProviderError::Issuer)?;
    let dialer = &trusting(dialer, settings, &url)?;
    for (name, url) in settings.endpoints.all() {
        tracing::info!("{name} of the provider is the operator's: {}", shown(url));
    }
    let metadata = match fetch_metadata(dialer, settings, &url).await {
        Ok(metadata) => metadata,
        Err(error) => {
            let metadata = ProviderMetadata::of_operator(settings).ok_or_else(|| error.clone())?;
            tracing::warn!(%error, "only the operator's endpoints are used, for the provider's document cannot be");
            metadata
        }
    };
    if let Some(fault) = &metadata.passed_over {
        tracing::warn!("a member of the provider's document is passed over: {fault}");
    }
    let keys = get(dialer, &metadata.jwks_uri).await?;
    Ok(ProviderDocuments { keys: key_set(&metadata.jwks_uri, &keys)?, metadata })
}

/// The keys of a document.
pub(super) fn key_set(url: &Url, document: &[u8]) -> Result<KeySet, ProviderError> {
    let (keys, passed_over) = KeySet::parse(document);
    // Keys for encryption and the like are everyday; an unsound one somebody should look at.
    if keys.is_ok() {
        for note in passed_over.iter().filter(|note| !matches!(note.fault, KeyFault::Other(_))) {
            tracing::warn!("a key of the provider is passed over: {note}");
        }
    }
    keys.map_err(|cause| {
        if cause == DocumentError::NoKeys {
            return ProviderError::Keys { url: shown(url), passed_over: notes(&passed_over) };
        }
        refusal_of(url)(cause)
    })
}

async fn fetch_metadata(
    dialer: &Dialer,
    settings: &OidcSettings,
    url: &Url,
) -> Result<ProviderMetadata, ProviderError> {
    ProviderMetadata::parse(&get(dialer, url).await?, settings).map_err(refusal_of(url))
}

pub(super) fn refusal_of(url: &Url) -> impl FnOnce(DocumentError) -> ProviderError {
    let url = shown(url);
    move |cause| ProviderError::Document { url, cause }
}

/// The first few, for the one line that tells why there is no key.
fn notes(passed_over: &[PassedOver]) -> String {
    let told: String = passed_over.iter().take(PROVIDER_QUOTES_MAX).map(|note| format!("; {note}")).collect();
    if passed_over.len() > PROVIDER_QUOTES_MAX { format!("{told}; …") } else { told }
}

/// The dialler that believes whom the provider's settings name.
pub(super) fn trusting(dialer: &Dialer, settings: &OidcSettings, url: &Url) -> Result<Dialer, ProviderError> {
    believing(dialer, (settings.roots.as_ref(), settings.proxy.as_ref()), url)
}

/// The dialler that believes these CAs, and goes out through that proxy.
pub(super) fn believing(
    dialer: &Dialer,
    (roots, proxy): (Option<&TrustedRoots>, Option<&OutboundProxy>),
    url: &Url,
) -> Result<Dialer, ProviderError> {
    let unreachable =
        |cause: DialError| ProviderError::Unreachable { url: shown(url), cause: Arc::new(FetchError::from(cause)) };
    Ok(dialer.trusting(roots).map_err(unreachable)?.through(proxy))
}

pub(super) async fn get(dialer: &Dialer, url: &Url) -> Result<Vec<u8>, ProviderError> {
    let mut request = Request::get(url.as_str())
        .body(Vec::new())
        .map_err(|_| ProviderError::Unreachable { url: shown(url), cause: Arc::new(FetchError::Url) })?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let answer = fetch(dialer, request)
        .await
        .map_err(|cause| ProviderError::Unreachable { url: shown(url), cause: Arc::new(cause) })?;
    let encoding = answer.headers().get(CONTENT_ENCODING).map(|encoding| encoding.to_str().unwrap_or("?"));
    match answer.status() {
        StatusCode::OK => match encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            Some(encoding) => {
                Err(ProviderError::Encoding { url: shown(url), encoding: encoding.escape_debug().collect() })
            }
            None => Ok(answer.into_body()),
        },
        status => Err(ProviderError::Status { url: shown(url), status, words: ProviderWords::code_in(answer.body()) }),
    }
}

/// A URL for logs: a query could hold what is nobody's business.
pub(super) fn shown(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}

/// An error and its causes in one line: "no connection: tls handshake failed: …".
fn causes(error: &FetchError) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line = format!("{line}: {cause}");
        next = cause.source();
    }
    line
}
