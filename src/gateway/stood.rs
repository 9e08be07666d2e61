//! How a request stood when somebody looked last.

use std::sync::{Arc, Mutex, atomic::AtomicBool};

use crate::{config::Config, reason::Reason, time::UnixSeconds};

/// How an exchange stood when it was last looked at.
#[derive(Default)]
pub(super) struct Stood {
    /// It was forwarded for the person of its session, and not for anybody.
    pub(super) for_person: AtomicBool,
    /// Between two looks.
    pub(super) last: Mutex<Last>,
}

#[derive(Default)]
pub(super) enum Last {
    /// By the configuration that it was decided by.
    #[default]
    AsBegun,
    /// By this one; until when at the latest.
    Under(Arc<Config>, Option<UnixSeconds>),
    /// Not any more.
    Ended(Reason),
}
