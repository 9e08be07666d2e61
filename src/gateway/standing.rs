//! What a request was given, held against the configuration in force and the time for as long as it is open.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::Shared;
use crate::{
    body::{BodyError, Standing},
    config::Config,
    connect::{UpstreamError, with_causes},
    decide::{AsWhom, Event, Facts, Given, Lapse, stands},
    forward::HeadNotes,
    limits::STANDING_LOOK_PAUSE,
    reason::Reason,
    rewrite::Note,
    time::UnixSeconds,
};

/// A forwarded request, and how it stood when somebody looked last.
pub(super) struct Stands {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    as_whom: AsWhom,
    last: Mutex<Last>,
    /// Whether the head of its answer has gone out: what breaks off now, is cut before the browser's eyes.
    is_answered: AtomicBool,
}

/// Between two looks.
enum Last {
    /// By the configuration that it was decided by.
    AsBegun,
    /// By this one; until when at the latest.
    Under(Arc<Config>, Option<UnixSeconds>),
    /// Not any more.
    Ended(Reason),
}

impl Stands {
    /// A request that is forwarded now.
    pub(super) fn new(shared: &Arc<Shared>, facts: &Arc<Facts>, as_whom: AsWhom) -> Arc<Self> {
        let (shared, facts, last) = (Arc::clone(shared), Arc::clone(facts), Mutex::new(Last::AsBegun));
        Arc::new(Self { shared, facts, as_whom, last, is_answered: AtomicBool::new(false) })
    }

    /// The head of the answer goes out.
    pub(super) fn answer_begins(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// A WebSocket ends because nobody said anything for that long.
    pub(super) fn silent(&self, idle: Duration) {
        let error = format!("nobody said anything on the WebSocket for {idle:?}");
        self.shared.scribe.tell(&self.facts, Event::AnswerCut { cause: BodyError::Idle(idle).as_str(), error });
    }

    fn given(&self) -> Given<'_> {
        self.facts.given(self.as_whom)
    }

    /// Decides anew; the first that learns of the end writes it down.
    fn judge(&self, last: &mut Last) -> Result<Option<UnixSeconds>, Lapse> {
        let config = self.shared.config.load_full();
        let stands = stands(&config, self.given(), self.shared.clock.now());
        *last = match stands {
            Ok(ends_at) => Last::Under(config, ends_at),
            Err(lapse) => Last::Ended(lapse.reason()),
        };
        stands
    }
}

