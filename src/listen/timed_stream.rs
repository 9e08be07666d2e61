//! A browser's connection on which no write waits for ever.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep_until},
};

use crate::{body::Resting, system::Moment};

/// What a stream and whoever answers on it tell each other.
#[derive(Debug, Default)]
pub(super) struct OnWire {
    is_cut: AtomicBool,
    /// What the answer rests on; requests that run side by side keep their own.
    pub(super) resting: Resting,
}

impl OnWire {
    /// From now on the end of the stream is a reset, not an orderly close: what the system holds of it is thrown away.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }
}

/// A stream that breaks when the other side takes no byte for too long, or lets an answer wait that is not allowed any
/// more; waits for reading are hyper's and the body's.
pub(super) struct TimedStream {
    tcp: TcpStream,
    write_max: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
    /// Of the write that waits.
    deadline: Option<Moment>,
    wire: Arc<OnWire>,
}

impl TimedStream {
    pub(super) const fn new(tcp: TcpStream, write_max: Duration, wire: Arc<OnWire>) -> Self {
        Self { tcp, write_max, alarm: None, deadline: None, wire }
    }

    fn within_time<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.deadline = None;
            return poll;
        }
        loop {
            let now = Moment::now();
            let deadline = *self.deadline.get_or_insert(now + self.write_max);
            if now >= deadline {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let Ok(look_at) = self.wire.resting.look(now) else {
                self.wire.cut();
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            };
            let at = look_at.map_or(deadline, |look_at| look_at.min(deadline));
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
            if alarm.deadline() != at {
                alarm.as_mut().reset(at);
            }
            ready!(alarm.as_mut().poll(cx));
        }
    }
}

impl Drop for TimedStream {
    fn drop(&mut self) {
        if self.wire.is_cut.load(Ordering::Relaxed) {
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
