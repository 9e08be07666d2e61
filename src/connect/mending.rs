//! What a stream whose heads are mended and whoever sends requests on it tell each other.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
};

use http::Method;

use crate::forward::{AskedFor, ChunkWalk, Framing, HeadNotes, MendError};

/// What the stream and whoever sends requests on it tell each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Mending(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    /// Of the request that leaves next.
    expected: AtomicU8,
    /// Something of its answer has come.
    has_begun: AtomicBool,
    /// How many interim heads have come on the connection.
    interims: AtomicU64,
    is_doubtful: AtomicBool,
    has_more: AtomicBool,
    more: Mutex<More>,
}

impl Told {
    /// A panic while the lock was held leaves notes, which are still notes.
    fn more(&self) -> MutexGuard<'_, More> {
        self.more.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is rarely there.
#[derive(Debug, Default)]
struct More {
    notes: HeadNotes,
    refusal: Option<MendError>,
}

const NOTHING: u8 = 0;
const HEAD: u8 = 1;
const WHOLE: u8 = 2;

impl Mending {
    /// A request of this method leaves: what is read next is the head of its answer.
    pub(super) fn expect(&self, method: &Method) {
        let expected = if *method == Method::HEAD { HEAD } else { WHOLE };
        self.0.has_begun.store(false, Ordering::Relaxed);
        self.0.expected.store(expected, Ordering::Relaxed);
    }

    /// Whether anything came since then, a whole head or not.
    pub(super) fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::Relaxed)
    }

    /// How many interim heads have come: each says that the answer is being worked on.
    pub(super) fn interims(&self) -> u64 {
        self.0.interims.load(Ordering::Relaxed)
    }

    /// Whether an answer said something doubtful about its framing: nothing may follow it.
    pub(super) fn is_doubtful(&self) -> bool {
        self.0.is_doubtful.load(Ordering::Relaxed)
    }

    /// What was done to the heads of the answer, if anything was.
    pub(super) fn take_notes(&self) -> Option<HeadNotes> {
        if !self.0.has_more.load(Ordering::Relaxed) {
            return None;
        }
        let notes = std::mem::take(&mut self.0.more().notes);
        (!notes.is_empty()).then_some(notes)
    }

    /// Why the head could not be passed on, if that is why the request failed.
    pub(super) fn take_refusal(&self) -> Option<MendError> {
        if !self.0.has_more.load(Ordering::Relaxed) {
            return None;
        }
        self.0.more().refusal.take()
    }

    pub(super) fn taken(&self) -> Option<AskedFor> {
        match self.0.expected.load(Ordering::Relaxed) {
            NOTHING => None,
            expected => {
                self.0.expected.store(NOTHING, Ordering::Relaxed);
                Some(if expected == HEAD { AskedFor::Head } else { AskedFor::Whole })
            }
        }
    }

    /// Something has come.
    pub(super) fn begin(&self) {
        self.0.has_begun.store(true, Ordering::Relaxed);
    }

    /// A head goes on.
    pub(super) fn pass(&self, framing: Framing) {
        if framing == Framing::Interim {
            self.0.interims.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn doubt(&self) {
        self.0.is_doubtful.store(true, Ordering::Relaxed);
    }

    pub(super) fn note(&self, notes: HeadNotes) {
        if !notes.is_empty() {
            self.0.more().notes.extend(notes);
            self.0.has_more.store(true, Ordering::Relaxed);
        }
    }

    /// What of a body is there when its head has come shows whether it is in chunks, if it is said to be: then it can still be refused.
    pub(super) fn check_body(&self, framing: Framing, begins: &[u8]) -> io::Result<()> {
        let is_as_said = framing != Framing::Chunked || ChunkWalk::may_begin(begins);
        if is_as_said { Ok(()) } else { Err(self.refuse(MendError::NotChunked)) }
    }

    pub(super) fn refuse(&self, error: MendError) -> io::Error {
        let text = error.to_string();
        self.0.more().refusal = Some(error);
        self.0.has_more.store(true, Ordering::Relaxed);
        io::Error::new(io::ErrorKind::InvalidData, text)
    }
}
