//! A browser's connection on which no write waits for ever.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep, sleep_until},
};

use super::{client::ListenLimits, linger::Linger};
use crate::{
    body::{BodyError, Resting},
    system::Moment,
};

/// What a stream and whoever answers on it tell each other.
#[derive(Debug, Default)]
pub(super) struct OnWire {
    is_cut: AtomicBool,
    is_last_call: AtomicBool,
    head: HeadClock,
    /// What the answer rests on; requests that run side by side keep their own.
    pub(super) resting: Resting,
}

/// Whether a request head is waited for, under the deadline of its own. The library has one deadline for idle connections and
/// heads together; an idle one may be far longer.
#[derive(Debug, Default)]
struct HeadClock(AtomicU8);

/// Nothing read here is a head.
const UNTIMED: u8 = 0;
/// The next byte begins a head.
const AWAITED: u8 = 1;
/// A head has begun.
const BEGUN: u8 = 2;
/// The connection has.
const FIRST: u8 = 3;
/// A head is there, and a body belongs to it, whose pieces have deadlines of their own.
const BEHIND: u8 = 4;

impl HeadClock {
    /// An answer goes out: what came meanwhile is ahead of its time, and waits for that.
    fn answers(&self) {
        if self.0.load(Ordering::Relaxed) == BEGUN {
            self.0.store(AWAITED, Ordering::Relaxed);
        }
    }

    /// Whether more may come: the body of a request, or the rest of a head that was refused.
    fn leaves_more(&self) -> bool {
        matches!(self.0.load(Ordering::Relaxed), BEGUN | FIRST | BEHIND)
    }
}

impl OnWire {
    /// The first head is waited for from now on.
    pub(super) fn begin_head(&self) {
        self.head.0.store(FIRST, Ordering::Relaxed);
    }

    /// A head is there; what follows is the next, or a body.
    pub(super) fn end_head(&self, has_body: bool) {
        self.head.0.store(if has_body { BEHIND } else { AWAITED }, Ordering::Relaxed);
    }

    /// What follows is no HTTP any more.
    pub(super) fn end_heads(&self) {
        self.head.0.store(UNTIMED, Ordering::Relaxed);
    }

    /// The program stops: from now on nobody is heard out.
    pub(super) fn last_call(&self) {
        self.is_last_call.store(true, Ordering::Relaxed);
    }

    /// Whether more may come of a request that is answered, for which the end of the connection waits.
    fn hears_out(&self) -> bool {
        let ends_at_once = self.is_cut.load(Ordering::Relaxed) || self.is_last_call.load(Ordering::Relaxed);
        !ends_at_once && self.head.leaves_more()
    }

    /// From now on the end of the stream is a reset, not an orderly close: what the system holds of it is thrown away.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }
}

/// A stream that breaks when the other side takes no byte for too long, or lets an answer wait that is not allowed any
/// more, or sends a request head too slowly; other waits for reading are hyper's and the body's.
pub(super) struct TimedStream {
    tcp: TcpStream,
    write_max: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
    /// Of the write that waits.
    deadline: Option<Moment>,
    head_max: Duration,
    /// Of the head that has begun; made anew where another has.
    head_alarm: Option<Pin<Box<Sleep>>>,
    /// Our side is closed.
    linger: Option<Linger>,
    wire: Arc<OnWire>,
}

impl TimedStream {
    /// A stream with the deadlines of a listener.
    pub(super) fn new(tcp: TcpStream, bounds: ListenLimits, wire: Arc<OnWire>) -> Self {
        let (write_max, head_max) = (bounds.write, bounds.head);
        Self { tcp, write_max, alarm: None, deadline: None, head_max, head_alarm: None, linger: None, wire }
    }

    /// Ready with an error where a head takes too long. Pieces of it have come, or none: `got`.
    fn head_within_time(&mut self, cx: &mut Context<'_>, got: Option<usize>) -> Poll<io::Result<()>> {
        let head = &self.wire.head.0;
        match (head.load(Ordering::Relaxed), got) {
            (AWAITED, Some(1..)) => {
                // The deadline is that of this head.
                self.head_alarm = None;
                head.store(BEGUN, Ordering::Relaxed);
            }
            (BEGUN | FIRST, None) => {
                let head_max = self.head_max;
                let alarm = self.head_alarm.get_or_insert_with(|| Box::pin(sleep(head_max)));
                ready!(alarm.as_mut().poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            _ => {}
        }
        if got.is_some() { Poll::Ready(Ok(())) } else { Poll::Pending }
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
                self.wire.resting.cut(&BodyError::Untaken(self.write_max));
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
        let before = buf.filled().len();
        let got = match Pin::new(&mut self.tcp).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => Some(buf.filled().len() - before),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => None,
        };
        self.head_within_time(cx, got)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.head.answers();
        let poll = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.within_time(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.head.answers();
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
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.tcp).poll_shutdown(cx))?;
        }
        if !this.wire.hears_out() {
            return Poll::Ready(Ok(()));
        }
        this.linger.get_or_insert_with(Linger::begin).poll(cx, &mut this.tcp).map(Ok)
    }
}
