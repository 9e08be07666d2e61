//! Everything the gateway itself says: pages, JSON errors, redirects, the script; the only place where a
//! [`Reason`](crate::reason::Reason) becomes a status and a sentence for people.
