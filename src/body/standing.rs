//! What an open answer, upload or tunnel rests on: asked again for as long as it is open.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use super::BodyError;
use crate::{forward::HeadNotes, reason::Reason, system::Moment};

/// Whether something that was allowed still is. Cheap where nothing has changed: it is asked with every piece.
pub(crate) trait Standing: Send + Sync {
    /// Whether it may go on; then, after how long at most to ask again.
    ///
    /// # Errors
    /// Why it may not. Whoever asks ends it, visibly.
    fn look(&self) -> Result<Duration, Reason>;

    /// Hears that the answer broke off; the browser sees a cut, if it has begun to get it.
    fn cut(&self, _error: &BodyError) {}

    /// Hears what was done to the answer when its head had gone out already.
    fn mended(&self, _notes: HeadNotes) {}
}

/// Where somebody has to ask; `None` for what nobody can take back.
pub(crate) type Rest = Option<Arc<dyn Standing>>;

/// What the answer in progress rests on, for whoever waits for its reader: a body asks only while its pieces are taken.
#[derive(Default)]
pub(crate) struct Resting(Mutex<Option<Watch>>);

struct Watch {
    /// The body keeps it: when that is gone, there is nothing to ask about.
    standing: Weak<dyn Standing>,
    look_at: Option<Moment>,
}

impl Resting {
    fn watch(&self) -> MutexGuard<'_, Option<Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that begins rests on this.
    pub(crate) fn set(&self, standing: &Arc<dyn Standing>) {
        *self.watch() = Some(Watch { standing: Arc::downgrade(standing), look_at: None });
    }

    /// The answer that begins rests on nothing.
    pub(crate) fn clear(&self) {
        *self.watch() = None;
    }

    /// The answer that is on its way is cut.
    pub(crate) fn cut(&self, error: &BodyError) {
        let standing = self.watch().as_ref().and_then(|watch| watch.standing.upgrade());
        if let Some(standing) = standing {
            standing.cut(error);
        }
    }

    /// Looks where it is time to, by a clock that no piece sets back; then, when to look next. `None`: never.
    ///
    /// # Errors
    /// Why the answer may not go on.
    pub(crate) fn look(&self, now: Moment) -> Result<Option<Moment>, Reason> {
        let mut held = self.watch();
        let Some(watch) = &mut *held else { return Ok(None) };
        if let Some(at) = watch.look_at
            && now < at
        {
            return Ok(Some(at));
        }
        let Some(standing) = watch.standing.upgrade() else {
            *held = None;
            return Ok(None);
        };
        watch.look_at = Some(now + standing.look()?);
        Ok(watch.look_at)
    }
}

impl std::fmt::Debug for Resting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resting")
    }
}
