//! `tracing` events, ours and the libraries', as `kind = event` lines of the log: each with the fields of the spans that it is
//! within.

use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::Field,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{ParseError, Targets},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use super::Log;

/// Sends events of this process to `log`; `filter` is in the form of `RUST_LOG`, empty for the default.
///
/// A second call has no effect: a process has one log.
pub(crate) fn install_events(log: Log, filter: &str) {
    let targets = targets(filter).unwrap_or_else(|why| {
        let fields = json!({ "problem": why.to_string(), "instead": DEFAULT_FILTER });
        log.event("warn", "RUST_LOG is not understood: targets and levels, as in sigma_gateway=debug,warn", &fields);
        targets("").unwrap_or_default()
    });
    let _ = tracing_subscriber::registry().with(targets).with(ToLog(log)).try_init();
}

/// h2 warns of each odd frame: any browser could fill the log.
const DEFAULT_FILTER: &str = "sigma_gateway=info,warn,h2=error";

/// Targets and their levels only: a filter that could name fields of spans would look at every span.
fn targets(filter: &str) -> Result<Targets, ParseError> {
    // Nothing between two commas would be a level for everything: none.
    let filter: Vec<&str> = filter.split(',').filter(|directive| !directive.trim().is_empty()).collect();
    if filter.is_empty() { DEFAULT_FILTER.parse() } else { filter.join(",").parse() }
}

struct ToLog(Log);

/// The fields of a span: few, and made with every request.
struct OfSpan(Vec<(&'static str, String)>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for ToLog {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = OfSpan(Vec::with_capacity(attributes.fields().len()));
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<OfSpan>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(OfSpan(outer)) = span.extensions().get::<OfSpan>() {
                fields.map.extend(outer.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())));
            }
        }
        event.record(&mut fields);
        fields.map.insert("target".to_owned(), event.metadata().target().into());
        self.0.event(level(*event.metadata().level()), &fields.message, &Value::Object(fields.map));
    }
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    map: Map<String, Value>,
}

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        self.map.insert(field.name().to_owned(), value);
    }
}

impl tracing::field::Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.insert(field, value.into());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl tracing::field::Visit for OfSpan {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

/// For tests: each thread's events go to a log of its own, for a while. What is asked for them is one for the process:
/// where each test had its own, `tracing` would take what one thread does not want for what nobody wants.
#[cfg(test)]
pub(crate) mod testing {
    use std::{cell::RefCell, sync::Once};

    use super::*;

    thread_local! {
        static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
    }

    /// While it lives, events of this thread are written down.
    pub(crate) struct Listening;

    impl Listening {
        /// To `log`, as far as the default filter lets them.
        pub(crate) fn to(log: Log) -> Self {
            static INSTALLED: Once = Once::new();
            INSTALLED.call_once(|| {
                tracing_subscriber::registry().with(targets("").unwrap()).with(ToThread).try_init().unwrap();
            });
            LOG.set(Some(log));
            Self
        }
    }

    impl Drop for Listening {
        fn drop(&mut self) {
            LOG.set(None);
        }
    }

    struct ToThread;

    fn of_thread() -> Option<ToLog> {
        LOG.with_borrow(|log| log.clone().map(ToLog))
    }

    impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for ToThread {
        fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
            if let Some(log) = of_thread() {
                log.on_new_span(attributes, id, context);
            }
        }

        fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
            if let Some(log) = of_thread() {
                log.on_event(event, context);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing::{error_span, field::Empty, info, subscriber::with_default, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_has_the_fields_of_the_spans_that_it_is_within_and_no_others() {
        let lines = Lines::default();
        let log = Log::to(lines.clone());
        let targets = targets("warn").unwrap();
        with_default(tracing_subscriber::registry().with(targets).with(ToLog(log.clone())), || {
            let request = error_span!("request", request_id = "id-1", site = Empty);
            let call = error_span!(parent: &request, "provider", provider = "corp");
            request.record("site", "crm.example.com");
            call.in_scope(|| warn!(status = 500, "slow"));
            request.in_scope(|| info!("nobody asks for it"));
            request.in_scope(|| warn!("failed"));
            warn!("elsewhere");
        });
        log.flush();
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |event: &Value| ["request_id", "site", "provider", "status"].map(|name| event[name].to_string());
        assert_eq!(of(&events[0]), ["\"id-1\"", "\"crm.example.com\"", "\"corp\"", "500"]);
        assert_eq!(of(&events[1]), ["\"id-1\"", "\"crm.example.com\"", "null", "null"]);
        assert_eq!(of(&events[2]), ["null"; 4]);
    }

    #[test]
    fn a_filter_of_targets_and_levels_is_understood_and_one_of_fields_is_not() {
        assert_eq!(targets(",warn,, ").unwrap().to_string(), targets("warn").unwrap().to_string());
        for filter in ["", "debug", "sigma_gateway=debug,warn", "hyper=trace,h2=error", "off"] {
            assert!(targets(filter).is_ok(), "{filter}");
        }
        for filter in ["sigma_gateway=loud", "[request{site=a}]=debug", "a=b=c"] {
            assert!(targets(filter).is_err(), "{filter}");
        }
    }
}
