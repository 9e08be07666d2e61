//! The end of a connection on which the browser may still be sending.
//!
//! An answer can be out before the request's body is in: a refusal of ours, a 413 of the host application, a redirect to sign in. Whoever
//! closes then leaves bytes unread, for which the system sends a reset; it overtakes the answer, and the browser shows that the
//! connection failed (RFC 9112 9.6). So our side alone is closed, and what still comes is read and thrown away, for a while.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep_until},
};

use crate::{
    limits::{LINGER_BUFFER_BYTES, LINGER_MAX, LINGER_PAUSE_MAX},
    system::Moment,
};

/// Reads until the browser ends, pauses, or has been heard for long enough.
pub(super) struct Linger {
    until: Moment,
    alarm: Pin<Box<Sleep>>,
}

impl Linger {
    pub(super) fn begin() -> Self {
        let now = Moment::now();
        Self { until: now + LINGER_MAX, alarm: Box::pin(sleep_until(now + LINGER_PAUSE_MAX)) }
    }

    /// Ready once the connection can be closed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, stream: &mut (impl AsyncRead + Unpin)) -> Poll<()> {
        let mut scraps = [0; LINGER_BUFFER_BYTES];
        loop {
            let mut scrap = ReadBuf::new(&mut scraps);
            match Pin::new(&mut *stream).poll_read(cx, &mut scrap) {
                Poll::Ready(Ok(())) if !scrap.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.alarm.as_mut().poll(cx),
            }
            let now = Moment::now();
            if now >= self.until {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(self.until.min(now + LINGER_PAUSE_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::{
        io::{AsyncWriteExt, duplex},
        time::{sleep, timeout},
    };

    use super::*;

    async fn lingered(stream: &mut (impl AsyncRead + Unpin)) -> Duration {
        let (mut linger, begun) = (Linger::begin(), Moment::now());
        poll_fn(|cx| linger.poll(cx, stream)).await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_ends_is_waited_for_no_longer() {
        let (mut browser, mut ours) = duplex(64);
        browser.write_all(b"the rest").await.unwrap();
        drop(browser);
        assert_eq!(lingered(&mut ours).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_pauses_or_never_ends_is_not_heard_for_ever() {
        let (_browser, mut ours) = duplex(64);
        assert!(timeout(LINGER_PAUSE_MAX * 2, lingered(&mut ours)).await.unwrap() >= LINGER_PAUSE_MAX);
        let (mut browser, mut ours) = duplex(64);
        tokio::spawn(async move {
            while browser.write_all(b"more").await.is_ok() {
                sleep(LINGER_PAUSE_MAX / 2).await;
            }
        });
        let heard = timeout(LINGER_MAX * 2, lingered(&mut ours)).await.unwrap();
        assert!(heard >= LINGER_MAX && heard < LINGER_MAX + LINGER_PAUSE_MAX, "{heard:?}");
    }
}
