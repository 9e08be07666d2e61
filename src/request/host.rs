//! Host names and authorities, parsed once.

/// A DNS name or IP literal in lower case, without port and without the trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(String);

/// A host name with the port that was written, if one was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    /// The host.
    pub name: HostName,
    /// The port, if the text had one.
    pub port: Option<u16>,
}

/// What is wrong with a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("host {0:?} is not a host name")]
pub struct HostError(pub String);

impl HostName {
    /// Parses a name; upper case and one trailing dot are folded away.
    ///
    /// # Errors
    /// For anything that is not a DNS name, an IPv4 address or a bracketed IPv6 address.
    pub fn parse(_text: &str) -> Result<Self, HostError> {
        todo!()
    }

    /// The name, as it is compared and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is this machine by definition: `localhost`, `*.localhost` (RFC 6761), 127.0.0.0/8, `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        todo!()
    }
}

impl Authority {
    /// Parses `name[:port]`; no user information.
    ///
    /// # Errors
    /// For anything else.
    pub fn parse(_text: &str) -> Result<Self, HostError> {
        todo!()
    }
}
