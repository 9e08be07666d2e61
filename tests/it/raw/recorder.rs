//! A host application that records every byte and answers by the path alone.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::message::Message;

/// A listening recorder; it ends with the test's runtime.
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    connections: Connections,
}

/// In the order of their opening.
type Connections = Arc<Mutex<Vec<Connection>>>;

#[derive(Default)]
struct Connection {
    bytes: Vec<u8>,
    /// The requests that are whole, and how many bytes they took.
    whole: Vec<Message>,
    taken: usize,
    has_ended: bool,
}

impl Connection {
    fn requests(&mut self) -> Vec<Message> {
        while let Some((request, taken)) = Message::read(&self.bytes[self.taken..]) {
            if !request.is_whole {
                return self.whole.iter().cloned().chain([request]).collect();
            }
            self.whole.push(request);
            self.taken += taken;
        }
        self.whole.clone()
    }
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::default();
        let recorder = Self { address, connections: Arc::clone(&connections) };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let index = {
                    let mut connections = connections.lock().unwrap();
                    connections.push(Connection::default());
                    connections.len() - 1
                };
                let connections = Arc::clone(&connections);
                tokio::spawn(async move {
                    serve(tcp, index, &connections).await;
                    connections.lock().unwrap()[index].has_ended = true;
                });
            }
        });
        recorder
    }

    /// Every request so far, connection by connection.
    pub(crate) fn requests(&self) -> Vec<Message> {
        self.connections.lock().unwrap().iter_mut().flat_map(Connection::requests).collect()
    }

    /// The bytes of every connection.
    pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
        self.connections.lock().unwrap().iter().map(|connection| connection.bytes.clone()).collect()
    }

    /// Whether a connection has ended.
    pub(crate) fn has_ended(&self, connection: usize) -> bool {
        self.connections.lock().unwrap().get(connection).is_some_and(|connection| connection.has_ended)
    }
}

async fn serve(mut tcp: TcpStream, index: usize, connections: &Connections) {
    // What is not answered yet.
    let mut open = Vec::new();
    // An early answer goes out before the body has come.
    let mut is_answered = false;
    loop {
        let start = open.len();
        match tcp.read_buf(&mut open).await {
            Ok(0) | Err(_) => return,
            Ok(_) => connections.lock().unwrap()[index].bytes.extend_from_slice(&open[start..]),
        }
        while let Some((request, taken)) = Message::read(&open) {
            let is_due = request.is_whole || request.target().contains("/early");
            if is_due && !is_answered && tcp.write_all(&answer(&request)).await.is_err() {
                return;
            }
            is_answered = is_due && !request.is_whole;
            if !request.is_whole {
                break;
            }
            open.drain(..taken);
        }
    }
}

/// What the recorder says: an answer of its own for the paths of upgrades, for all others what it read.
fn answer(request: &Message) -> Vec<u8> {
    let target = request.target();
    let switch = |protocol: &str| {
        format!("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n").into_bytes()
    };
    if target.contains("/switch/websocket") {
        return switch("websocket");
    }
    if target.contains("/switch/h2c") {
        return switch("h2c");
    }
    let status = if target.contains("/no-upgrade") { "400 Bad Request" } else { "200 OK" };
    let mut body = format!("{} [", request.asks()).into_bytes();
    body.extend_from_slice(&request.body);
    body.push(b']');
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nX-Recorder: yes\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n")
            .into_bytes();
    if !request.start.starts_with("HEAD ") {
        bytes.extend_from_slice(&body);
    }
    bytes
}
