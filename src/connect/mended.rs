//! A connection to a host application whose heads are mended before hyper reads them ([`crate::forward::mend()`]).
//!
//! Whoever sends a request says so first ([`Mending::expect`]). From then on what is read is heads, interim ones and the answer's own;
//! behind that the bytes are passed on until the next request. Where a body ends, hyper finds out, from the head that was written here;
//! it reads no head but behind a whole answer, and closes a connection on which more than that has come.
//!
//! A body in chunks is followed here too: hyper takes no bare line feed between them and no malformed trailer, and gets neither. What it
//! gets is by the letter, so no two can disagree. After a bare line feed the connection is not used again, and neither is one whose head
//! said something doubtful about its framing.
//!
//! The usual head costs one walk: it stays where hyper wants it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::mending::Mending;
use crate::{
    forward::{
        AskedFor, BodyStart, ChunkError, ChunkWalk, FirstLook, Framing, HeadEnd, HeadNotes, MendError, look, mend,
    },
    limits::UPSTREAM_HEAD_BYTES_MAX,
};

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
    /// The connection has ended in a way that is forgiven.
    is_over: bool,
}

/// What the next bytes are.
enum NextBytes {
    /// A head.
    Head(AskedFor),
    /// Chunks, of which hyper was told.
    Chunks(ChunkWalk),
    /// The first line of a body of which an HTTP/1.0 server says that it is in chunks. For hyper it ends with the connection.
    MaybeChunks,
    /// What is in such chunks.
    Undone(ChunkWalk),
    /// A body that ends with the connection.
    ToEnd,
    /// What hyper reads by itself.
    Rest,
}

impl NextBytes {
    const fn behind(framing: Framing, asked: AskedFor) -> Self {
        match framing {
            Framing::Interim => Self::Head(asked),
            Framing::Chunked => Self::Chunks(ChunkWalk::new()),
            Framing::ToEndMaybeChunked => Self::MaybeChunks,
            Framing::ToEnd => Self::ToEnd,
            Framing::Nothing | Framing::Length(_) => Self::Rest,
        }
    }
}

impl<S> MendedHeads<S> {
    pub(super) const fn new(stream: S, mending: Mending) -> Self {
        let stage = NextBytes::Rest;
        Self { stream, mending, stage, held: Vec::new(), out: Vec::new(), given: 0, failure: None, is_over: false }
    }

    /// Looks at what has just been read into hyper's own buffer; how much of it can stay there. What cannot is held.
    fn pass(&mut self, fresh: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let bytes = &fresh[at..];
            match &mut self.stage {
                _ if bytes.is_empty() => return at,
                NextBytes::Head(asked) => match look(bytes, *asked) {
                    FirstLook::Plain(HeadEnd { length, framing, .. }) if length <= UPSTREAM_HEAD_BYTES_MAX => {
                        if let Err(error) = self.mending.check_body(framing, &bytes[length..]) {
                            self.failure = Some(error);
                            return at;
                        }
                        at += length;
                        self.mending.pass(framing);
                        self.stage = NextBytes::behind(framing, *asked);
                    }
                    FirstLook::Plain(_) | FirstLook::Partial | FirstLook::Odd => break,
                },
                NextBytes::Chunks(walk) => {
                    at += walk.by_the_letter(bytes);
                    if !walk.is_done() {
                        break;
                    }
                    self.stage = NextBytes::Rest;
                }
                NextBytes::MaybeChunks | NextBytes::Undone(_) => break,
                NextBytes::ToEnd | NextBytes::Rest => return fresh.len(),
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
                NextBytes::MaybeChunks => {
                    self.stage = match BodyStart::of(&self.held) {
                        BodyStart::Unknown => return Ok(()),
                        BodyStart::NoSize => NextBytes::ToEnd,
                        BodyStart::Size => NextBytes::Undone(ChunkWalk::new()),
                    };
                }
                NextBytes::Chunks(walk) => {
                    let taken = walk.mended(&self.held, &mut self.out).map_err(broken)?;
                    self.held.drain(..taken);
                    if walk.is_loose() && !self.mending.is_doubtful() {
                        self.mending.doubt();
                        self.mending.note(HeadNotes::loose_chunks());
                    }
                    if walk.is_done() {
                        self.stage = NextBytes::Rest;
                    }
                }
                NextBytes::Undone(walk) => {
                    walk.undone(&self.held, &mut self.out).map_err(broken)?;
                    self.held.clear();
                }
                NextBytes::ToEnd | NextBytes::Rest => self.out.append(&mut self.held),
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
        self.mending.check_body(end.framing, &self.held[end.length..])?;
        self.out.extend_from_slice(written.as_deref().unwrap_or(&self.held[..end.length]));
        self.held.drain(..end.length);
        if end.is_doubtful {
            self.mending.doubt();
        }
        self.mending.note(notes);
        self.mending.pass(end.framing);
        self.stage = NextBytes::behind(end.framing, asked);
        Ok(true)
    }

    /// The other side has said all: what is held goes on as it is, for hyper to find that it is not whole.
    fn end(&mut self) -> io::Result<()> {
        match &self.stage {
            NextBytes::Undone(walk) if !walk.is_done() => return Err(broken(ChunkError::Early)),
            // A head that is no whole one tells hyper nothing that was not mended.
            NextBytes::Head(_) => self.held.clear(),
            NextBytes::Chunks(_)
            | NextBytes::MaybeChunks
            | NextBytes::Undone(_)
            | NextBytes::ToEnd
            | NextBytes::Rest => {}
        }
        self.stage = NextBytes::Rest;
        self.out.append(&mut self.held);
        Ok(())
    }

    /// TLS that ends without its last word (`close_notify`, RFC 8446 6.1): many servers of old do not say it. A body that ends with the
    /// connection is whole then as one without TLS is; any other shows by itself whether it is.
    fn forgive(&mut self, error: io::Error) -> io::Result<()> {
        let is_forgiven = error.kind() == io::ErrorKind::UnexpectedEof
            && matches!(self.stage, NextBytes::ToEnd | NextBytes::MaybeChunks | NextBytes::Undone(_));
        if !is_forgiven {
            return Err(error);
        }
        self.is_over = true;
        self.mending.note(HeadNotes::without_close_notify());
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.is_over || matches!(&self.stage, NextBytes::Undone(walk) if walk.is_done())
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
            // The end of a body that is read here, or was seen, for a reader who takes it for that of the connection.
            if this.is_done() || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf)).or_else(|error| this.forgive(error))?;
            if buf.filled().len() == before {
                this.end()?;
                if this.out.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            if matches!(this.stage, NextBytes::Head(_)) {
                this.mending.begin();
            }
            if this.held.is_empty() {
                let stays = this.pass(&buf.filled()[before..]);
                buf.set_filled(before + stays);
                // At once, so that what is noted of a body's first line is noted before its head is read.
                if this.failure.is_none() {
                    this.failure = this.work().err();
                }
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
