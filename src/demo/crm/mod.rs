//! IO.
//! The host application: an old, server-rendered CRM that knows nothing of Sigma tokens or of the gateway.
//!
//! It trusts the `X-Forwarded-*` identity headers, as legacy applications behind a proxy do.

mod notes;
mod pages;
mod server;
mod streams;
#[cfg(test)]
mod tests;
mod websocket;

pub(crate) use server::{HostApp, HostAppOptions};
