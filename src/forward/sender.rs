//! Of whom a request is.

use crate::{identity::Visitor, time::UnixSeconds};

/// Who sends a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    /// Who is signed in; `None` also on public routes.
    pub(crate) visitor: Option<&'a Visitor>,
    /// The request id.
    pub(crate) request_id: &'a str,
    /// When it is sent.
    pub(crate) now: UnixSeconds,
}
