//! Fetching a provider's two documents.

use std::{error::Error as _, sync::Arc};

use http::{HeaderValue, Request, StatusCode, header::ACCEPT};
use url::Url;

use super::super::{
    DialError, Dialer,
    fetch::{FetchError, fetch},
};
use crate::identity::{DocumentError, KeyFault, KeySet, LoginError, OidcSettings, ProviderDocuments, ProviderMetadata};

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
    /// The token endpoint answers with an error (RFC 6749 5.2).
    #[error("token endpoint refuses the code: {code}")]
    Refused {
        /// The error code, cut to its legal characters.
        code: String,
    },
    /// There is no secret or key for the way that the provider takes: `check` refuses such a configuration.
    #[error("there is nothing to show the token endpoint who the client is")]
    Credentials,
    /// The token endpoint's answer is no token answer with an ID token.
    #[error("token endpoint does not answer with a bearer token and an id token")]
    Answer,
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
            Self::Status { .. }
            | Self::Issuer
            | Self::Document { .. }
            | Self::Refused { .. }
            | Self::Credentials
            | Self::Answer => LoginError::Exchange { cause },
        }
    }
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
    let keys = get(dialer, &metadata.jwks_uri).await?;
    let (keys, passed_over) = KeySet::parse(&keys);
    // Keys for encryption and the like are everyday; an unsound one somebody should look at.
    for note in passed_over.iter().filter(|note| note.fault != KeyFault::Other) {
        tracing::warn!("a key of the provider is passed over: {note}");
    }
    Ok(ProviderDocuments { keys: keys.map_err(refusal_of(&metadata.jwks_uri))?, metadata })
}

async fn fetch_metadata(
    dialer: &Dialer,
    settings: &OidcSettings,
    url: &Url,
) -> Result<ProviderMetadata, ProviderError> {
    ProviderMetadata::parse(&get(dialer, url).await?, settings).map_err(refusal_of(url))
}

fn refusal_of(url: &Url) -> impl FnOnce(DocumentError) -> ProviderError {
    let url = shown(url);
    move |cause| ProviderError::Document { url, cause }
}

/// The dialler that believes whom the provider's settings name.
pub(super) fn trusting(dialer: &Dialer, settings: &OidcSettings, url: &Url) -> Result<Dialer, ProviderError> {
    let unreachable =
        |cause: DialError| ProviderError::Unreachable { url: shown(url), cause: Arc::new(FetchError::from(cause)) };
    Ok(dialer.trusting(settings.roots.as_ref()).map_err(unreachable)?.through(settings.proxy.as_ref()))
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
