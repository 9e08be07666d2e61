//! The log: JSON lines on standard output, written by a thread of its own so that a slow reader never blocks a request.
//!
//! Lines wait in a bounded queue; when it is full they are dropped and counted, and serving goes on. So it is with lines that
//! cannot be written (no space left on the device), which standard error says too. Fields are escaped by serde_json, one line per event. Never in a line: a token, cookie, code, key or query string.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;

use super::clock::since_epoch;
use crate::limits::{LOG_AUDIT_LINES_MAX, LOG_FLUSH_MAX, LOG_GATHER, LOG_LINE_BYTES, LOG_LINES_MAX, LOG_WRITE_BYTES};

/// A handle to the log; clones write to the same place.
#[derive(Clone)]
pub(crate) struct Log {
    lines: SyncSender<QueuedLine>,
    waiting: Arc<AtomicUsize>,
    losses: Arc<Losses>,
}

/// What was not written.
#[derive(Default)]
struct Losses {
    dropped: AtomicU64,
    /// The last write failed.
    is_down: AtomicBool,
}

enum QueuedLine {
    Text(Vec<u8>),
    Flush(SyncSender<()>),
}

/// One request, as the access log shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AccessLine<'a> {
    /// The request's id.
    pub(crate) request_id: &'a str,
    /// The client's address: of the connection, or as a trusted proxy in front says it.
    pub(crate) peer: String,
    /// The method.
    pub(crate) method: &'a str,
    /// The host, as far as it was valid.
    pub(crate) host: &'a str,
    /// The path without its query; empty when it was not valid.
    pub(crate) path: &'a str,
    /// The status of the answer.
    pub(crate) status: u16,
    /// Why the gateway itself answered; `None` for an answer of the host application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    /// Who is signed in: `sub` of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<&'a str>,
    /// Why the session cookie that came is no session; `None`: it is one, or none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<&'static str>,
    /// The proxy in front that asked about the request; `None`: it came by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forward_auth: Option<&'a str>,
    /// Which source says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<&'a str>,
    /// Which way: `session` or `assertion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<&'static str>,
    /// Time until the head of the answer, in milliseconds.
    pub(crate) head_ms: f64,
}

/// What every line begins with.
#[derive(Serialize)]
struct LogLine<'a, F> {
    time: String,
    kind: &'a str,
    #[serde(flatten)]
    fields: &'a F,
}

#[derive(Serialize)]
struct EventLine<'a> {
    level: &'a str,
    message: &'a str,
    #[serde(flatten)]
    fields: &'a Value,
}

impl Log {
    /// A log that writes to standard output.
    #[must_use]
    pub(crate) fn to_stdout() -> Self {
        Self::to(io::stdout())
    }

    /// A log that writes to `sink`.
    #[must_use]
    pub(crate) fn to(sink: impl Write + Send + 'static) -> Self {
        let (lines, queue) = sync_channel(LOG_LINES_MAX + LOG_AUDIT_LINES_MAX);
        let waiting = Arc::new(AtomicUsize::new(0));
        let losses = Arc::new(Losses::default());
        let (counter, found) = (Arc::clone(&waiting), Arc::clone(&losses));
        let writer = move || write_lines(&queue, sink, &counter, &found);
        let spawned = std::thread::Builder::new().name("log".to_owned()).spawn(writer);
        let log = Self { lines, waiting, losses };
        if let Err(error) = spawned {
            // Without a writer every line counts as dropped; the metric shows it.
            let _ = writeln!(io::stderr(), "sigma-gateway: no log writer: {error}");
        }
        log
    }

    /// A line for one request.
    pub(crate) fn access(&self, line: &AccessLine<'_>) {
        self.write("access", line, LOG_LINES_MAX);
    }

    /// A line for one mint or one refusal of a mint or of access.
    pub(crate) fn audit(&self, fields: &impl Serialize) {
        self.write("audit", fields, LOG_LINES_MAX + LOG_AUDIT_LINES_MAX);
    }

    /// A line for an event of the gateway itself.
    pub(crate) fn event(&self, level: &str, message: &str, fields: &Value) {
        self.write("event", &EventLine { level, message, fields }, LOG_LINES_MAX);
    }

    /// Lines that did not fit into the queue, or could not be written, since the start.
    #[must_use]
    pub(crate) fn dropped(&self) -> u64 {
        self.losses.dropped.load(Ordering::Relaxed)
    }

    /// Whether the last write went through.
    #[must_use]
    pub(crate) fn is_up(&self) -> bool {
        !self.losses.is_down.load(Ordering::Relaxed)
    }

    /// Waits, within [`LOG_FLUSH_MAX`], until all lines so far are written.
    pub(crate) fn flush(&self) {
        let (done, wait) = sync_channel(1);
        if self.lines.send(QueuedLine::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(LOG_FLUSH_MAX);
        }
    }

