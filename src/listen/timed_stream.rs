//! A browser's connection on which no write waits for ever.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// A stream that breaks when the other side takes no byte for too long; waits for reading are hyper's and the body's.
pub(super) struct TimedStream {
    tcp: TcpStream,
    write_max: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
    is_armed: bool,
    is_cut: Arc<AtomicBool>,
}

impl TimedStream {
    /// Once `is_cut` is set, the end of the stream is a reset, not an orderly close.
    pub(super) fn new(tcp: TcpStream, write_max: Duration, is_cut: Arc<AtomicBool>) -> Self {
        Self { tcp, write_max, alarm: None, is_armed: false, is_cut }
    }

    fn within_time<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.is_armed = false;
            return poll;
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(self.write_max)));
        if !self.is_armed {
            alarm.as_mut().reset(Instant::now() + self.write_max);
            self.is_armed = true;
        }
        alarm.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for TimedStream {
    fn drop(&mut self) {
        if self.is_cut.load(Ordering::Relaxed) {
            // Where it fails, the connection is gone already.
            drop(self.tcp.set_zero_linger());
        }
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.within_time(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.within_time(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
