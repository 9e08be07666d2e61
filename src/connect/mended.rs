//! A connection to a host application whose heads are mended before hyper reads them ([`crate::forward::mend()`]).
//!
//! Whoever sends a request says so first ([`Mending::expect`]). From then on what is read is heads, interim ones and the answer's own;
//! behind that the bytes are passed on untouched until the next request. Where a body ends, hyper alone finds out, from the head that
//! was written here: nobody follows it twice, so no two can disagree. It reads no head but behind a whole answer, and closes a
//! connection on which more than that has come.
//!
//! Only a body whose first line shows that its chunks are not written by the letter is read here too, to its end; its connection
//! is not used again, and neither is one whose head said something doubtful about its framing.
//!
//! The usual head costs one walk: it stays where hyper wants it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use http::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    forward::{
        AskedFor, BodyStart, ChunkError, FirstLook, Framing, HeadEnd, HeadNotes, LooseChunks, MendError, look, mend,
    },
    limits::UPSTREAM_HEAD_BYTES_MAX,
};

/// What the stream and whoever sends requests on it tell each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Mending(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    /// Of the request that leaves next.
    expected: AtomicU8,
    /// Something of its answer has come.
    has_begun: AtomicBool,
    is_doubtful: AtomicBool,
    has_more: AtomicBool,
    more: Mutex<More>,
}

impl Told {
    /// A panic while the lock was held leaves notes, which are still notes.
    fn more(&self) -> MutexGuard<'_, More> {
        self.more.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is rarely there.
#[derive(Debug, Default)]
struct More {
    notes: HeadNotes,
    refusal: Option<MendError>,
}

const NOTHING: u8 = 0;
const HEAD: u8 = 1;
const WHOLE: u8 = 2;

impl Mending {
    /// A request of this method leaves: what is read next is the head of its answer.
    pub(super) fn expect(&self, method: &Method) {
        let expected = if *method == Method::HEAD { HEAD } else { WHOLE };
        self.0.has_begun.store(false, Ordering::Relaxed);
        self.0.expected.store(expected, Ordering::Relaxed);
    }

    /// Whether anything came since then, a whole head or not.
    pub(super) fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::Relaxed)
    }

    /// Whether an answer said something doubtful about its framing: nothing may follow it.
    pub(super) fn is_doubtful(&self) -> bool {
        self.0.is_doubtful.load(Ordering::Relaxed)
    }

    /// What was done to the heads of the answer, if anything was.
    pub(super) fn take_notes(&self) -> Option<HeadNotes> {
        if !self.0.has_more.load(Ordering::Relaxed) {
            return None;
        }
        let notes = std::mem::take(&mut self.0.more().notes);
        (!notes.is_empty()).then_some(notes)
    }

    /// Why the head could not be passed on, if that is why the request failed.
    pub(super) fn take_refusal(&self) -> Option<MendError> {
        if !self.0.has_more.load(Ordering::Relaxed) {
            return None;
        }
        self.0.more().refusal.take()
    }

    fn taken(&self) -> Option<AskedFor> {
        match self.0.expected.load(Ordering::Relaxed) {
            NOTHING => None,
            expected => {
                self.0.expected.store(NOTHING, Ordering::Relaxed);
                Some(if expected == HEAD { AskedFor::Head } else { AskedFor::Whole })
            }
        }
    }

    fn doubt(&self) {
        self.0.is_doubtful.store(true, Ordering::Relaxed);
    }

    fn note(&self, notes: HeadNotes) {
        if !notes.is_empty() {
            self.0.more().notes.extend(notes);
            self.0.has_more.store(true, Ordering::Relaxed);
        }
    }

    fn refuse(&self, error: MendError) -> io::Error {
        let text = error.to_string();
        self.0.more().refusal = Some(error);
        self.0.has_more.store(true, Ordering::Relaxed);
        io::Error::new(io::ErrorKind::InvalidData, text)
    }
}

