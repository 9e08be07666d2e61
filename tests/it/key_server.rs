//! A stand-in for who signs in front and publishes the keys: a JWKS on loopback, and one PEM key for each name behind a CONNECT
//! proxy, under the very host name of the vendor.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A key that signs.
pub(crate) struct FrontKey {
    pair: EcdsaKeyPair,
    kid: String,
}

/// Answers by path, and counts.
#[derive(Clone, Default)]
pub(crate) struct KeyServer {
    answers: Arc<Mutex<BTreeMap<String, (u16, String)>>>,
    asked: Arc<AtomicUsize>,
    pub(crate) port: u16,
}

impl FrontKey {
    pub(crate) fn new(kid: &str) -> Self {
        Self { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), kid: kid.to_owned() }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid, "alg": "ES256", "use": "sig" })
    }

    pub(crate) fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().unwrap();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()))
    }

    /// A JWT with these members beside the usual ones of its header.
    pub(crate) fn sign(&self, header: Value, claims: &Value) -> String {
        self.signed(header, claims, |part| URL_SAFE_NO_PAD.encode(part))
    }

    /// The same with the padding that AWS keeps, and signs.
    pub(crate) fn sign_padded(&self, header: Value, claims: &Value) -> String {
        self.signed(header, claims, |part| URL_SAFE.encode(part))
    }

    fn signed(&self, mut header: Value, claims: &Value, encode: fn(&[u8]) -> String) -> String {
        header["alg"] = json!("ES256");
        header["kid"] = json!(self.kid);
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode(signature.as_ref()))
    }
}

impl KeyServer {
    /// Plain http on loopback.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let answering = server.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let server = answering.clone();
                tokio::spawn(async move { server.answer(tcp).await });
            }
        });
        server
    }

    /// A proxy that takes `CONNECT` to whatever name, and is the server behind it.
    pub(crate) async fn start_behind_proxy(acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let answering = server.clone();
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let (server, acceptor) = (answering.clone(), acceptor.clone());
                tokio::spawn(async move {
                    head(&mut tcp).await;
                    drop(tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await);
                    if let Ok(stream) = acceptor.accept(tcp).await {
                        server.answer(stream).await;
                    }
                });
            }
        });
        server
    }

    pub(crate) fn set(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body.to_owned()));
    }

    pub(crate) fn publish(&self, keys: &[&FrontKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        self.set("/jwks", 200, &json!({ "keys": keys }).to_string());
    }

    /// How often it was asked since.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    async fn answer(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let head = head(&mut stream).await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        let path = head.split(' ').nth(1).unwrap_or_default();
        let found = self.answers.lock().unwrap().get(path).cloned();
        let (status, body) = found.unwrap_or((404, String::new()));
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        drop(stream.write_all(answer.as_bytes()).await);
        drop(stream.shutdown().await);
    }
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}
