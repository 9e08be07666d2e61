//! Listener, admission, forwarding and pool together, between a raw browser and a raw upstream.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use http::{Request, Response, StatusCode};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{read_to_close, read_until, refusal};
use crate::{
    body::{Body, Upload, empty, request_body},
    connect::{Dialer, Tunnel, TunnelLimits, UpstreamPool},
    forward::{ForwardSettings, HeaderPreset, SendHost, Sender, request_head, response_head},
    listen::{Beside, Handler, ListenLimits, bind, serve},
    request::{ClientConnection, HeaderRules, HostName, admit},
    time::UnixSeconds,
};

/// The stages of a public route, without the rest of the gateway.
struct Proxy {
    pool: UpstreamPool,
    settings: ForwardSettings,
}

impl Handler for Proxy {
    async fn handle(&self, mut request: Request<Upload>, from: &ClientConnection, _: Beside<'_>) -> Response<Body> {
        let client = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        let Ok(admitted) = admit(parts, from).and_then(|request| request.screen(&HeaderRules::default())) else {
            return refusal();
        };
        let admitted = admitted.request;
        let sender = Sender { visitor: None, request_id: "id-1", now: UnixSeconds(0) };
        let cookies = admitted.headers.get("cookie").cloned();
        let head = || request_head(&admitted, &self.settings, sender, cookies.clone(), |_, _| {});
        let (body, limit) = (request_body(body, Duration::from_secs(5), None), Duration::from_secs(5));
        let Ok(mut answer) = self.pool.send(&self.settings.upstream, head, body, limit).await else {
            let mut answer = Response::new(empty());
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            return answer;
        };
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let tunnel = Tunnel::new(client, admitted.visit.kind, &mut answer).unwrap();
            let limits = TunnelLimits { idle: Duration::from_secs(5), rest: None };
            tokio::spawn(tunnel.run(limits, CancellationToken::new()));
        }
        let (parts, body) = answer.into_parts();
        response_head(parts, &admitted.visit.method, &self.settings).unwrap().into_response(body)
    }
}

/// A browser's connection to a gateway before an upstream that `answer` plays, once for each connection.
fn browser(answer: impl Fn(TcpStream) + Send + 'static) -> TcpStream {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, name) = (Url::parse("https://crm.example.com").unwrap(), HostName::parse("crm.example.com").unwrap());
    let at = Url::parse(&format!("http://{}", upstream.local_addr().unwrap())).unwrap().into();
    let settings = ForwardSettings::new(&url, &name, at, &HeaderPreset::XForwarded.into(), SendHost::Browser);
    thread::spawn(move || upstream.incoming().flatten().for_each(&answer));
    let make = |_| Proxy { pool: UpstreamPool::new(Dialer::with_system_roots().unwrap()), settings: settings.clone() };
    let bound = bind("127.0.0.1:0".parse().unwrap(), 1).unwrap();
    let address = bound.local_address();
    serve(bound, make, ListenLimits::default(), &CancellationToken::new()).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

#[test]
fn the_upstream_sees_the_same_target_and_the_sites_host_and_one_request_for_one() {
    let (heads, seen) = mpsc::channel();
    let mut browser = browser(move |mut stream| {
        loop {
            heads.send(read_until(&mut stream, "\r\n\r\n")).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        }
    });
    let first = "GET /a%2Fb;c?x=%7b&&y=+%zz HTTP/1.1\r\nHost: CRM.example.com\r\nX_Forwarded_User: root\r\n\r\n";
    let second = "POST /b HTTP/1.1\r\nHost: crm.example.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    browser.write_all(format!("{first}{second}").as_bytes()).unwrap();
    assert_eq!(read_to_close(&mut browser).matches("HTTP/1.1 204").count(), 2);
    let head = seen.recv().unwrap();
    assert!(head.starts_with("GET /a%2Fb;c?x=%7b&&y=+%zz HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("host: crm.example.com\r\n") && !head.contains("root"), "{head}");
    assert!(seen.recv().unwrap().starts_with("POST /b HTTP/1.1\r\n"));
    assert!(seen.try_recv().is_err());
}

#[test]
fn an_upstream_that_dies_in_the_middle_cuts_the_browsers_connection() {
    for (head, end) in
        [("Content-Length: 50", "\r\n\r\nfirst"), ("Transfer-Encoding: chunked", "\r\n\r\n5\r\nfirst\r\n")]
    {
        let mut browser = browser(move |mut stream| {
            read_until(&mut stream, "\r\n\r\n");
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}{end}").as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(50));
        });
        browser.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let text = read_to_close(&mut browser);
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_body_streams_up_while_its_answer_streams_down() {
    let mut browser = browser(|mut stream| {
        read_until(&mut stream, "\r\n\r\n");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").unwrap();
        for _ in 0..2 {
            let mut piece = [0; 2];
            stream.read_exact(&mut piece).unwrap();
            stream.write_all(&piece).unwrap();
        }
    });
    browser.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab").unwrap();
    assert!(read_until(&mut browser, "\r\n\r\nab").starts_with("HTTP/1.1 200"));
    browser.write_all(b"cd").unwrap();
    read_until(&mut browser, "cd");
}

const HANDSHAKE: &[u8] =
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nearly";

#[test]
fn bytes_behind_a_handshake_wait_for_the_upstreams_101() {
    let mut browser = browser(|mut stream| {
        let head = read_until(&mut stream, "\r\n\r\n");
        assert!(head.contains("upgrade: websocket\r\n") && head.contains("connection: Upgrade\r\n"), "{head}");
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(stream.read(&mut [0]).is_err(), "bytes came before the 101");
        stream.set_read_timeout(None).unwrap();
        let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        stream.write_all(switch.as_bytes()).unwrap();
        let text = read_until(&mut stream, "early");
        stream.write_all(text.as_bytes()).unwrap();
    });
    browser.write_all(HANDSHAKE).unwrap();
    assert!(read_until(&mut browser, "\r\n\r\nearly").starts_with("HTTP/1.1 101"));
}

#[test]
fn a_handshake_that_the_upstream_declines_opens_no_tunnel() {
    let mut browser = browser(|mut stream| {
        read_until(&mut stream, "\r\n\r\n");
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").unwrap();
        thread::sleep(Duration::from_millis(200));
    });
    browser.write_all(HANDSHAKE).unwrap();
    let text = read_until(&mut browser, "\r\n\r\nno");
    assert!(text.starts_with("HTTP/1.1 403") && !text.to_lowercase().contains("upgrade:"), "{text}");
}