/// The stream.
pub(super) struct MendedHeads<S> {
    stream: S,
    mending: Mending,
    stage: NextBytes,
    /// Bytes that are not looked at yet: a head or a line that is not whole.
    held: Vec<u8>,
    /// Bytes for hyper.
    out: Vec<u8>,
    /// How many of them it has.
    given: usize,
    /// What is told once hyper has them.
    failure: Option<io::Error>,
}

/// What the next bytes are.
enum NextBytes {
    /// A head.
    Head(AskedFor),
    /// The first line of a body that is said to be in chunks.
    FirstLine(ChunksOf),
    /// Chunks that are read here.
    Chunks(LooseChunks),
    /// What hyper reads by itself.
    Rest,
}

/// Who says that a body is in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunksOf {
    /// HTTP/1.1: hyper was told so too.
    Http11,
    /// HTTP/1.0: for hyper the body ends with the connection.
    Http10,
}

impl NextBytes {
    const fn behind(framing: Framing, asked: AskedFor) -> Self {
        match framing {
            Framing::Interim => Self::Head(asked),
            Framing::Chunked => Self::FirstLine(ChunksOf::Http11),
            Framing::ToEndMaybeChunked => Self::FirstLine(ChunksOf::Http10),
            Framing::Nothing | Framing::Length(_) | Framing::ToEnd => Self::Rest,
        }
    }
}

impl<S> MendedHeads<S> {
    pub(super) fn new(stream: S) -> (Self, Mending) {
        let mending = Mending::default();
        let (held, out) = (Vec::new(), Vec::new());
        (Self { stream, mending: mending.clone(), stage: NextBytes::Rest, held, out, given: 0, failure: None }, mending)
    }

