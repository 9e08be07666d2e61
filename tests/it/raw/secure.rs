//! The same lab behind TLS, and HTTP/2 connections to it.

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{
    frames::{Field, Http2, Reply},
    lab::Lab,
    message::Message,
};
use crate::{
    browser::{As, Browser},
    certificates::Authority,
};

/// The gateway with https sites, the recorder behind it.
pub(crate) struct Secure {
    pub(crate) lab: Lab,
    authority: Authority,
    _folder: TempDir,
}

impl Secure {
    pub(crate) async fn start() -> Self {
        Self::with(|text| text).await
    }

    /// With an edited configuration.
    pub(crate) async fn with(change: impl FnOnce(String) -> String) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        authority.leaf(NAME).write(folder.path(), "tls");
        let tls = "\ntls = { certificate = \"tls.pem\", private_key = { file = \"tls.key\" } }\n[session]";
        let edit = |text: String| {
            change(text.replace("url = \"http://crm", "url = \"https://crm").replace("\n[session]", tls))
        };
        let lab = Lab::in_folder(folder.path(), edit).await;
        lab.world.stand_ins.provider.set_sites(vec![format!("https://{}", lab.host())]);
        Self { lab, authority, _folder: folder }
    }

    pub(crate) async fn open(&self) -> Http2 {
        Http2::begin(self.connect("h2").await).await
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(&self, fields: &[Field], body: Option<&str>) -> Reply {
        self.open().await.ask(fields, body).await
    }

    /// The fields of a good request.
    pub(crate) fn request(&self, method: &str, path: &str) -> Vec<Field> {
        fields([(":method", method), (":scheme", "https"), (":authority", &self.lab.host()), (":path", path)])
    }

    /// The same with further fields.
    pub(crate) fn request_with(&self, method: &str, path: &str, more: &[(&str, &str)]) -> Vec<Field> {
        self.request(method, path).into_iter().chain(fields(more.iter().copied())).collect()
    }

    /// Refused: by an answer or by the end of the stream, and the host application has seen nothing.
    #[track_caller]
    pub(crate) fn assert_refused(&self, reply: &Reply, what: &str) {
        let is_refused = matches!(reply.status, 0 | 400 | 405 | 431 | 501);
        assert!(is_refused && (reply.status > 0 || !reply.is_whole), "{what}: {reply:?}");
        let requests = self.lab.requests();
        assert!(requests.is_empty(), "{what}: {requests:?}");
    }

    /// A good request arrives: what was refused before was refused for its own sake.
    pub(crate) async fn assert_open(&self) {
        let reply = self.ask(&self.request("GET", "/public/good"), None).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "GET /public/good []"));
        assert_eq!(self.lab.requests().len(), 1);
    }

    /// Signs a person in; gives the `cookie` field's value.
    pub(crate) async fn cookie_of(&self, person: &str) -> String {
        let navigation = "Accept: text/html\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n";
        let login = self.http1_get("/", navigation).await;
        let provider = format!("{}&person={person}", login.header("location").unwrap());
        let answer = Browser::default().get(As::Navigation, &provider).await;
        let callback = answer.location().unwrap();
        let target = &callback[url::Position::BeforePath..url::Position::AfterQuery];
        let cookie = login.header("set-cookie").and_then(|line| line.split(';').next()).unwrap();
        let session = self.http1_get(target, &format!("{navigation}Cookie: {cookie}\r\n")).await;
        let lines = session.headers.iter().filter(|(name, _)| name == "set-cookie");
        let mut pairs =
            lines.filter_map(|(_, line)| line.split(';').next()).filter(|pair| pair.starts_with("__Host-sg="));
        let pair = pairs.next_back().unwrap_or_else(|| panic!("nobody is signed in: {session:?}"));
        pair.to_owned()
    }

    async fn http1_get(&self, target: &str, lines: &str) -> Message {
        let mut stream = self.connect("http/1.1").await;
        let head = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}\r\n", self.lab.host());
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes).await);
        Message::read(&bytes).unwrap().0
    }

    async fn connect(&self, protocol: &str) -> TlsStream<TcpStream> {
        self.authority.connect(self.lab.world.ports.gateway, NAME, protocol).await.unwrap()
    }
}

pub(crate) fn fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Field> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

const NAME: &str = "crm.localhost";
