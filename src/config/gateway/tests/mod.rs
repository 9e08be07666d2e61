//! The gateway itself.

mod in_front;
mod listen;
mod outbound;
mod pages;
mod tls;
