//! A small browser: one cookie jar per host name, Fetch Metadata, redirects on demand. Names are always loopback.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use url::Url;

/// Cookies by host name, as browsers keep them: ports share them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an answer was.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How a browser asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// Typed, or a link of the same site: `document`, `navigate`.
    Navigation,
    /// A frame of the same origin.
    Frame,
    /// `fetch` of the same origin.
    Fetch,
    /// No Fetch Metadata at all, and no `Accept`.
    Curl,
}

impl Browser {
    pub(crate) async fn get(&mut self, how: As, url: &str) -> Page {
        self.send(how, Method::GET, url, &[], "").await
    }

    /// Navigates and follows redirects, for at most ten hops.
    pub(crate) async fn visit(&mut self, url: &str) -> Page {
        let mut page = self.get(As::Navigation, url).await;
        for _ in 0..10 {
            let Some(location) = page.location() else { return page };
            page = self.get(As::Navigation, location.as_str()).await;
        }
        panic!("more than ten redirects, the last to {}", page.url);
    }

    pub(crate) async fn send(
        &mut self,
        how: As,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        let mut request = Request::builder()
            .method(method)
            .uri(url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        request.headers_mut().insert(header::HOST, HeaderValue::from_str(authority).unwrap());
        for (name, value) in how.metadata() {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(line) = self.cookie_line(&host) {
            request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(&line).unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let response = exchange(&url, request).await;
        self.keep_cookies(&host, response.headers());
        let (parts, body) = response.into_parts();
        Page { url, status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.cookies.get(host)?.get(name).map(String::as_str)
    }

    pub(crate) fn cookie_names(&self, host: &str) -> Vec<String> {
        self.cookies.get(host).map(|jar| jar.keys().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.entry(host.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn forget_cookie(&mut self, host: &str, name: &str) {
        self.cookies.entry(host.to_owned()).or_default().remove(name);
    }

    fn cookie_line(&self, host: &str) -> Option<String> {
        let jar = self.cookies.get(host)?;
        let line: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!line.is_empty()).then(|| line.join("; "))
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie::Cookie::parse(line.to_str().unwrap()).unwrap();
            let jar = self.cookies.entry(host.to_owned()).or_default();
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                jar.remove(cookie.name());
            } else {
                jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }
}

impl As {
    fn metadata(self) -> &'static [(&'static str, &'static str)] {
        const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        match self {
            Self::Navigation => {
                &[HTML, ("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")]
            }
            Self::Frame => {
                &[HTML, ("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "same-origin")]
            }
            Self::Fetch => &[
                ("accept", "*/*"),
                ("sec-fetch-dest", "empty"),
                ("sec-fetch-mode", "cors"),
                ("sec-fetch-site", "same-origin"),
            ],
            Self::Curl => &[],
        }
    }
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> Option<Url> {
        if !self.status.is_redirection() {
            return None;
        }
        self.header("location").map(|location| self.url.join(location).unwrap())
    }

    /// What the script of an embed page is told.
    pub(crate) fn embed_page(&self) -> serde_json::Value {
        let text = self.text();
        let (_, told) = text.split_once(r#"<script type="application/json" id="embed">"#).expect("an embed page");
        serde_json::from_str(told.split_once("</script>").unwrap().0).unwrap()
    }

    /// The signed URL that an embed page holds.
    pub(crate) fn signed_url(&self) -> Option<String> {
        self.embed_page()["minted"]["url"].as_str().map(str::to_owned)
    }

    /// The value of an attribute of the first tag that starts with `tag`, entities decoded.
    pub(crate) fn attribute(&self, tag: &str, name: &str) -> Option<String> {
        let text = self.text();
        let element = &text[text.find(&format!("<{tag}"))?..];
        let element = &element[..element.find('>')?];
        let value = element.split(&format!(" {name}=\"")).nth(1)?;
        Some(value.split('"').next()?.replace("&amp;", "&"))
    }
}

/// One request on a connection of its own.
pub(crate) async fn exchange(url: &Url, request: Request<Full<Bytes>>) -> Response<Bytes> {
    let port = url.port_or_known_default().unwrap();
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    drop(sender);
    driver.abort();
    Response::from_parts(parts, bytes)
}
