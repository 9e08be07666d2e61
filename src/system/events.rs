//! `tracing` events, ours and the libraries', as `kind = event` lines of the log.

use serde_json::{Map, Value};
use tracing::{Event, Level, Subscriber, field::Field};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

use super::Log;

/// Sends events of this process to `log`; `filter` is in the form of `RUST_LOG`, empty for the default.
///
/// A second call has no effect: a process has one log.
pub fn install_events(log: Log, filter: &str) {
    let filter = if filter.is_empty() { DEFAULT_FILTER } else { filter };
    let filter = EnvFilter::builder().parse_lossy(filter);
    let _ = tracing_subscriber::registry().with(ToLog(log).with_filter(filter)).try_init();
}

/// h2 warns of each odd frame: any browser could fill the log.
const DEFAULT_FILTER: &str = "sigma_gateway=info,warn,h2=error";

struct ToLog(Log);

impl<S: Subscriber> Layer<S> for ToLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
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
