//! One upstream connection.

use hyper::client::conn::http1::SendRequest;
use tokio::task::AbortHandle;

use super::heard_out::Closed;
use crate::body::Body;

/// A connection; dropped, it is closed at once, whatever was going on.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    /// Some request on it had an `Authorization`: by that it may have been signed in.
    pub(super) has_carried_credentials: bool,
    task: Option<AbortHandle>,
    is_closed: Closed,
}

impl Connection {
    pub(super) fn new(sender: SendRequest<Body>, task: AbortHandle, is_closed: Closed) -> Self {
        Self { sender, has_carried_credentials: false, task: Some(task), is_closed }
    }

    /// Whether something could not be sent on it any more.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Lets the connection live on without us: it becomes a tunnel.
    pub(super) fn detach(mut self) {
        self.task = None;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
