//! The admin address: health, readiness that explains, metrics. Never on the public address.

use std::sync::Arc;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::json;

use super::Shared;
use crate::{
    body::{Body, Upload, full},
    listen::{Beside, Handler},
    request::ClientConnection,
};

const OPENMETRICS: &str = "application/openmetrics-text";

/// Answers on the admin address.
pub(crate) struct Admin {
    shared: Arc<Shared>,
}

impl Admin {
    /// The admin side of a gateway.
    #[must_use]
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// 503 only while draining: one provider outage must not take every replica out of the load balancer.
    fn readiness(&self) -> Response<Body> {
        let draining = self.shared.stop.is_cancelled();
        let providers: serde_json::Map<_, _> = self
            .shared
            .providers
            .status()
            .into_iter()
            .map(|(name, status)| (name.to_string(), serde_json::Value::String(status.to_string())))
            .collect();
        let status = if draining { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        let body = json!({ "ready": !draining, "draining": draining, "providers": providers });
        answer(status, "application/json", body.to_string())
    }

    /// A scraper names OpenMetrics in `Accept`; a person's browser shows plain text only.
    fn metrics(&self, accept: Option<&HeaderValue>) -> Response<Body> {
        let wants = accept.and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains(OPENMETRICS));
        let content_type = if wants {
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        } else {
            "text/plain; charset=utf-8"
        };
        answer(StatusCode::OK, content_type, self.shared.metrics())
    }
}

impl Handler for Admin {
    async fn handle(&self, request: Request<Upload>, _: &ClientConnection, _: Beside<'_>) -> Response<Body> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return answer(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET and HEAD\n".to_owned());
        }
        match request.uri().path() {
            "/healthz" => answer(StatusCode::OK, "text/plain", "ok\n".to_owned()),
            "/readyz" => self.readiness(),
            "/metrics" => self.metrics(request.headers().get(header::ACCEPT)),
            _ => answer(StatusCode::NOT_FOUND, "text/plain", "healthz, readyz or metrics\n".to_owned()),
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
