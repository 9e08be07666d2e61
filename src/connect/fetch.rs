//! One bounded HTTP/1.1 exchange with a provider: its own connection, no redirect followed, no answer too long or late.

use http::{
    HeaderValue, Request, Response,
    header::{ACCEPT_ENCODING, CONNECTION, HOST, USER_AGENT},
    uri::{PathAndQuery, Uri},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{task::JoinSet, time::timeout};
use url::{Position, Url};

use super::{DialError, Dialer};
use crate::limits::{PROVIDER_BODY_BYTES_MAX, PROVIDER_TIMEOUT};

/// Why there is no answer. Nothing of request or answer is in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The address is not an http or https URL.
    #[error("address is not an http or https url")]
    Url,
    /// No connection.
    #[error("no connection")]
    Dial(#[from] DialError),
    /// The answer is not valid HTTP, or the connection broke.
    #[error("answer is not valid http")]
    Http(#[from] hyper::Error),
    /// The answer broke off.
    #[error("answer broke off")]
    Body,
    /// The body is over the limit.
    #[error("answer is larger than {PROVIDER_BODY_BYTES_MAX} bytes")]
    TooLarge,
    /// It took too long.
    #[error("no whole answer within {PROVIDER_TIMEOUT:?}")]
    Timeout,
}

/// Sends one request and reads the whole answer, all together within [`PROVIDER_TIMEOUT`].
///
/// # Errors
/// See [`FetchError`]; a status is an answer, not an error.
///
/// # Cancel safety
/// Dropping the future closes the connection; whether the provider saw the request is unknown.
pub(super) async fn fetch(dialer: &Dialer, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
    timeout(PROVIDER_TIMEOUT, fetch_unbounded(dialer, request)).await.unwrap_or(Err(FetchError::Timeout))
}

async fn fetch_unbounded(dialer: &Dialer, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
    let url = Url::parse(&request.uri().to_string()).map_err(|_| FetchError::Url)?;
    let request = origin_form(request, &url)?;
    let stream = dialer.dial(&url, PROVIDER_TIMEOUT).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // The connection lives in a task that ends with this future.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, PROVIDER_BODY_BYTES_MAX)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { FetchError::TooLarge } else { FetchError::Body })?;
    Ok(Response::from_parts(head, body.to_bytes().to_vec()))
}

/// RFC 9112 3.2.1: path and query in the request line, the authority in `Host`.
fn origin_form(request: Request<Vec<u8>>, url: &Url) -> Result<Request<Full<Bytes>>, FetchError> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let target = PathAndQuery::try_from(target).map_err(|_| FetchError::Url)?;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]).map_err(|_| FetchError::Url)?;
    let mut request = request.map(|body| Full::new(Bytes::from(body)));
    *request.uri_mut() = Uri::from(target);
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    // RFC 9110 12.5.3: who says nothing takes any.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(USER_AGENT, HeaderValue::from_static("sigma-gateway"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}