    /// Looks at what has just been read into hyper's own buffer; how much of it can stay there. What cannot is held.
    fn pass(&mut self, fresh: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let bytes = &fresh[at..];
            match self.stage {
                _ if bytes.is_empty() => return at,
                NextBytes::Head(asked) => match look(bytes, asked) {
                    FirstLook::Plain(HeadEnd { length, framing, .. }) if length <= UPSTREAM_HEAD_BYTES_MAX => {
                        at += length;
                        self.stage = NextBytes::behind(framing, asked);
                    }
                    FirstLook::Plain(_) | FirstLook::Partial | FirstLook::Odd => break,
                },
                NextBytes::FirstLine(ChunksOf::Http11)
                    if matches!(BodyStart::of(bytes), BodyStart::Strict | BodyStart::NoSize) =>
                {
                    self.stage = NextBytes::Rest;
                }
                NextBytes::FirstLine(_) | NextBytes::Chunks(_) => break,
                NextBytes::Rest => return fresh.len(),
            }
        }
        self.held.extend_from_slice(&fresh[at..]);
        at
    }

    /// Makes of what is held what hyper gets.
    fn work(&mut self) -> io::Result<()> {
        while !self.held.is_empty() {
            match &mut self.stage {
                NextBytes::Head(asked) => {
                    let asked = *asked;
                    if !self.mend(asked)? {
                        return Ok(());
                    }
                }
                NextBytes::FirstLine(said) => {
                    let said = *said;
                    self.stage = match (BodyStart::of(&self.held), said) {
                        (BodyStart::Unknown, _) => return Ok(()),
                        (BodyStart::Strict | BodyStart::NoSize, ChunksOf::Http11)
                        | (BodyStart::NoSize, ChunksOf::Http10) => NextBytes::Rest,
                        (BodyStart::Loose, ChunksOf::Http11) => {
                            self.mending.doubt();
                            self.mending.note(HeadNotes::loose_chunks());
                            NextBytes::Chunks(LooseChunks::recoded())
                        }
                        (BodyStart::Strict | BodyStart::Loose, ChunksOf::Http10) => {
                            NextBytes::Chunks(LooseChunks::decoded())
                        }
                    };
                }
                NextBytes::Chunks(chunks) => {
                    let held = std::mem::take(&mut self.held);
                    chunks.read(&held, &mut self.out).map_err(broken)?;
                }
                NextBytes::Rest => self.out.append(&mut self.held),
            }
        }
        Ok(())
    }

    /// Whether the head was whole.
    fn mend(&mut self, asked: AskedFor) -> io::Result<bool> {
        let is_too_large = self.held.len() > UPSTREAM_HEAD_BYTES_MAX;
        let (end, written, notes) = match look(&self.held, asked) {
            FirstLook::Plain(end) => (end, None, HeadNotes::default()),
            FirstLook::Partial | FirstLook::Odd => match mend(&self.held, asked) {
                Ok(Some(mended)) => (mended.end, Some(mended.bytes), mended.notes),
                Ok(None) if is_too_large => return Err(self.mending.refuse(MendError::TooLarge)),
                Ok(None) => return Ok(false),
                Err(error) => return Err(self.mending.refuse(error)),
            },
        };
        if end.length > UPSTREAM_HEAD_BYTES_MAX {
            return Err(self.mending.refuse(MendError::TooLarge));
        }
        self.out.extend_from_slice(written.as_deref().unwrap_or(&self.held[..end.length]));
        self.held.drain(..end.length);
        if end.is_doubtful {
            self.mending.doubt();
        }
        self.mending.note(notes);
        self.stage = NextBytes::behind(end.framing, asked);
        Ok(true)
    }

    /// The other side has said all: what is held goes on as it is, for hyper to find that it is not whole.
    fn end(&mut self) -> io::Result<()> {
        match &self.stage {
            NextBytes::Chunks(chunks) if !chunks.is_done() => return Err(broken(ChunkError::Early)),
            // A head that is no whole one tells hyper nothing that was not mended.
            NextBytes::Head(_) => self.held.clear(),
            NextBytes::Chunks(_) | NextBytes::FirstLine(_) | NextBytes::Rest => {}
        }
        self.stage = NextBytes::Rest;
        self.out.append(&mut self.held);
        Ok(())
    }

    fn is_done(&self) -> bool {
        matches!(&self.stage, NextBytes::Chunks(chunks) if chunks.is_done())
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

fn broken(error: ChunkError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Of the shortest first line.
const SHORTEST_STATUS_LINE: usize = b"HTTP/1.1 200\r\n".len();

/// Whether the end of a head may be in `held`, of which `before` bytes were looked at already.
fn may_end(held: &[u8], before: usize) -> bool {
    let new = &held[before.saturating_sub(2)..];
    memchr::memchr_iter(b'\n', new).any(|at| matches!(&new[at + 1..], [b'\n', ..] | [b'\r', b'\n', ..]))
}

impl<S: AsyncRead + Unpin> AsyncRead for MendedHeads<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(asked) = this.mending.taken() {
            this.stage = NextBytes::Head(asked);
        }
        loop {
            if !this.out.is_empty() {
                this.give(buf);
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = this.failure.take() {
                return Poll::Ready(Err(error));
            }
            // The end of a body that is read here, for a reader who takes it for that of the connection.
            if this.is_done() || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            if buf.filled().len() == before {
                this.end()?;
                if this.out.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            if matches!(this.stage, NextBytes::Head(_)) {
                this.mending.0.has_begun.store(true, Ordering::Relaxed);
            }
            if this.held.is_empty() {
                let stays = this.pass(&buf.filled()[before..]);
                buf.set_filled(before + stays);
                // At once, so that what is noted of a body's first line is noted before its head is read.
                this.failure = this.work().err();
                if stays > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                let looked_at = this.held.len();
                this.held.extend_from_slice(&buf.filled()[before..]);
                buf.set_filled(before);
                let is_open = matches!(this.stage, NextBytes::Head(_)) && this.held.len() <= UPSTREAM_HEAD_BYTES_MAX;
                // The first bytes may show at once that this is no head; then only its end is waited for.
                if !is_open || this.held.len() < SHORTEST_STATUS_LINE || may_end(&this.held, looked_at) {
                    this.failure = this.work().err();
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for MendedHeads<S> {
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
