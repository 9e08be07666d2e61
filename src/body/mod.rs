//! Bodies on their way, as both sides share them: one boxed type and why it ends, bodies in memory, bodies off the wire with
//! their deadlines, bodies that change, and what an open one rests on.
//!
//! Always: a body that breaks off ends with an error, so that its reader sees a cut and never a short whole. Dialling,
//! pools and sockets are not here.

mod boxed;
mod rewritten;
mod standing;
mod timed;
mod upload;

pub(crate) use boxed::surely_empty;
pub(crate) use boxed::{Body, BodyError, CollectError, bytes_keeping, collect, empty, full, in_chunks, keeping};
pub(crate) use rewritten::{Progress, Rewriter, followed_by, rewritten};
pub(crate) use standing::{Rest, Resting, Standing};
pub(crate) use timed::TimedBody;
pub(crate) use timed::request_body;
pub(crate) use upload::{Upload, UploadProgress};
