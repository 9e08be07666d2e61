//! Notes of a session: the state that an old application keeps behind its own cookie.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// All sessions; everything is forgotten when there are too many.
#[derive(Debug, Default)]
pub(super) struct Notes {
    next: AtomicU64,
    sessions: Mutex<HashMap<String, Vec<String>>>,
}

impl Notes {
    /// A name for a new session. A counter, as in the worst of old applications: it guards nothing here.
    pub(super) fn new_session(&self) -> String {
        format!("S{:08}", self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The notes of a session, oldest first.
    pub(super) fn of(&self, session: &str) -> Vec<String> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(session).cloned().unwrap_or_default()
    }

    /// Adds a note; the oldest goes when there are too many.
    pub(super) fn add(&self, session: &str, note: &str) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS_MAX && !sessions.contains_key(session) {
            sessions.clear();
        }
        let notes = sessions.entry(session.to_owned()).or_default();
        if notes.len() == NOTES_MAX {
            notes.remove(0);
        }
        notes.push(note.chars().take(NOTE_CHARACTERS_MAX).collect());
    }
}

const SESSIONS_MAX: usize = 200;
const NOTES_MAX: usize = 20;
const NOTE_CHARACTERS_MAX: usize = 500;
