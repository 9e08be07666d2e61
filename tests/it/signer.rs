//! A host application that signs connections in, as IIS and express-ntlm do: who is asking belongs to the connection.
//!
//! `Authorization: NTLM hello` is answered with a challenge, `NTLM i-am-NAME` behind it signs the connection in, and from then
//! on every request of the connection is NAME's; on a path `at-once` it needs no challenge before, under whatever scheme. What a
//! visitor without a name gets, the path says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::raw::message::Message;

/// A listening application; it ends with the test's runtime.
pub(crate) struct Signer {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Whether each connection is still open.
    open: Vec<bool>,
    /// The connection of each request, and what it asked.
    asked: Vec<(usize, String)>,
}

impl Signer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let signer = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&signer.state);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let index = {
                    let mut state = state.lock().unwrap();
                    state.open.push(true);
                    state.open.len() - 1
                };
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    serve(tcp, index, &state).await;
                    state.lock().unwrap().open[index] = false;
                });
            }
        });
        signer
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }

    /// Which of its connections are still open.
    pub(crate) fn open(&self) -> Vec<usize> {
        let state = self.state.lock().unwrap();
        state.open.iter().enumerate().filter(|(_, is_open)| **is_open).map(|(index, _)| index).collect()
    }
}

async fn serve(mut tcp: TcpStream, index: usize, state: &Mutex<State>) {
    let (mut bytes, mut is_challenged, mut person) = (Vec::new(), false, None::<String>);
    while tcp.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        while let Some((request, taken)) = Message::read(&bytes) {
            let is_early = request.target().contains("early");
            if !request.is_whole && !is_early {
                break;
            }
            state.lock().unwrap().asked.push((index, request.asks().to_owned()));
            let said = request.header("authorization").map(|value| value.to_ascii_lowercase());
            let token = said.as_deref().and_then(|said| said.rsplit_once([' ', '\t'])).map(|(_, token)| token.trim());
            let mut challenge = Vec::new();
            match (token, token.and_then(|token| token.strip_prefix("i-am-"))) {
                (_, Some(name)) if is_challenged || request.target().contains("at-once") => {
                    person = Some(name.to_owned());
                }
                (Some("hello"), _) => {
                    is_challenged = true;
                    challenge = vec!["WWW-Authenticate: NTLM your-turn"];
                }
                _ if person.is_none() => challenge = challenges(request.target()),
                _ => {}
            }
            drop(tcp.write_all(&answer(&request, index, person.as_deref(), &challenge)).await);
            if request.target().contains("then-close") || (is_early && !request.is_whole) {
                return;
            }
            bytes.drain(..taken);
        }
    }
}

/// What a visitor without a name is told.
fn challenges(target: &str) -> Vec<&'static str> {
    let has = |word: &str| target.contains(word);
    if has("beside") {
        vec!["WWW-Authenticate: negotiate , NTLM", "WWW-Authenticate: Basic realm=\"a, NTLM\", ntlm,Digest realm=b"]
    } else if has("token") {
        vec!["WWW-Authenticate: Negotiate b3Blbg=="]
    } else if has("marked") {
        vec!["Persistent-Auth: true"]
    } else if has("open") {
        vec![]
    } else {
        vec!["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"]
    }
}

fn answer(request: &Message, index: usize, person: Option<&str>, challenge: &[&str]) -> Vec<u8> {
    let has = |word: &str| request.target().contains(word);
    let is_refused = challenge.iter().any(|line| line.starts_with("WWW-")) && !has("anyway") && !has("token");
    let status = match is_refused {
        true => "401 Unauthorized",
        false if has("empty") => "204 No Content",
        false => "200 OK",
    };
    let body = format!("{index} {}", person.unwrap_or("nobody"));
    let lines = challenge.iter().map(|line| format!("{line}\r\n")).collect::<String>();
    if status.starts_with("204") {
        return format!("HTTP/1.1 {status}\r\nX-Person: {body}\r\n{lines}\r\n").into_bytes();
    }
    format!("HTTP/1.1 {status}\r\nX-Person: {body}\r\nContent-Length: {}\r\n{lines}\r\n{body}", body.len()).into_bytes()
}
