//! What the stand-ins' tests share: a tiny client that keeps nothing and follows nothing.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::StandInClock;
use crate::time::UnixSeconds;

/// The time in tests.
pub(super) const NOW: UnixSeconds = UnixSeconds(1_790_000_000);

/// A clock that stands still.
pub(super) fn clock() -> StandInClock {
    StandInClock::new(|| NOW)
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends one request to a port of loopback.
pub(super) async fn send(port: u16, request: Request<Full<Bytes>>) -> Answer {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    drop(sender);
    driver.await.unwrap().unwrap();
    Answer { status: head.status, headers: head.headers, body }
}

/// A GET.
pub(super) async fn get(port: u16, target: &str) -> Answer {
    get_with(port, target, &[]).await
}

/// A GET with header lines.
pub(super) async fn get_with(port: u16, target: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get(target).header(header::HOST, "stand-in.localhost");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(port, request.body(Full::default()).unwrap()).await
}

/// A POST of a form.
pub(super) async fn post(port: u16, target: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(target)
        .header(header::HOST, "stand-in.localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(port, request.body(Full::new(Bytes::from(body))).unwrap()).await
}