impl Standing for Stands {
    fn look(&self) -> Result<Duration, Reason> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (config, ends_at) = match &*last {
            Last::AsBegun => (&self.facts.config, self.given().visitor.map(|visitor| visitor.ends_at)),
            Last::Under(config, ends_at) => (config, *ends_at),
            Last::Ended(reason) => return Err(*reason),
        };
        let is_over = ends_at.is_some_and(|end| self.shared.clock.now() >= end);
        let ends_at = if !is_over && Arc::ptr_eq(&self.shared.config.load(), config) {
            ends_at
        } else {
            self.judge(&mut last).map_err(|lapse| {
                self.shared.scribe.tell(&self.facts, Event::Ended(lapse));
                lapse.reason()
            })?
        };
        let left = ends_at.map_or(STANDING_LOOK_PAUSE, |end| self.shared.clock.until(end));
        Ok(left.min(STANDING_LOOK_PAUSE))
    }

    fn mended(&self, notes: HeadNotes) {
        Note::of_head(notes).for_each(|note| self.shared.scribe.tell(&self.facts, Event::Noted(note)));
    }

    fn cut(&self, error: &BodyError) {
        // Before, the browser gets an answer of ours in its place.
        if self.is_answered.load(Ordering::Relaxed) {
            let cause = error.as_str();
            let error = if let BodyError::Idle(idle_max) = error {
                // With the name of its key, as where the answer is still held.
                UpstreamError::Idle(*idle_max).to_string()
            } else {
                with_causes(error)
            };
            self.shared.scribe.tell(&self.facts, Event::AnswerCut { cause, error });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        decide::{
            Asker,
            tests::{CONFIG, ann, config, facts},
        },
        gateway::testing::{Books, shared},
    };

    /// What is open for nobody on a public route, or for Ann.
    fn open(books: &Books, (head, asker, as_whom): (&str, Asker, AsWhom)) -> (Arc<Shared>, Arc<Stands>) {
        let (shared, facts) = (shared(&CONFIG, books), Arc::new(facts(head, asker)));
        let stands = Stands::new(&shared, &facts, as_whom);
        (shared, stands)
    }

    fn of_nobody() -> (&'static str, Asker, AsWhom) {
        ("GET /public/x?code=hidden", Asker::of(None), AsWhom::Nobody)
    }

    fn ended(books: &Books) -> [Value; 4] {
        let line = books.line("audit");
        assert!(!line.to_string().contains("hidden"), "{line}");
        ["event", "path", "reason", "detail"].map(|field| line[field].clone())
    }

    #[tokio::test]
    async fn what_was_given_stands_under_a_configuration_that_gives_it_too() {
        let books = Books::new();
        let (shared, stands) = open(&books, of_nobody());
        assert_eq!(stands.look(), Ok(STANDING_LOOK_PAUSE));
        let reloaded = config(|text| text.replacen("View", "Explore", 1));
        shared.config.store(Arc::clone(&reloaded));
        assert_eq!((stands.look(), stands.look()), (Ok(STANDING_LOOK_PAUSE), Ok(STANDING_LOOK_PAUSE)));
        assert!(matches!(&*stands.last.lock().unwrap(), Last::Under(config, None) if Arc::ptr_eq(config, &reloaded)));
        assert!(books.lines("audit").is_empty());
    }

    #[tokio::test]
    async fn what_a_reload_takes_back_ends_once_and_stays_ended() {
        let books = Books::new();
        let (shared, stands) = open(&books, of_nobody());
        shared.config.store(config(|text| text.replacen("access = \"public\"", "access = \"signed-in\"", 1)));
        assert_eq!((stands.look(), stands.look()), (Err(Reason::NotSignedIn), Err(Reason::NotSignedIn)));
        shared.config.store(Arc::clone(&CONFIG));
        assert_eq!(stands.look(), Err(Reason::NotSignedIn), "whoever was told of the end has ended it");
        let expected = ["ended", "/public/x", "not_signed_in", "route asks for a sign-in now"].map(|text| json!(text));
        assert_eq!(ended(&books), expected);
    }

    #[tokio::test]
    async fn what_was_silent_for_too_long_is_told_with_the_name_of_the_wait() {
        let books = Books::new();
        let (_, stands) = open(&books, of_nobody());
        let told = |books: &Books| {
            let line = books.line("event");
            assert!(!line.to_string().contains("hidden"), "{line}");
            ["cause", "error"].map(|field| line[field].clone())
        };
        stands.answer_begins();
        stands.cut(&BodyError::Idle(Duration::from_secs(4)));
        let expected = "host application's answer did not go on within 4s (upstream_idle_timeout)";
        assert_eq!(told(&books), [json!("idle"), json!(expected)]);
        let books = Books::new();
        let (_, stands) = open(&books, of_nobody());
        stands.silent(Duration::from_secs(3_600));
        assert_eq!(told(&books), [json!("idle"), json!("nobody said anything on the WebSocket for 3600s")]);
    }

    #[tokio::test]
    async fn what_rests_on_a_session_is_looked_at_again_at_its_end_and_ends_with_it() {
        let books = Books::new();
        let (shared, stands) = open(&books, ("GET /x", ann(&[]), AsWhom::Visitor));
        assert_eq!(stands.look(), Ok(STANDING_LOOK_PAUSE));
        shared.clock.advance(58);
        let left = stands.look().expect("a minute is not over");
        assert!(left > Duration::ZERO && left < STANDING_LOOK_PAUSE, "{left:?}");
        shared.clock.advance(2);
        assert_eq!((stands.look(), stands.look()), (Err(Reason::NotSignedIn), Err(Reason::NotSignedIn)));
        assert_eq!((&ended(&books)[0], &books.line("audit")["user"]), (&json!("ended"), &json!("u-1")));
    }
}
