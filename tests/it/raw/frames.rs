//! HTTP/2 written and read by hand: frames and fields as a test wants them, also those that no library would send.

use std::collections::BTreeMap;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use super::client::DEADLINE;

/// A header or pseudo-header field.
pub(crate) type Field = (String, String);

/// One connection; streams are numbered as they are opened.
pub(crate) struct Http2 {
    stream: TlsStream<TcpStream>,
    /// What was read and is not a whole frame yet.
    bytes: Vec<u8>,
    opened: u32,
    replies: BTreeMap<u32, Reply>,
    /// The code of GOAWAY, or of an end without one.
    goodbye: Option<u32>,
}

/// What came back on one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// 0 before an answer.
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) is_whole: bool,
    /// The code of `RST_STREAM`.
    pub(crate) reset: Option<u32>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Http2 {
    /// Preface and settings: no dynamic table, so that each status stands for itself, and windows that never close.
    pub(crate) async fn begin(stream: TlsStream<TcpStream>) -> Self {
        let mut http2 = Self { stream, bytes: Vec::new(), opened: 0, replies: BTreeMap::new(), goodbye: None };
        let settings = [&[0, 1, 0, 0, 0, 0][..], &[0, 4, 0x7f, 0xff, 0xff, 0xff]].concat();
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &settings));
        bytes.extend(frame(WINDOW_UPDATE, 0, 0, &0x3fff_ffff_u32.to_be_bytes()));
        http2.send(&bytes).await;
        http2
    }

    /// Opens a stream with these fields, in this order and as they are.
    pub(crate) async fn open(&mut self, fields: &[Field], is_end: bool) -> u32 {
        self.open_written(&block(fields), is_end).await
    }

    /// Opens a stream with fields that are written already.
    pub(crate) async fn open_written(&mut self, block: &[u8], is_end: bool) -> u32 {
        self.open_in_frames(&[block], is_end).await
    }

    /// The same, in a HEADERS frame and those that continue it.
    pub(crate) async fn open_in_frames(&mut self, pieces: &[&[u8]], is_end: bool) -> u32 {
        let stream = self.opened * 2 + 1;
        self.opened += 1;
        let mut bytes = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            let (kind, flags) = if at == 0 { (HEADERS, u8::from(is_end)) } else { (CONTINUATION, 0) };
            let end = if at + 1 == pieces.len() { END_HEADERS } else { 0 };
            bytes.extend(frame(kind, flags | end, stream, piece));
        }
        self.send(&bytes).await;
        stream
    }

    /// A piece of a body.
    pub(crate) async fn data(&mut self, stream: u32, piece: &str, is_end: bool) {
        self.send(&frame(DATA, u8::from(is_end), stream, piece.as_bytes())).await;
    }

    pub(crate) async fn trailers(&mut self, stream: u32, fields: &[Field]) {
        self.send(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(fields))).await;
    }

    /// The browser leaves a stream: CANCEL.
    pub(crate) async fn reset(&mut self, stream: u32) {
        self.reset_with(stream, 8).await;
    }

    /// It leaves with this code.
    pub(crate) async fn reset_with(&mut self, stream: u32, code: u32) {
        self.send(&frame(RST_STREAM, 0, stream, &code.to_be_bytes())).await;
    }

    /// A whole request, and what comes of it.
    pub(crate) async fn ask(&mut self, fields: &[Field], body: Option<&str>) -> Reply {
        let stream = self.open(fields, body.is_none()).await;
        if let Some(body) = body {
            self.data(stream, body, true).await;
        }
        self.reply(stream).await
    }

    /// Reads until a stream has come to its end, or the connection has.
    pub(crate) async fn reply(&mut self, stream: u32) -> Reply {
        let read = async {
            loop {
                let reply = self.replies.entry(stream).or_default();
                if reply.is_whole || reply.reset.is_some() || self.goodbye.is_some() {
                    return reply.clone();
                }
                self.read_some().await;
            }
        };
        timeout(DEADLINE, read).await.expect("a reply within the deadline")
    }

    /// Whether no stream can be opened any more.
    pub(crate) const fn is_over(&self) -> bool {
        self.goodbye.is_some()
    }

    async fn send(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
        drop(self.stream.flush().await);
    }

    async fn read_some(&mut self) {
        if self.stream.read_buf(&mut self.bytes).await.map_or(true, |read| read == 0) {
            self.goodbye.get_or_insert(0);
        }
        while let Some((kind, flags, stream, payload)) = take_frame(&mut self.bytes) {
            self.take(kind, flags, stream, &payload).await;
        }
    }

    async fn take(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let code = |at: usize| payload.get(at..at + 4).map_or(0, |code| u32::from_be_bytes(code.try_into().unwrap()));
        match kind {
            SETTINGS if flags & ACK == 0 => self.send(&frame(SETTINGS, ACK, 0, &[])).await,
            PING if flags & ACK == 0 => self.send(&frame(PING, ACK, 0, payload)).await,
            GOAWAY => self.goodbye = Some(code(4)),
            _ => {
                let reply = self.replies.entry(stream).or_default();
                match kind {
                    // What follows a head are trailers.
                    HEADERS if reply.status < 200 => reply.status = status(payload),
                    DATA => reply.body.extend_from_slice(payload),
                    RST_STREAM => reply.reset = Some(code(0)),
                    _ => {}
                }
                reply.is_whole |= matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0;
            }
        }
    }
}

