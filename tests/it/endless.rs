//! An application whose answers never end, for what is open.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::standing::PROMISED;

/// Something that is open for as long as nobody ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// An upgraded connection that says nothing.
    WebSocket,
    /// An event stream that says nothing.
    Silent,
    /// An event stream that never stops talking.
    Busy,
    /// A page that is looked through for slots while it streams.
    Page,
    /// An answer of known length that stays short of it.
    Download,
    /// A request body that goes on; its answer comes at its end.
    Upload,
    /// A request whose answer takes its time.
    LongPoll,
}

pub(crate) const ALL: [Open; 7] =
    [Open::WebSocket, Open::Silent, Open::Busy, Open::Page, Open::Download, Open::Upload, Open::LongPoll];

/// An application whose answers never end; what it answers is in the path.
pub(crate) async fn endless() -> u16 {
    endless_telling(Arc::default()).await
}

/// The same, which counts the requests that have reached it.
pub(crate) async fn endless_telling(arrived: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&arrived)));
        }
    });
    port
}

pub(crate) async fn head_from(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn serve(mut stream: TcpStream, arrived: Arc<AtomicUsize>) {
    let Some(head) = head_from(&mut stream).await else { return };
    let asks = |what: Open| head.contains(&format!("/{what:?}"));
    let chunked = |kind: &str| {
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n")
    };
    let answer = if asks(Open::WebSocket) {
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst\n".to_owned()
    } else if asks(Open::Page) {
        chunked("text/html")
    } else if asks(Open::Download) {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst\n".to_owned()
    } else if asks(Open::Upload) || asks(Open::LongPoll) {
        String::new()
    } else if asks(Open::Silent) || asks(Open::Busy) {
        chunked("text/event-stream")
    } else {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
    };
    stream.write_all(answer.as_bytes()).await.unwrap();
    if !ALL.into_iter().any(asks) {
        return;
    }
    arrived.fetch_add(1, Ordering::Relaxed);
    if asks(Open::LongPoll) {
        tokio::time::sleep(PROMISED - Duration::from_millis(500)).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfirst\n").await);
    }
    while asks(Open::Busy) && stream.write_all(b"4\r\ntick\r\n").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
}
