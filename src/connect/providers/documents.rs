//! Fetching a provider's two documents.

use std::{error::Error as _, sync::Arc};

use http::{HeaderValue, Request, StatusCode, header::ACCEPT};
use url::Url;

use super::super::{
    DialError, Dialer,
    fetch::{FetchError, fetch},
};
use crate::identity::{
    DocumentError, KeyFault, KeySet, LoginError, OidcSettings, ProviderDocuments, ProviderMetadata, TokenAnswerError,
};

/// What went wrong with a provider. Nothing that it sent is in it, but for a checked error code.
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
    #[error("{url} answers with status {status}")]
    Status {
        /// Scheme, host and path.
        url: String,
        /// Redirects are not followed.
        status: StatusCode,
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
    /// The token endpoint's answer is an error, or no token answer with an ID token.
    #[error(transparent)]
    Answer(TokenAnswerError),
    /// The gateway is stopping.
    #[error("fetch was stopped")]
    Stopped,
}

impl ProviderError {
    /// The same, as the end of a sign-in at the token endpoint.
    pub(super) fn into_exchange_error(self) -> LoginError {
        let cause = self.to_string();
        match self {
            Self::Unreachable { .. } | Self::Stopped => LoginError::ProviderUnreachable { cause },
            Self::Status { .. } | Self::Issuer | Self::Document { .. } | Self::Answer(_) => {
                LoginError::Exchange { cause }
            }
        }
    }
}

/// Fetches metadata, then keys. Only what the configured issuer's own metadata names is called.
pub(super) async fn fetch_documents(
    dialer: &Dialer,
    settings: &OidcSettings,
) -> Result<ProviderDocuments, ProviderError> {
    let url = ProviderMetadata::url(&settings.issuer).ok_or(ProviderError::Issuer)?;
    let dialer = &trusting(dialer, settings, &url)?;
    let document = get(dialer, &url).await?;
    let refuse = |url: &Url| {
        let url = shown(url);
        move |cause| ProviderError::Document { url, cause }
    };
    let metadata = ProviderMetadata::parse(&document, settings).map_err(refuse(&url))?;
    if let Some(fault) = &metadata.passed_over {
        tracing::warn!("a member of the provider's document is passed over: {fault}");
    }
    let keys = get(dialer, &metadata.jwks_uri).await?;
    let (keys, passed_over) = KeySet::parse(&keys);
    // Keys for encryption and the like are everyday; an unsound one somebody should look at.
    for note in passed_over.iter().filter(|note| note.fault != KeyFault::Other) {
        tracing::warn!("a key of the provider is passed over: {note}");
    }
    Ok(ProviderDocuments { keys: keys.map_err(refuse(&metadata.jwks_uri))?, metadata })
}

/// The dialler that believes whom the provider's settings name.
pub(super) fn trusting(dialer: &Dialer, settings: &OidcSettings, url: &Url) -> Result<Dialer, ProviderError> {
    let unreachable =
        |cause: DialError| ProviderError::Unreachable { url: shown(url), cause: Arc::new(FetchError::from(cause)) };
    dialer.trusting(settings.roots.as_ref()).map_err(unreachable)
}

async fn get(dialer: &Dialer, url: &Url) -> Result<Vec<u8>, ProviderError> {
    let mut request = Request::get(url.as_str())
        .body(Vec::new())
        .map_err(|_| ProviderError::Unreachable { url: shown(url), cause: Arc::new(FetchError::Url) })?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let answer = fetch(dialer, request)
        .await
        .map_err(|cause| ProviderError::Unreachable { url: shown(url), cause: Arc::new(cause) })?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        status => Err(ProviderError::Status { url: shown(url), status }),
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
