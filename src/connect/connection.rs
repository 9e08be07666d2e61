//! One upstream connection.

use std::time::Duration;

use http::{HeaderMap, Method};
use hyper::client::conn::http1::SendRequest;
use tokio::{task::JoinHandle, time::timeout};

use super::{heard_out::Closed, keep_alive::rest_max, mending::Mending};
use crate::{
    body::Body,
    forward::{HeadNotes, MendError},
};

/// A connection; dropped, it is closed at once, whatever was going on.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    /// Some request on it had an `Authorization`: by that it may have been signed in.
    pub(super) has_carried_credentials: bool,
    /// How long it may rest, by its host application's word.
    rest_max: Duration,
    task: Option<JoinHandle<()>>,
    is_closed: Closed,
    mending: Mending,
}

impl Connection {
    pub(super) fn new(
        sender: SendRequest<Body>,
        task: JoinHandle<()>,
        (is_closed, mending): (Closed, Mending),
    ) -> Self {
        let (task, rest_max) = (Some(task), Duration::MAX);
        Self { sender, has_carried_credentials: false, rest_max, task, is_closed, mending }
    }

    /// A request of this method leaves on it.
    pub(super) fn expect(&self, method: &Method) {
        self.mending.expect(method);
    }

    /// The head of an answer has come.
    pub(super) fn hear(&mut self, headers: &HeaderMap) {
        self.rest_max = rest_max(headers).unwrap_or(Duration::MAX);
    }

    /// Whether another request may leave on it that has rested for so long, and may for `age_max` at most.
    pub(super) fn may_be_used_after(&self, rest: Duration, age_max: Duration) -> bool {
        rest < age_max.min(self.rest_max)
    }

    /// Whether something of the answer has come.
    pub(super) fn has_begun_to_answer(&self) -> bool {
        self.mending.has_begun()
    }

    /// How it tells of the heads that come on it.
    pub(super) fn mending(&self) -> &Mending {
        &self.mending
    }

    /// Whether another request may leave on it, as far as the bytes of its answers tell.
    pub(super) fn is_beyond_doubt(&self) -> bool {
        !self.mending.is_doubtful()
    }

    /// What was done to the head of the answer, if anything was.
    pub(super) fn take_notes(&self) -> Option<HeadNotes> {
        self.mending.take_notes()
    }

    /// Why the head of the answer could not be passed on, if that is what failed.
    pub(super) fn take_refusal(&self) -> Option<MendError> {
        self.mending.take_refusal()
    }

    /// Whether something could not be sent on it any more.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Lets what was sent on it go out, for a while, and closes it.
    pub(super) async fn end(mut self, wait: Duration) {
        let Some(mut task) = self.task.take() else { return };
        // It ends once its requests do, and nobody can send another.
        drop(self);
        if timeout(wait, &mut task).await.is_err() {
            task.abort();
        }
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
