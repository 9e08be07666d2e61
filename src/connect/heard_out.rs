//! A connection to a host application that is heard out: what it said before it closed is read, though nothing can be sent to it
//! any more.
//!
//! An application may answer and close before it has read the request's body (RFC 9112 9.5): it refuses an upload that is too
//! long, or knows no chunks. The next write fails, and hyper would end the exchange there, with the answer unread. Here such a
//! write seems to succeed; the answer follows, or the end of the connection. It is never used again.

use std::{
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The stream; writes to one that is closed go nowhere, and fail once all that it said has been read.
pub(super) struct HeardOut<S> {
    stream: S,
    is_closed: Closed,
    is_over: bool,
}

/// Whether the other side was found closed.
#[derive(Debug, Clone, Default)]
pub(super) struct Closed(Arc<AtomicBool>);

impl Closed {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<S> HeardOut<S> {
    pub(super) const fn new(stream: S, is_closed: Closed) -> Self {
        Self { stream, is_closed, is_over: false }
    }

    /// Whether writes go nowhere now.
    fn only_listens(&self) -> bool {
        self.is_closed.get() && !self.is_over
    }

    /// `done` in place of the failure that says that nobody reads any more.
    fn hear_out<T>(&self, result: io::Result<T>, done: T) -> io::Result<T> {
        match result {
            Err(error) if is_of_closed(&error) && !self.is_over => {
                self.is_closed.0.store(true, Ordering::Relaxed);
                Ok(done)
            }
            result => result,
        }
    }
}

fn is_of_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

impl<S: AsyncRead + Unpin> AsyncRead for HeardOut<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.is_over |= buf.filled().len() == before && buf.capacity() > before;
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeardOut<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.only_listens() {
            return Poll::Ready(Ok(buf.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf).map(|result| self.hear_out(result, buf.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum();
        if self.only_listens() {
            return Poll::Ready(Ok(length));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs).map(|result| self.hear_out(result, length))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.only_listens() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_flush(cx).map(|result| self.hear_out(result, ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[tokio::test]
    async fn what_was_said_before_the_end_is_read_and_then_nothing_can_be_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let is_closed = Closed::default();
        let mut stream = HeardOut::new(stream, is_closed.clone());
        let (mut other, _) = listener.accept().await.unwrap();
        stream.write_all(b"first").await.unwrap();
        assert!(!is_closed.get());
        other.write_all(b"enough").await.unwrap();
        drop(other);
        for _ in 0..1_000 {
            stream.write_all(b"more").await.unwrap();
            tokio::task::yield_now().await;
        }
        assert!(is_closed.get());
        let mut said = Vec::new();
        drop(stream.read_to_end(&mut said).await);
        assert_eq!(said, b"enough");
        assert_eq!(stream.write_all(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
