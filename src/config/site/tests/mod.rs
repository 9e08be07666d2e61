//! Host applications.

mod headers;
mod identity_headers;
mod only_asked;
mod rewritten;
mod routes;
mod shared_names;
mod sites;
mod upstream;
