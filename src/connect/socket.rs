//! What every connection that the gateway opens asks of the system.

use std::io;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::limits::UPSTREAM_PROBE_SILENCE;

/// Small pieces go at once, and silence is no reason to be forgotten: balancers, NATs and firewalls between the gateway and a host
/// application drop a connection on which nothing goes for minutes, without a word to either end. A report of ten minutes or a WebSocket
/// at night would wait for nothing.
///
/// # Errors
/// What the system says.
pub(super) fn settle(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    SockRef::from(tcp).set_tcp_keepalive(&TcpKeepalive::new().with_time(UPSTREAM_PROBE_SILENCE))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_is_kept_alive_by_the_system() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        settle(&tcp).unwrap();
        let socket = SockRef::from(&tcp);
        assert!(tcp.nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), UPSTREAM_PROBE_SILENCE);
    }
}
