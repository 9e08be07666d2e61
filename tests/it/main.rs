//! The whole product in one process: the stand-ins, a gateway, and a small browser. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected has failed")]

mod browser;
mod certificates;
mod conditions;
mod endless;
mod key_server;
mod raw;
mod signer;
mod world;

mod attached;
mod attached_keys;
mod caches;
mod connections;
mod connections_http2;
mod embeds;
mod forward_auth;
mod forwarding;
mod identity_headers;
mod made;
mod operation;
mod pages;
mod program;
mod same_person;
mod sign_in;
mod sign_out;
mod slots;
mod standing;
mod standing_slow_readers;
mod tls;
mod transport_security;
