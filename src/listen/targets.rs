//! A browser's HTTP/1 connection on which a target that cannot be held in a URI reaches the gateway all the same, as a request that says
//! so: hyper would answer it with an empty 400, which nobody hears of.
//!
//! In place of such a head stands a plain one, the last of its connection. To know where heads begin, lengths are counted; whatever
//! says more than a plain length or plain chunks (upgrades, anything odd) ends the looking on this connection, and all is hyper's from there on.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    limits::REQUEST_HEAD_BYTES_MAX,
    request::{HeadWalk, HeadsWalked},
};

/// Which request of a connection it is; asked once for each.
pub(super) struct Targets {
    /// The number of the one whose target was taken out; 0: none.
    unreadable: Arc<AtomicU64>,
    begun: AtomicU64,
}

impl Targets {
    /// Whether the next request is the one.
    pub(super) fn next_is_unreadable(&self) -> bool {
        let begun = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        self.unreadable.load(Ordering::Relaxed) == begun
    }
}

/// The stream.
pub(super) struct ReadableTargets<S> {
    stream: S,
    walk: HeadWalk,
    /// A first line that is not whole.
    held: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    heads: u64,
    unreadable: Arc<AtomicU64>,
    is_over: bool,
}

impl<S> ReadableTargets<S> {
    pub(super) fn new(stream: S) -> (Self, Targets) {
        let unreadable = Arc::<AtomicU64>::default();
        let targets = Targets { unreadable: Arc::clone(&unreadable), begun: AtomicU64::new(0) };
        let (held, out) = (Vec::new(), Vec::new());
        (Self { stream, walk: HeadWalk::default(), held, out, given: 0, heads: 0, unreadable, is_over: false }, targets)
    }

    /// Walks over `bytes`; how many of them hyper may have. What it may not have yet is held.
    fn walk(&mut self, bytes: &[u8]) -> usize {
        let walked = self.walk.over(bytes);
        self.heads += walked.heads();
        match walked {
            HeadsWalked::All { .. } => bytes.len(),
            HeadsWalked::Within { first_line, .. } => {
                self.held = bytes[first_line..].to_vec();
                if self.held.len() > REQUEST_HEAD_BYTES_MAX {
                    self.walk = HeadWalk::ended();
                    self.out.append(&mut self.held);
                }
                first_line
            }
            HeadsWalked::Unreadable { first_line, method, .. } => {
                self.unreadable.store(self.heads, Ordering::Relaxed);
                self.is_over = true;
                self.out.extend_from_slice(&bytes[first_line..first_line + method]);
                self.out.extend_from_slice(b" / HTTP/1.1\r\nHost: unreadable.invalid\r\nConnection: close\r\n\r\n");
                first_line
            }
        }
    }

    fn give(&mut self, buf: &mut ReadBuf<'_>) {
        let waiting = &self.out[self.given..];
        let count = waiting.len().min(buf.remaining());
        buf.put_slice(&waiting[..count]);
        self.given += count;
        if self.given == self.out.len() {
            (self.out, self.given) = (Vec::new(), 0);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadableTargets<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.out.is_empty() {
                this.give(buf);
                return Poll::Ready(Ok(()));
            }
            if this.is_over {
                // What follows belongs to what was not understood: nobody reads it, and the answer closes the connection.
                return Poll::Pending;
            }
            if this.walk.is_ended() && this.held.is_empty() {
                return Pin::new(&mut this.stream).poll_read(cx, buf);
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            if buf.filled().len() == before {
                this.walk = HeadWalk::ended();
                this.out.append(&mut this.held);
                if this.out.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            if this.held.is_empty() {
                let stays = this.walk(&buf.filled()[before..]);
                buf.set_filled(before + stays);
                if stays > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                let mut bytes = std::mem::take(&mut this.held);
                bytes.extend_from_slice(&buf.filled()[before..]);
                buf.set_filled(before);
                let stays = this.walk(&bytes);
                // What may go on goes before what was put in place of the rest.
                bytes.truncate(stays);
                bytes.append(&mut this.out);
                this.out = bytes;
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadableTargets<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