    /// `waiting_max`: with so many lines waiting, this one is dropped.
    fn write(&self, kind: &str, fields: &impl Serialize, waiting_max: usize) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= waiting_max {
            return self.drop_line();
        }
        let line = LogLine { time: timestamp(since_epoch()), kind, fields };
        let mut text = Vec::with_capacity(LOG_LINE_BYTES);
        // Texts, numbers and maps with text keys always become JSON.
        let Ok(()) = serde_json::to_writer(&mut text, &line) else { return self.drop_line() };
        text.push(b'\n');
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.lines.try_send(QueuedLine::Text(text))
        {
            self.drop_line();
        }
    }

    fn drop_line(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.losses.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl Losses {
    /// What came of a write; a change is told on standard error, for no line can.
    fn note(&self, written: &io::Result<()>) {
        let was_down = self.is_down.swap(written.is_err(), Ordering::Relaxed);
        let told = match written {
            Err(error) if !was_down => {
                format!("log lines cannot be written: {error}; log_lines_dropped counts those that are lost")
            }
            Ok(()) if was_down => "log lines are written again".to_owned(),
            Ok(()) | Err(_) => return,
        };
        let _ = writeln!(io::stderr(), "sigma-gateway: {told}");
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

fn timestamp(since_epoch: Duration) -> String {
    let nanos = i128::try_from(since_epoch.as_nanos()).unwrap_or(i128::MAX);
    jiff::Timestamp::from_nanosecond(nanos).map(|moment| format!("{moment:.6}")).unwrap_or_default()
}

/// Writes lines as they come; what is there goes out in one piece, and what comes within [`LOG_GATHER`] of it in the next.
fn write_lines(queue: &Receiver<QueuedLine>, sink: impl Write, waiting: &AtomicUsize, losses: &Losses) {
    let mut sink = io::BufWriter::with_capacity(LOG_WRITE_BYTES, sink);
    loop {
        let line = match queue.try_recv() {
            Ok(line) => line,
            Err(_) => {
                // A broken standard output must not stop the gateway. What is in the buffer stays there until it can be written.
                losses.note(&sink.flush());
                // Else this thread would be woken for each line, which costs a request more than to write the line.
                std::thread::sleep(LOG_GATHER);
                let Ok(line) = queue.recv() else { return };
                line
            }
        };
        match line {
            QueuedLine::Text(text) => {
                waiting.fetch_sub(1, Ordering::Relaxed);
                // What does not fit into the buffer is tried at once, and lost whole.
                if let Err(error) = sink.write_all(&text) {
                    losses.dropped.fetch_add(1, Ordering::Relaxed);
                    losses.note(&Err(error));
                }
            }
            QueuedLine::Flush(done) => {
                losses.note(&sink.flush());
                let _ = done.try_send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{super::Moment, *};

    /// What was written, and in how many pieces.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>, Arc<AtomicUsize>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            self.1.fetch_add(1, Ordering::SeqCst);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_flood_of_requests_pushes_out_no_audit_line_and_a_flood_of_those_is_counted() {
        let sink = Shared::default();
        let log = Log::to(sink.clone());
        let reader = sink.0.lock().unwrap();
        let drops = |write: &dyn Fn(), lines: usize| {
            let before = log.dropped();
            (0..lines).for_each(|_| write());
            log.dropped() - before
        };
        // What the writer has taken, and cannot write, is not in the queue any more.
        let taken = LOG_WRITE_BYTES / 50;
        let fields = serde_json::json!({});
        assert!(drops(&|| log.event("info", "a request", &fields), LOG_LINES_MAX + taken) > 0);
        assert_eq!(drops(&|| log.audit(&fields), LOG_AUDIT_LINES_MAX), 0);
        assert!(drops(&|| log.audit(&fields), taken + 1) > 0);
        drop(reader);
    }

    #[test]
    fn the_writer_is_not_woken_for_each_of_many_lines() {
        let sink = Shared::default();
        let log = Log::to(sink.clone());
        let begun = Moment::now();
        // Fewer bytes than the writer's buffer takes.
        (0..LOG_WRITE_BYTES / 100).for_each(|_| log.audit(&serde_json::json!({ "event": "mint" })));
        log.flush();
        let gathered = begun.elapsed().as_micros() / LOG_GATHER.as_micros();
        assert!(sink.1.load(Ordering::SeqCst) as u128 <= gathered + 2, "the first, each time, and the last");
    }

    /// A device that is full until somebody makes room.
    #[derive(Clone, Default)]
    struct Full {
        has_room: Arc<AtomicBool>,
        written: Shared,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.has_room.load(Ordering::SeqCst) {
                self.written.write(bytes)
            } else {
                Err(io::ErrorKind::StorageFull.into())
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_and_those_of_the_buffer_come_when_they_can() {
        let device = Full::default();
        let log = Log::to(device.clone());
        assert!(log.is_up());
        let write = |lines: usize| {
            (0..lines).for_each(|_| log.audit(&serde_json::json!({ "event": "mint" })));
            log.flush();
        };
        write(1);
        assert_eq!((log.is_up(), log.dropped()), (false, 0), "it waits in the buffer");
        write(LOG_WRITE_BYTES / 50);
        let lost = log.dropped();
        assert!(lost > 0);
        device.has_room.store(true, Ordering::SeqCst);
        write(1);
        assert_eq!((log.is_up(), log.dropped()), (true, lost));
        let text = String::from_utf8(device.written.0.lock().unwrap().clone()).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "whole lines");
        assert_eq!(
            u64::try_from(text.lines().count()).unwrap() + lost,
            u64::try_from(LOG_WRITE_BYTES / 50 + 2).unwrap()
        );
    }

    #[test]
    fn a_line_break_in_a_field_does_not_make_a_second_line() {
        let sink = Shared::default();
        let log = Log::to(sink.clone());
        log.event("warn", "first\nsecond", &serde_json::json!({ "path": "a\"b\u{1b}" }));
        log.flush();
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((line["kind"].as_str(), line["message"].as_str()), (Some("event"), Some("first\nsecond")));
    }
}
