//! The PROXY header of a connection, read before anything else of it: before TLS, before HTTP.
//!
//! Always: only from a proxy that is trusted, within a time, and not one byte beyond the header. Whoever sends none, or another
//! thing, has a connection that ends without an answer: a listener that looks for both would take anybody's word.

use std::{fmt, io, net::IpAddr, sync::Arc};

use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::client::{Client, Handler, Unreadable};
use crate::request::{ProxyHeaderStep, ProxyProtocol, ProxySource, proxy_header};

/// What connections of a listener begin with, and from whom that is taken.
#[derive(Clone)]
pub(crate) struct Proxied {
    takes: ProxyProtocol,
    is_trusted: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl Proxied {
    /// Headers of these versions, from whom `is_trusted` says at that moment; none where the listener takes no header.
    #[must_use]
    pub(crate) fn new(
        takes: ProxyProtocol,
        is_trusted: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Option<Self> {
        (takes != ProxyProtocol::Off).then(|| Self { takes, is_trusted: Arc::new(is_trusted) })
    }

    /// The client with what the header says; none: the connection ends.
    pub(super) async fn hear<H: Handler>(&self, tcp: &mut TcpStream, client: Client<H>) -> Option<Client<H>> {
        let said = if (self.is_trusted)(client.connection.address.ip()) {
            let read = timeout(client.bounds.proxy_header, read(tcp, self.takes));
            tokio::select! {
                said = read => said.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
                () = client.is_late() => return None,
            }
        } else {
            client.handler.unreadable(Unreadable::UntrustedPeer, &client.connection);
            return None;
        };
        match said {
            Ok(Some(said)) => Some(Client { connection: client.connection.proxied(said), ..client }),
            // Whoever only looks whether somebody listens.
            Ok(None) => None,
            Err(_) => {
                client.handler.unreadable(Unreadable::ProxyHeader, &client.connection);
                None
            }
        }
    }
}

impl fmt::Debug for Proxied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxied({:?})", self.takes)
    }
}

/// Reads a header; none where not one byte comes.
async fn read(tcp: &mut TcpStream, takes: ProxyProtocol) -> io::Result<Option<ProxySource>> {
    let mut bytes = Vec::new();
    loop {
        let step = proxy_header(&bytes, takes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let begun = bytes.len();
        let count = match step {
            ProxyHeaderStep::Whole(said) => return Ok(Some(said)),
            ProxyHeaderStep::More(count) => count,
            ProxyHeaderStep::Line(most) => to_line_feed(tcp, most).await?,
        };
        bytes.resize(begun + count, 0);
        let got = tcp.read(&mut bytes[begun..]).await?;
        if got == 0 {
            return if begun == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        bytes.truncate(begun + got);
    }
}

/// How many of the next bytes are those of a line: up to its end where that has come, else all that have.
async fn to_line_feed(tcp: &TcpStream, most: usize) -> io::Result<usize> {
    let mut seen = vec![0; most];
    let count = tcp.peek(&mut seen).await?;
    let end = seen[..count].iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    match end.unwrap_or(count) {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => Ok(count),
    }
}