/// RFC 9113 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn take_frame(bytes: &mut Vec<u8>) -> Option<(u8, u8, u32, Vec<u8>)> {
    let head: [u8; 9] = bytes.get(..9)?.try_into().unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    let payload = bytes.get(9..9 + length)?.to_vec();
    bytes.drain(..9 + length);
    Some((head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff, payload))
}

/// Literals without an index, names and values as they are.
pub(crate) fn block(fields: &[Field]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| literal(PLAIN, name.as_bytes(), value.as_bytes())).collect()
}

/// A field whose name is not of a table, as it is: RFC 7541 6.2.1 where `kind` is [`INDEXED`], 6.2.2 where it is [`PLAIN`].
pub(crate) fn literal(kind: u8, name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut literal = vec![kind];
    for text in [name, value] {
        push_length(&mut literal, text.len());
        literal.extend_from_slice(text);
    }
    literal
}

/// A literal that goes into the table of the connection.
pub(crate) const INDEXED: u8 = 0x40;
/// One that does not.
pub(crate) const PLAIN: u8 = 0;

/// RFC 7541 5.1, with a prefix of seven bits.
fn push_length(block: &mut Vec<u8>, length: usize) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap());
        return;
    }
    block.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}

/// The `:status` that begins a block: of the static table, or three digits, plain or in Huffman's code (RFC 7541 B).
fn status(block: &[u8]) -> u16 {
    let at = block.iter().position(|byte| byte >> 5 != 1).expect("more than a change of the table's size");
    match block[at] {
        indexed @ 0x88..=0x8e => [200, 204, 206, 304, 400, 404, 500][usize::from(indexed - 0x88)],
        0x08 | 0x18 | 0x48 => {
            let (length, value) = (block[at + 1], &block[at + 2..]);
            let value = &value[..usize::from(length & 127)];
            let digits = if length & 128 == 0 { String::from_utf8_lossy(value).into_owned() } else { digits(value) };
            digits.parse().unwrap()
        }
        other => panic!("the block begins with {other:#x}, and no status"),
    }
}

/// `0`, `1` and `2` have five bits, the other digits six; ones fill up.
fn digits(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let number = |bits: &[u8]| bits.iter().fold(0, |number, bit| number * 2 + bit);
    let (mut text, mut rest) = (String::new(), &bits[..]);
    while rest.len() >= 5 && text.len() < 3 {
        let (digit, taken) = match number(&rest[..5]) {
            short @ 0..=2 => (short, 5),
            _ => (number(&rest[..6]) - 0x19 + 3, 6),
        };
        text.push(char::from(b'0' + digit));
        rest = &rest[taken..];
    }
    text
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

#[test]
fn a_status_is_read_in_every_form_and_a_frame_only_when_it_is_whole() {
    for (block, expected) in [
        (&[0x88][..], 200),
        (&[0x20, 0x8c], 400),
        (&[0x08, 0x03, b'4', b'2', b'1'], 421),
        // In Huffman's code.
        (&[0x48, 0x82, 0x68, 0x01], 401),
        (&[0x08, 0x83, 0x64, 0x0c, 0xff], 303),
    ] {
        assert_eq!(status(block), expected, "{block:?}");
    }
    let mut bytes = frame(DATA, END_STREAM, 3, b"hello");
    let last = bytes.pop().unwrap();
    assert_eq!(take_frame(&mut bytes), None);
    bytes.push(last);
    assert_eq!(take_frame(&mut bytes), Some((DATA, END_STREAM, 3, b"hello".to_vec())));
    assert_eq!(block(&[("a".to_owned(), "b".repeat(300))])[..5], [0, 1, b'a', 127, 173]);
}
