//! For the tests of this stage: books that can be read, and what all workers share, with a clock that begins at [`NOW`].

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Scribe, Shared};
use crate::{
    config::Config,
    connect::{Dialer, Providers},
    identity::testing::NOW,
    limits::{HELD_KIB_MAX, REQUEST_BODIES_KIB_MAX},
    system::{Clock, Listening},
};

/// Books that can be read.
pub(super) struct Books {
    pub(super) scribe: Arc<Scribe>,
    lines: Lines,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Books {
    pub(super) fn new() -> Self {
        let lines = Lines::default();
        Self { scribe: Arc::new(Scribe::to(lines.clone())), lines }
    }

    /// The lines of a kind so far.
    pub(super) fn lines(&self, kind: &str) -> Vec<Value> {
        self.scribe.flush();
        let text = String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["kind"] == kind).collect()
    }

    /// The only line of a kind so far.
    pub(super) fn line(&self, kind: &str) -> Value {
        let lines = self.lines(kind);
        let [line] = &lines[..] else { panic!("one line: {lines:?}") };
        line.clone()
    }

    pub(super) fn counts(&self, metric: &str) -> bool {
        self.scribe.metrics(Vec::new(), &[]).contains(metric)
    }

    /// Has this thread's `tracing` events written down too, as a gateway does that nobody has asked for more.
    pub(super) fn with_events(&self) -> Listening {
        self.scribe.listen()
    }
}

/// What all workers of a gateway share that has just started; to be made within a runtime.
pub(super) fn shared(config: &Arc<Config>, books: &Books) -> Arc<Shared> {
    let clock = Clock::default();
    clock.advance(i64::try_from(NOW.0).unwrap() - i64::try_from(clock.now().0).unwrap());
    Arc::new(Shared {
        config: Arc::new(ArcSwap::new(Arc::clone(config))),
        providers: Providers::new(Dialer::with_system_roots().unwrap(), Handle::current()),
        clock,
        tls: None,
        scribe: Arc::clone(&books.scribe),
        held: Arc::new(Semaphore::new(HELD_KIB_MAX)),
        uploads: Arc::new(Semaphore::new(REQUEST_BODIES_KIB_MAX)),
        stop: CancellationToken::new(),
    })
}
