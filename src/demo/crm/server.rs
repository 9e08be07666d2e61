//! The CRM's server: paths to pages.

use std::{sync::Arc, time::Duration};

use cookie::Cookie;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::net::TcpListener;

use super::{
    notes::Notes,
    pages::{Frame, widgets_json},
    streams::{big, count_upload, file, gzip_if_asked, slow},
    websocket,
};
use crate::demo::{
    documents::{REVENUE, workbook_url},
    page::{FormFields, answer, html, json, read_small, redirect, text, with_header},
    serve::{App, Server, StandInBody, Stopping, port_of},
};

/// How to start the host application.
#[derive(Debug, Clone)]
pub(crate) struct HostAppOptions {
    /// Sigma's origin, for the plain links in pages and API answers.
    pub(crate) sigma: String,
    /// The pause between two pieces of `/slow-stream`.
    pub(crate) slow_pause: Duration,
}

/// A running host application.
#[derive(Debug)]
pub(crate) struct HostApp {
    server: Server,
}

impl HostApp {
    /// Serves on a bound listener.
    pub(in crate::demo) fn serve(listener: TcpListener, options: HostAppOptions) -> Self {
        let stopping = Stopping::default();
        let own_url = format!("http://127.0.0.1:{}", port_of(&listener));
        let crm = Crm { own_url, options, notes: Notes::default(), stopping: stopping.clone() };
        Self { server: Server::start(listener.into(), Arc::new(crm), stopping) }
    }

    /// Ends gracefully.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

struct Crm {
    own_url: String,
    options: HostAppOptions,
    notes: Notes,
    stopping: Stopping,
}

impl App for Crm {
    async fn answer(&self, request: Request<Incoming>) -> Response<StandInBody> {
        match (request.method().clone(), request.uri().path()) {
            (_, "/echo") => echo(&request),
            (Method::POST, "/notes") => self.add_note(request).await,
            (Method::POST | Method::PUT, "/upload") => count_upload(request.into_body()).await,
            (Method::GET, "/ws") => websocket::accept(request, &self.stopping),
            (Method::GET | Method::HEAD, _) => self.page(&request),
            _ => text(StatusCode::METHOD_NOT_ALLOWED, "the CRM does not do that\n"),
        }
    }
}

impl Crm {
    fn page(&self, request: &Request<Incoming>) -> Response<StandInBody> {
        let sigma = self.options.sigma.as_str();
        let frame = Frame { headers: request.headers(), sigma };
        let ok = |page: String| html(StatusCode::OK, page);
        match request.uri().path() {
            "/" => ok(frame.home()),
            "/dashboard" => {
                let page = frame.dashboard();
                gzip_if_asked(&page, request.headers(), plain_page(page.clone()))
            }
            "/customers/acme" => ok(frame.customer()),
            "/links" => plain_page(frame.links()),
            "/reports/old" => redirect(StatusCode::FOUND, &(workbook_url(sigma, REVENUE) + "?Region=EMEA")),
            "/reports/revenue.aspx" => ok(frame.report()),
            "/api/widgets" => json(StatusCode::OK, &widgets_json(sigma)),
            "/widgets" => ok(frame.widgets()),
            "/notes" => self.notes(&frame),
            "/upload" => ok(frame.upload()),
            "/download/big" => big(bytes_asked(request.uri().query())),
            "/download/file.bin" => file(request.headers()),
            "/socket" => ok(frame.socket()),
            "/slow-stream" => slow(frame.pieces(), self.options.slow_pause),
            "/public/info" => ok(frame.info()),
            "/whoami" => ok(frame.who_am_i()),
            "/static/crm.css" => stylesheet(request.headers()),
            _ => html(StatusCode::NOT_FOUND, frame.not_found()),
        }
    }

    fn notes(&self, frame: &Frame<'_>) -> Response<StandInBody> {
        match session_of(frame.headers) {
            Some(session) => html(StatusCode::OK, frame.notes(&session, &self.notes.of(&session))),
            None => {
                let session = self.notes.new_session();
                let page = html(StatusCode::OK, frame.notes(&session, &[]));
                with_header(page, header::SET_COOKIE, &format!("JSESSIONID={session}; Path=/; HttpOnly"))
            }
        }
    }

    async fn add_note(&self, request: Request<Incoming>) -> Response<StandInBody> {
        let Some(session) = session_of(request.headers()) else {
            return text(StatusCode::FORBIDDEN, "no JSESSIONID: open /notes first\n");
        };
        let Some(Ok(form)) = read_small(request.into_body()).await.map(|body| FormFields::parse(&body)) else {
            return text(StatusCode::BAD_REQUEST, "that is no form of ours\n");
        };
        if let Some(note) = form.field("note") {
            self.notes.add(&session, note);
        }
        // Absolute and with the internal name, as old applications do; the gateway has to map it.
        redirect(StatusCode::FOUND, &format!("{}/notes", self.own_url))
    }
}

/// A page that browsers may keep and ask about, as old applications' pages can be.
fn plain_page(page: String) -> Response<StandInBody> {
    let response = answer(StatusCode::OK, "text/html; charset=utf-8", page);
    with_header(response, header::ETAG, "\"page-1\"")
}

fn stylesheet(headers: &HeaderMap) -> Response<StandInBody> {
    const ETAG: &str = "\"crm-css-1\"";
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag == ETAG);
    let (status, css) = match is_known {
        true => (StatusCode::NOT_MODIFIED, ""),
        false => (StatusCode::OK, include_str!("../assets/crm/crm.css")),
    };
    let response = with_header(answer(status, "text/css; charset=utf-8", css), header::ETAG, ETAG);
    with_header(response, header::CACHE_CONTROL, "public, max-age=60")
}

/// The request head as the CRM got it.
fn echo(request: &Request<Incoming>) -> Response<StandInBody> {
    let first = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
    let head = request
        .headers()
        .iter()
        .fold(first, |head, (name, value)| head + &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    with_header(text(StatusCode::OK, head), header::CACHE_CONTROL, "no-store")
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| Cookie::split_parse(line.to_owned())).flatten();
    cookies.find(|cookie| cookie.name() == "JSESSIONID").map(|cookie| cookie.value().to_owned())
}

fn bytes_asked(query: Option<&str>) -> u64 {
    let form = FormFields::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    form.field("bytes").and_then(|bytes| bytes.parse().ok()).unwrap_or(BIG_BYTES)
}

/// `/download/big` without `?bytes=`.
const BIG_BYTES: u64 = 64 * 1024 * 1024;
