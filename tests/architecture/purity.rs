//! What pure code never names, and what only one file names.

use crate::{
    Findings,
    direction::VOCABULARY,
    paths::{NamedPath, paths},
    tree::Tree,
};

/// Stages that take values (and `now`, and a seed) and give values.
const PURE: &[&str] =
    &["request", "identity", "policy", "embed", "forward", "rewrite", "reply", "config", "decide", "endpoints"];

/// Sockets, files, clocks, randomness, the environment, threads. A path that starts so is IO.
const IO: &[&[&str]] = &[
    &["tokio"],
    &["tokio_util"],
    &["tokio_rustls"],
    &["hyper"],
    &["hyper_util"],
    &["socket2"],
    &["rustls"],
    &["rustls_native_certs"],
    &["notify"],
    &["moka"],
    &["getrandom"],
    &["rand"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "os"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["std", "io", "stderr"],
    &["aws_lc_rs", "rand"],
    &["rand_core", "OsRng"],
];

/// Types of `std::net` that are plain values.
const NET_VALUES: &[&str] =
    &["AddrParseError", "IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr", "SocketAddrV4", "SocketAddrV6"];

/// What of rustls takes bytes and gives values: no connection, no clock.
const TLS_VALUES: &[&[&str]] = &[
    &["rustls", "pki_types"],
    &["rustls", "sign", "CertifiedKey"],
    &["rustls", "crypto", "aws_lc_rs"],
    &["rustls", "server", "ParsedCertificate"],
    &["rustls", "client", "verify_server_cert_signed_by_trust_anchor"],
    &["rustls", "client", "verify_server_name"],
    &["rustls", "CertificateError"],
    &["rustls", "Error"],
    &["rustls", "RootCertStore"],
];

/// A last segment that reads the clock or the machine's randomness, whatever it is called on.
const IO_CALLS: &[&str] = &["now", "new_v4", "now_v7", "from_os_rng", "try_from_os_rng"];

/// Pure stages and the shared vocabulary never name IO.
pub(crate) fn pure_stages(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in &tree.files {
        if !PURE.contains(&file.stage()) && !VOCABULARY.contains(&file.stage()) {
            continue;
        }
        findings.looked_at += 1;
        for path in paths(&file.shipped).iter().filter(|path| is_io(path)) {
            findings.problems.push(format!(
                "{}:{}: pure code names `{}`",
                file.path,
                path.line,
                path.segments.join("::")
            ));
        }
    }
    findings
}

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

/// Who keeps the books: the types are made in `system`, and one room of the gateway names them.
const BOOKS: &[&str] = &["Log", "Metrics"];
const BOOKKEEPERS: &[&str] = &["system/", "gateway/scribe/"];

/// Nobody but the scribe names the log and the metrics.
pub(crate) fn books(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in &tree.files {
        for path in paths(&file.shipped) {
            if !path.segments.last().is_some_and(|last| BOOKS.contains(&last.as_str())) {
                continue;
            }
            findings.looked_at += 1;
            if !BOOKKEEPERS.iter().any(|room| file.path.starts_with(room)) {
                findings.problems.push(format!("{}:{}: names `{}`", file.path, path.line, path.segments.join("::")));
            }
        }
    }
    findings
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

fn is_io(path: &NamedPath) -> bool {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    let last = segments.last().copied().unwrap_or_default();
    if segments.len() > 1 && IO_CALLS.contains(&last) {
        return true;
    }
    if segments.starts_with(&["std", "net"]) && segments.get(2).is_some_and(|name| NET_VALUES.contains(name)) {
        return false;
    }
    let starts_with_any = |starts: &[&[&str]]| starts.iter().any(|start| segments.starts_with(start));
    starts_with_any(IO) && !starts_with_any(TLS_VALUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        pure_stages(&Tree::of(&[("embed/mint.rs", text)])).problems
    }

    #[test]
    fn values_and_the_http_crate_are_pure() {
        let text = "use std::{net::{IpAddr, SocketAddr}, time::Duration, io::Read}; use http::HeaderMap;
            use rand_core::RngCore; use rustls::{RootCertStore, pki_types::CertificateDer}; fn f(now: u64) { http::Method::GET; }";
        assert_eq!(problems(text), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_io_fails() {
        let io = [
            "use tokio::net::TcpStream;",
            "use hyper::Request;",
            "use std::{fmt, fs};",
            "use std::{\n net::{IpAddr, TcpStream},\n};",
            "fn f() { std::env::var(x) }",
            "fn f() { std::process::id() }",
            "fn f() { std::thread::spawn(g) }",
            "fn f() { std::time::SystemTime::now() }",
            "use std::time::Instant; fn f() { Instant::now() }",
            "use aws_lc_rs::{aead, rand::SystemRandom};",
            "use getrandom::fill;",
            "use rustls::ServerConnection;",
            "fn f() { Uuid::new_v4() }",
        ];
        for text in io {
            assert_eq!(problems(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn io_stages_and_tests_may_name_io() {
        let sources = [
            ("connect/dial.rs", "use tokio::net::TcpStream;"),
            ("embed.rs", "#[cfg(test)] mod tests { use std::fs; }"),
        ];
        assert_eq!(pure_stages(&Tree::of(&sources)).problems, Vec::<String>::new());
    }

    #[test]
    fn only_the_scribe_names_the_log_and_the_metrics() {
        let of = |path: &str| books(&Tree::of(&[(path, "use crate::system::{Clock, Log, Metrics};")])).problems.len();
        assert_eq!((of("gateway/scribe/books.rs"), of("system/log.rs")), (0, 0));
        assert_eq!((of("gateway/serve.rs"), of("cli/serve.rs"), of("gateway/mod.rs")), (2, 2, 2));
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
