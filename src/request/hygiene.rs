//! Header names that a client may not bring: hop-by-hop fields and every alias of a name the gateway manages.

/// The name as CGI, WSGI and PHP fold it: lower case, every other character than `a-z0-9` becomes `-`.
#[must_use]
pub fn folded_name(_name: &str) -> String {
    todo!()
}

/// Whether a (folded) name belongs to the gateway: identity headers of every preset, the forwarding family, our own.
#[must_use]
pub fn is_managed(_folded: &str) -> bool {
    todo!()
}

/// Whether a lower-case name is a hop-by-hop field (RFC 9110 7.6.1), `Upgrade` included.
#[must_use]
pub fn is_hop_by_hop(_name: &str) -> bool {
    todo!()
}
