//! The whole product in one process: the stand-ins, a gateway, and a small browser. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected has failed")]

mod browser;
mod certificates;
mod raw;
mod world;

mod embeds;
mod forwarding;
mod operation;
mod program;
mod sign_in;
mod slots;
mod standing;
mod tls;
mod transport_security;
