//! Upgraded connections: bytes both ways until one side ends, nothing comes for too long, or what allowed them is gone.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{UpstreamError, origin::TunnelPermit};
use crate::{
    body::{Body, Rest, Standing},
    limits,
    reason::Reason,
    request::{VisitKind, may_switch},
};

/// How long a tunnel may last.
#[derive(Clone)]
pub(crate) struct TunnelLimits {
    /// The longest silence of both sides.
    pub(crate) idle: Duration,
    /// What it rests on: the session, and the rules.
    pub(crate) rest: Rest,
}

/// Why a tunnel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TunnelEnd {
    /// Both sides closed, or one broke off.
    Closed,
    /// Nobody said anything for too long.
    Idle,
    /// What allowed it does not stand any more.
    Ended(Reason),
    /// The gateway stops.
    Stopped,
    /// One side never switched protocols.
    NeverUpgraded,
}

/// Two connections that are about to become one.
#[derive(Debug)]
pub(crate) struct Tunnel {
    client: OnUpgrade,
    upstream: OnUpgrade,
    permit: Option<TunnelPermit>,
}

impl Tunnel {
    /// Takes the upstream's side out of its 101 answer; `client` is `hyper::upgrade::on` of the browser's
    /// request, `asked` what that was.
    ///
    /// The answer's head then goes to the browser, and [`Tunnel::run`] runs beside it.
    ///
    /// # Errors
    /// [`UpstreamError::Unasked`] where nobody asked for a WebSocket, or the answer does not switch to it.
    pub(crate) fn new(client: OnUpgrade, asked: VisitKind, answer: &mut Response<Body>) -> Result<Self, UpstreamError> {
        if !may_switch(asked, answer.headers()) {
            return Err(UpstreamError::Unasked);
        }
        let permit = answer.extensions_mut().remove();
        Ok(Self { client, upstream: hyper::upgrade::on(answer), permit })
    }

    /// Copies until the end, then closes both sides.
    pub(crate) async fn run(self, bounds: TunnelLimits, stop: CancellationToken) -> TunnelEnd {
        let _permit = self.permit;
        let both = async { tokio::try_join!(self.client, self.upstream) };
        let Ok(Ok((client, upstream))) = timeout(limits::UPGRADE_TIMEOUT, both).await else {
            return TunnelEnd::NeverUpgraded;
        };
        let activity = AtomicU64::new(0);
        tokio::select! {
            () = copy_both(TokioIo::new(client), TokioIo::new(upstream), &activity) => TunnelEnd::Closed,
            () = silence(&activity, bounds.idle) => TunnelEnd::Idle,
            reason = fall(bounds.rest.as_ref()) => TunnelEnd::Ended(reason),
            () = stop.cancelled() => TunnelEnd::Stopped,
        }
    }
}

async fn copy_both<A, B>(client: A, upstream: B, activity: &AtomicU64)
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (client_reader, client_writer) = split(client);
    let (upstream_reader, upstream_writer) = split(upstream);
    // An error of either direction ends both: half a WebSocket is of no use.
    let _ = tokio::try_join!(
        copy_one(client_reader, upstream_writer, activity),
        copy_one(upstream_reader, client_writer, activity),
    );
}

async fn copy_one<R, W>(mut reader: R, mut writer: W, activity: &AtomicU64) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut buffer = vec![0; limits::TUNNEL_BUFFER_BYTES];
    loop {
        let read = reader.read(&mut buffer).await?;
        if read == 0 {
            return writer.shutdown().await;
        }
        writer.write_all(&buffer[..read]).await?;
        // TLS keeps what the system did not take at once, and writes it with the next piece, which may not come for long.
        writer.flush().await?;
        activity.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns when a whole `idle` has passed without a piece; at most twice `idle` after the last one.
async fn silence(activity: &AtomicU64, idle: Duration) {
    loop {
        let before = activity.load(Ordering::Relaxed);
        sleep(idle).await;
        if activity.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

/// Returns when what a tunnel rests on is gone.
async fn fall(rest: Option<&Arc<dyn Standing>>) -> Reason {
    let Some(rest) = rest else { return std::future::pending().await };
    loop {
        match rest.look() {
            Ok(pause) => sleep(pause).await,
            Err(reason) => return reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{BufWriter, duplex};

    use super::*;

    #[tokio::test]
    async fn a_piece_is_out_before_the_next_is_waited_for() {
        let ((mut from, reader), (writer, mut to)) = (duplex(64), duplex(64));
        let activity = AtomicU64::new(0);
        let copied = copy_one(reader, BufWriter::new(writer), &activity);
        let last_word = async {
            from.write_all(b"last word").await.unwrap();
            let mut word = [0; 9];
            to.read_exact(&mut word).await.unwrap();
            word
        };
        tokio::select! {
            _ = copied => panic!("the tunnel ended"),
            word = timeout(Duration::from_secs(5), last_word) => assert_eq!(&word.unwrap(), b"last word"),
        }
    }
}
