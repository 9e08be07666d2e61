//! What only one file or one room names.

use crate::{
    Findings,
    paths::{NamedPath, Resolver, paths},
    tree::Tree,
};

/// A crate is named in exactly one file.
pub(crate) fn named_in_one_file(tree: &Tree, name: &str) -> Findings {
    let names_it = |path: &NamedPath| path.segments.first().is_some_and(|first| first == name);
    let files: Vec<&str> = tree
        .files
        .iter()
        .filter(|file| paths(&file.shipped).iter().any(names_it))
        .map(|file| file.path.as_str())
        .collect();
    let mut findings = Findings { looked_at: files.len(), problems: Vec::new() };
    if files.len() != 1 {
        findings.problems.push(format!("`{name}` is named in {} files, not in one: {files:?}", files.len()));
    }
    findings
}

/// The files of the books: what they have is for the scribe, labels and lines too.
const BOOKS: &[&str] = &["events", "log", "metrics"];
/// The crates that the books are kept with.
const CRATES_OF_BOOKS: &[&str] = &["prometheus_client", "tracing_subscriber"];
/// Who keeps the books: the files themselves, what opens them, and one room of the gateway.
const BOOKKEEPERS: &[&str] =
    &["system/events.rs", "system/log.rs", "system/metrics.rs", "system/mod.rs", "gateway/scribe/"];

/// Nobody but the scribe names log and metrics, or anything that belongs to them.
pub(crate) fn books(tree: &Tree) -> Findings {
    let resolver = Resolver::new(tree);
    let mut findings = Findings::default();
    for file in &tree.files {
        let own = resolver.own_paths(file).into_iter();
        let own = own.filter(|path| is_of_books(&path.module)).map(|path| (path.line, path.written));
        let others = paths(&file.shipped).into_iter().map(|path| (path.line, path.segments));
        let others = others.filter(|(_, segments)| CRATES_OF_BOOKS.contains(&segments[0].as_str()));
        for (line, segments) in own.chain(others) {
            findings.looked_at += 1;
            if !BOOKKEEPERS.iter().any(|room| file.path.starts_with(room)) {
                findings.problems.push(format!("{}:{line}: names `{}`", file.path, segments.join("::")));
            }
        }
    }
    findings
}

fn is_of_books(module: &[String]) -> bool {
    matches!(module, [system, file, ..] if system == "system" && BOOKS.contains(&file.as_str()))
}

/// The clock that only goes forward has one room, so that a test that moves time moves all of it. Only `system` names the
/// type of the libraries; everybody else has `system::Moment`.
pub(crate) fn monotonic_clocks(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in &tree.files {
        for token in file.shipped.iter().filter(|token| token.is_word("Instant")) {
            findings.looked_at += 1;
            if file.stage() != "system" {
                findings.problems.push(format!("{}:{}: names `Instant`", file.path, token.line));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong in one file beside the books.
    fn of_books(path: &str, text: &str) -> Vec<String> {
        let mut sources = vec![
            ("system/mod.rs", "mod log; mod metrics; mod events; mod clock; pub(crate) use log::{AccessLine, Log};
                pub(crate) use metrics::{LoginLabels, Metrics}; pub(crate) use events::install_events; pub use clock::Clock;"),
            ("system/log.rs", "pub(crate) struct Log; pub(crate) struct AccessLine;"),
            ("system/metrics.rs", "use prometheus_client::Registry; pub(crate) struct Metrics; pub(crate) struct LoginLabels;"),
            ("system/events.rs", "use super::Log; pub(crate) fn install_events(log: Log) {}"),
            ("system/clock.rs", "pub struct Clock;"),
        ];
        sources.retain(|(listed, _)| *listed != path);
        sources.push((path, text));
        books(&Tree::of(&sources)).problems
    }

    #[test]
    fn only_the_scribe_names_the_log_and_the_metrics() {
        let text = "use crate::system::{Clock, Log, Metrics};";
        assert_eq!(of_books("gateway/scribe/books.rs", text), Vec::<String>::new());
        for path in ["gateway/serve.rs", "gateway/mod.rs", "cli/serve.rs", "system/clock.rs"] {
            assert_eq!(
                of_books(path, text),
                [format!("{path}:1: names `system::Log`"), format!("{path}:1: names `system::Metrics`")]
            );
        }
        assert_eq!(
            of_books("gateway/serve.rs", "use crate::system::Clock; fn f() { Clock::now() }"),
            Vec::<String>::new()
        );
        assert_eq!(
            of_books("gateway/serve.rs", "#[cfg(test)] mod tests { use crate::system::Log; }"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn labels_lines_events_and_the_crates_behind_them_are_of_the_books_however_they_are_written() {
        for (text, named) in [
            ("use crate::system::LoginLabels;", "system::LoginLabels"),
            ("use crate::system::{Clock, AccessLine as Line};", "system::AccessLine"),
            ("fn f() { crate::system::install_events(x) }", "system::install_events"),
            ("fn f() { crate::system::Metrics::new() }", "system::Metrics::new"),
            ("use crate::system; fn f() { system::Log::to(x) }", "system::Log::to"),
            ("use crate::system::metrics;", "system::metrics"),
            ("use prometheus_client::metrics::counter::Counter;", "prometheus_client::metrics::counter::Counter"),
            ("fn f() { tracing_subscriber::registry() }", "tracing_subscriber::registry"),
        ] {
            assert_eq!(of_books("gateway/serve.rs", text), [format!("gateway/serve.rs:1: names `{named}`")], "{text}");
            assert_eq!(of_books("gateway/scribe/books.rs", text), Vec::<String>::new());
        }
    }

    #[test]
    fn only_system_names_the_libraries_clocks() {
        let of = |path: &str, text: &str| monotonic_clocks(&Tree::of(&[(path, text)])).problems;
        let text = "pub type Moment = tokio::time::Instant;";
        assert_eq!(of("system/moment.rs", text), Vec::<String>::new());
        assert_eq!(of("body/timed.rs", "fn f() {\n Moment::now() }"), Vec::<String>::new());
        assert_eq!(of("body/timed.rs", text), ["body/timed.rs:1: names `Instant`"]);
        let text = "use std::{\n time::{Duration, Instant as Clock},\n};";
        assert_eq!(of("gateway/line.rs", text), ["gateway/line.rs:2: names `Instant`"]);
        let text = "#[cfg(test)] mod tests { use std::time::Instant; }";
        assert_eq!(of("listen/tls.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_crate_named_in_two_files_or_none_fails() {
        let one = Tree::of(&[("connect/a.rs", "use moka::future::Cache;"), ("connect/b.rs", "use super::a::X;")]);
        assert_eq!(named_in_one_file(&one, "moka").problems, Vec::<String>::new());
        let two = Tree::of(&[("connect/a.rs", "use moka::X;"), ("connect/b.rs", "fn f() { moka::y() }")]);
        assert_eq!(named_in_one_file(&two, "moka").problems.len(), 1);
        assert_eq!(named_in_one_file(&Tree::of(&[("a.rs", "")]), "moka").problems.len(), 1);
    }
}
