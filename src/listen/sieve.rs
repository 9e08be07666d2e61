//! A stream that is looked through ahead of the library that reads it: what nobody need change goes on as it came, where it came.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Looks at bytes in the order in which they come.
pub(super) trait Sieve {
    /// Looks at `bytes`, which follow what was done before; puts behind `out` what goes on behind what stays.
    fn sift(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Sifted;

    /// There is nothing more to look at.
    fn end(&mut self);

    /// Whether there is nothing more to look at.
    fn is_ended(&self) -> bool;
}

/// What becomes of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sifted {
    /// So many at the beginning go on as they are.
    pub(super) stay: usize,
    /// Those from here on are looked at again, with more behind them.
    pub(super) held_from: usize,
    /// What follows is for nobody.
    pub(super) is_last: bool,
}

/// The stream.
pub(super) struct Sifting<S, V> {
    stream: S,
    sieve: V,
    held: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl<S, V: Sieve> Sifting<S, V> {
    pub(super) const fn new(stream: S, sieve: V) -> Self {
        Self { stream, sieve, held: Vec::new(), out: Vec::new(), given: 0, is_over: false }
    }

    /// Of bytes that were just read, so many stay where they are.
    fn sift_in_place(&mut self, bytes: &[u8]) -> usize {
        let sifted = self.sieve.sift(bytes, &mut self.out);
        self.is_over |= sifted.is_last;
        self.held.extend_from_slice(&bytes[sifted.held_from..]);
        sifted.stay
    }

    /// More has come behind what is held.
    fn sift_held(&mut self) {
        let mut behind = Vec::new();
        let sifted = self.sieve.sift(&self.held, &mut behind);
        self.is_over |= sifted.is_last;
        self.out.extend_from_slice(&self.held[..sifted.stay]);
        self.out.append(&mut behind);
        if sifted.held_from > 0 {
            // Not in the room of all that was held: a connection keeps none for what it has given.
            self.held = self.held[sifted.held_from..].to_vec();
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

impl<S: AsyncRead + Unpin, V: Sieve + Unpin> AsyncRead for Sifting<S, V> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.out.is_empty() {
                this.give(buf);
                return Poll::Ready(Ok(()));
            }
            if this.is_over {
                return Poll::Pending;
            }
            if this.sieve.is_ended() && this.held.is_empty() {
                return Pin::new(&mut this.stream).poll_read(cx, buf);
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let read = &buf.filled()[before..];
            if read.is_empty() {
                // Whoever reads is to judge what did not become whole.
                this.sieve.end();
                this.out.append(&mut this.held);
                if this.out.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            } else if this.held.is_empty() {
                let stay = this.sift_in_place(read);
                buf.set_filled(before + stay);
                if stay > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                this.held.extend_from_slice(read);
                buf.set_filled(before);
                this.sift_held();
            }
        }
    }
}

impl<S: AsyncWrite + Unpin, V: Unpin> AsyncWrite for Sifting<S, V> {
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Lines go on; one with a `?` is `!`, and behind one with a `.` is nothing.
    struct Lines {
        is_ended: bool,
    }

    impl Sieve for Lines {
        fn sift(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Sifted {
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let (mut stay, mut is_replaced, mut is_last) = (0, false, false);
            for line in bytes[..whole].split_inclusive(|byte| *byte == b'\n') {
                is_last |= line.contains(&b'.');
                is_replaced |= line.contains(&b'?');
                match (is_replaced, line.contains(&b'?')) {
                    (false, _) => stay += line.len(),
                    (true, true) => out.extend_from_slice(b"!\n"),
                    (true, false) => out.extend_from_slice(line),
                }
            }
            Sifted { stay, held_from: whole, is_last }
        }

        fn end(&mut self) {
            self.is_ended = true;
        }

        fn is_ended(&self) -> bool {
            self.is_ended
        }
    }

    /// What is read of bytes that come in pieces of so many, into a buffer of this size; whether the stream ended.
    async fn read(bytes: &[u8], step: usize, room: usize) -> (String, bool) {
        let (ours, mut theirs) = duplex(64);
        let mut stream = Sifting::new(ours, Lines { is_ended: false });
        let (mut text, mut buffer) = (String::new(), vec![0; room]);
        let mut take = async |text: &mut String| {
            while let Some(Ok(count)) = stream.read(&mut buffer).now_or_never() {
                if count == 0 {
                    return true;
                }
                text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            }
            false
        };
        for piece in bytes.chunks(step) {
            theirs.write_all(piece).await.unwrap();
            take(&mut text).await;
        }
        drop(theirs);
        let has_ended = take(&mut text).await;
        (text, has_ended)
    }

    #[tokio::test]
    async fn what_is_replaced_is_read_in_its_place_and_the_end_lets_the_rest_go() {
        for step in [1, 2, 3, 5, 50] {
            for room in [1, 4, 100] {
                let expected = ("one\n!\n!\ntwo\nthr".to_owned(), true);
                assert_eq!(read(b"one\na?b\n?\ntwo\nthr", step, room).await, expected, "{step} {room}");
                assert_eq!(read(b"", step, room).await, (String::new(), true));
            }
        }
    }

    #[tokio::test]
    async fn behind_the_last_is_nothing_not_even_an_end() {
        for step in [1, 4, 50] {
            assert_eq!(read(b"one\n.\n", step, 9).await, ("one\n.\n".to_owned(), false), "{step}");
        }
    }
}
