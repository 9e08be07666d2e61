//! Sockets: one per worker on one address, and never beside another process.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{Proxied, ServerTls, connection::Preamble};
use crate::limits::LISTEN_BACKLOG;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there already.
    #[error("address {0} is in use by another process")]
    Taken(SocketAddr),
    /// Anything else: no such address here, no permission, no descriptors.
    #[error("cannot listen on {address}")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// Listening sockets of one address, one for each worker.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) preamble: Preamble,
    address: SocketAddr,
}

impl Bound {
    /// The address, with the port that the system picked for port 0.
    #[must_use]
    pub(crate) const fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The same, with TLS on every connection.
    #[must_use]
    pub(crate) fn with_tls(self, tls: Option<ServerTls>) -> Self {
        Self { preamble: Preamble { tls, ..self.preamble }, ..self }
    }

    /// The same, with a PROXY header before all else of every connection.
    #[must_use]
    pub(crate) fn with_proxied(self, proxied: Option<Proxied>) -> Self {
        Self { preamble: Preamble { proxied, ..self.preamble }, ..self }
    }
}

/// Binds one socket per worker (at least one) to an address; with port 0, all to one port that the system picks.
///
/// # Errors
/// See [`BindError`].
pub(crate) fn bind(address: SocketAddr, workers: usize) -> Result<Bound, BindError> {
    // With SO_REUSEPORT two processes of one user would share the port in silence: a plain socket finds that out.
    if address.port() != 0 {
        drop(TcpListener::bind(address).map_err(|error| refuse(address, error))?);
    }
    let first = listen(address).map_err(|error| refuse(address, error))?;
    let address = first.local_addr().map_err(|error| refuse(address, error))?;
    let mut listeners = vec![first];
    for _ in 1..workers {
        listeners.push(listen(address).map_err(|error| refuse(address, error))?);
    }
    Ok(Bound { listeners, preamble: Preamble::default(), address })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(LISTEN_BACKLOG)?;
    Ok(socket.into())
}

fn refuse(address: SocketAddr, error: io::Error) -> BindError {
    if error.kind() == io::ErrorKind::AddrInUse {
        BindError::Taken(address)
    } else {
        BindError::Refused { address, source: error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_workers_share_the_port_that_the_system_picked() {
        let bound = bind("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let addresses: Vec<_> = bound.listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        assert_ne!(bound.local_address().port(), 0);
        assert_eq!(addresses, [bound.local_address(); 3]);
    }

    #[test]
    fn a_taken_port_is_an_error_even_beside_our_own_kind() {
        let bound = bind("127.0.0.1:0".parse().unwrap(), 1).unwrap();
        let error = bind(bound.local_address(), 1).unwrap_err();
        assert!(matches!(error, BindError::Taken(address) if address == bound.local_address()));
        assert_eq!(error.to_string(), format!("address {} is in use by another process", bound.local_address()));
        let address = bound.local_address();
        drop(bound);
        assert!(bind(address, 2).is_ok());
    }

    #[test]
    fn an_address_that_is_not_here_is_named() {
        let error = bind("192.0.2.1:8080".parse().unwrap(), 1).unwrap_err();
        assert!(matches!(error, BindError::Refused { .. }));
        assert_eq!(error.to_string(), "cannot listen on 192.0.2.1:8080");
    }
}
