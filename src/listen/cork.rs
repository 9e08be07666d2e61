//! Writes that are gathered until somebody lets them go: `h2` flushes with every DATA frame, and each flush of a TLS stream is a
//! record and a system call of its own.
//!
//! [`Corked`] goes to hyper and keeps up to [`HTTP2_CORK_BYTES`] back, whatever hyper flushes; [`Cork`] stays with whoever polls
//! the connection and lets them go at the end of each poll, so nothing waits longer than for the frames beside it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::limits::HTTP2_CORK_BYTES;

/// The end that lets go.
pub(super) struct Cork<S>(Arc<Mutex<Gathered<S>>>);

/// The end that is written to.
pub(super) struct Corked<S>(Arc<Mutex<Gathered<S>>>);

struct Gathered<S> {
    stream: S,
    bytes: BytesMut,
    /// Whether the stream may hold bytes of its own.
    is_flushed: bool,
}

/// Both ends of one stream.
pub(super) fn cork<S>(stream: S) -> (Corked<S>, Cork<S>) {
    let gathered = Arc::new(Mutex::new(Gathered { stream, bytes: BytesMut::new(), is_flushed: true }));
    (Corked(Arc::clone(&gathered)), Cork(gathered))
}

impl<S: AsyncWrite + Unpin> Cork<S> {
    /// Writes and flushes what has gathered.
    pub(super) fn poll_let_go(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).poll_let_go(cx)
    }
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    fn poll_let_go(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        if !self.is_flushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.bytes.is_empty() {
            self.is_flushed = false;
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.bytes))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.bytes.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes what there is room for; makes room first where there is none.
    fn poll_gather(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.bytes.len() >= HTTP2_CORK_BYTES {
            ready!(self.poll_drain(cx))?;
        }
        let before = self.bytes.len();
        for piece in pieces {
            let room = HTTP2_CORK_BYTES - self.bytes.len();
            self.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        Poll::Ready(Ok(self.bytes.len() - before))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Corked<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut lock(&self.0).stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        lock(&self.0).poll_gather(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        lock(&self.0).poll_gather(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Nothing: [`Cork::poll_let_go`] flushes.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathered = lock(&self.0);
        ready!(gathered.poll_let_go(cx))?;
        Pin::new(&mut gathered.stream).poll_shutdown(cx)
    }
}

/// Both ends belong to one task: the lock is never waited for.
fn lock<S>(gathered: &Mutex<Gathered<S>>) -> MutexGuard<'_, Gathered<S>> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn pair(room: usize) -> (Corked<DuplexStream>, Cork<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(room);
        let (corked, cork) = cork(ours);
        (corked, cork, theirs)
    }

    fn heard(theirs: &mut DuplexStream) -> Vec<u8> {
        let mut bytes = vec![0; 2 * HTTP2_CORK_BYTES];
        let count = theirs.read(&mut bytes).now_or_never().map_or(0, Result::unwrap);
        bytes.truncate(count);
        bytes
    }

    #[tokio::test]
    async fn what_is_flushed_waits_until_it_is_let_go_and_goes_at_once() {
        let (mut corked, cork, mut theirs) = pair(1024);
        corked.write_all(b"one ").await.unwrap();
        corked.flush().await.unwrap();
        let two = [IoSlice::new(b"two "), IoSlice::new(b"three")];
        assert_eq!(corked.write_vectored(&two).await.unwrap(), 9);
        assert_eq!(heard(&mut theirs), b"");
        poll_fn(|cx| cork.poll_let_go(cx)).await.unwrap();
        assert_eq!(heard(&mut theirs), b"one two three");
    }

    #[tokio::test]
    async fn no_more_than_the_bound_is_kept_back_and_nothing_is_lost_at_it() {
        let (mut corked, cork, mut theirs) = pair(HTTP2_CORK_BYTES);
        let long = vec![b'x'; HTTP2_CORK_BYTES + 10];
        assert_eq!(corked.write(&long).await.unwrap(), HTTP2_CORK_BYTES);
        assert_eq!(heard(&mut theirs), b"");
        assert_eq!(corked.write(&long[HTTP2_CORK_BYTES..]).await.unwrap(), 10);
        // The stream has taken the first piece to make room, and takes no more.
        assert!(corked.write(&long).now_or_never().is_some_and(|room| room.unwrap() == HTTP2_CORK_BYTES - 10));
        assert!(corked.write(b"y").now_or_never().is_none());
        assert_eq!(heard(&mut theirs).len(), HTTP2_CORK_BYTES);
        poll_fn(|cx| cork.poll_let_go(cx)).await.unwrap();
        assert_eq!(heard(&mut theirs).len(), HTTP2_CORK_BYTES);
    }

    #[tokio::test]
    async fn the_end_lets_everything_go_first() {
        let (mut corked, _cork, mut theirs) = pair(1024);
        corked.write_all(b"goodbye").await.unwrap();
        corked.shutdown().await.unwrap();
        let mut text = String::new();
        theirs.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "goodbye");
    }

    #[tokio::test]
    async fn a_stream_that_is_gone_is_told() {
        let (mut corked, cork, theirs) = pair(1024);
        drop(theirs);
        corked.write_all(b"to nobody").await.unwrap();
        assert!(poll_fn(|cx| cork.poll_let_go(cx)).await.is_err());
    }
}
