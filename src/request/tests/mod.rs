//! Tables and properties that are too long to stand beside what they test.

mod admit;
mod attached;
mod client_addresses;
mod forward_auth;
mod header_rules;
mod names;
mod overlong;
mod proxy_headers;
mod routes;
