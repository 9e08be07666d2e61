//! What an open answer, upload or tunnel rests on: asked again for as long as it is open.

use std::{sync::Arc, time::Duration};

use crate::reason::Reason;

/// Whether something that was allowed still is. Cheap where nothing has changed: it is asked with every piece.
pub trait Standing: Send + Sync {
    /// Whether it may go on; then, after how long at most to ask again.
    ///
    /// # Errors
    /// Why it may not. Whoever asks ends it, visibly.
    fn look(&self) -> Result<Duration, Reason>;
}

/// Where somebody has to ask; `None` for what nobody can take back.
pub type Rest = Option<Arc<dyn Standing>>;
