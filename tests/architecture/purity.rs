//! What pure code never names.

use std::collections::BTreeMap;

use crate::{
    Findings,
    direction::VOCABULARY,
    paths::{NamedPath, paths},
    tokens::Placed,
    tree::{SourceFile, Tree},
};

/// Stages that take values (and `now`, and a seed) and give values.
const PURE: &[&str] =
    &["request", "identity", "policy", "embed", "forward", "rewrite", "reply", "config", "decide", "endpoints"];

/// Sockets, files, clocks, randomness, the environment, threads, books. A path that starts so is IO.
const IO: &[&[&str]] = &[
    &["tokio"],
    &["tokio_util"],
    &["tokio_rustls"],
    &["hyper"],
    &["hyper_util"],
    &["h2"],
    &["futures_util"],
    &["socket2"],
    &["rustls"],
    &["rustls_native_certs"],
    &["notify"],
    &["moka"],
    &["getrandom"],
    &["rand"],
    &["arc_swap"],
    &["clap"],
    &["libc"],
    &["prometheus_client"],
    &["tracing"],
    &["tracing_subscriber"],
    &["tikv_jemallocator"],
    &["jwt_compact"],
    &["rcgen"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "os"],
    &["std", "sync", "mpsc"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["std", "io", "stderr"],
    &["aws_lc_rs", "rand"],
    &["rand_core", "OsRng"],
];

/// Crates that take values and give values, but for the calls below.
const VALUES: &[&str] = &[
    "anyhow",
    "aws_lc_rs",
    "base64",
    "brotli",
    "bytes",
    "cookie",
    "encoding_rs",
    "flate2",
    "globset",
    "httlib_huffman",
    "http",
    "http_body",
    "http_body_util",
    "httparse",
    "icu_normalizer",
    "icu_properties",
    "ipnet",
    "jiff",
    "jsonwebtoken",
    "lol_html",
    "maud",
    "memchr",
    "openidconnect",
    "percent_encoding",
    "rand_chacha",
    "rand_core",
    "rustls_webpki",
    "secrecy",
    "serde",
    "serde_json",
    "strsim",
    "thiserror",
    "toml",
    "url",
    "uuid",
    "x509_parser",
    "zeroize",
    "zstd",
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
    &["rustls", "client", "verify_server_name"],
    // A judge of bytes.
    &["rustls", "client", "danger"],
    &["rustls", "crypto", "WebPkiSupportedAlgorithms"],
    &["rustls", "crypto", "verify_tls13_signature_with_raw_key"],
    &["rustls", "DigitallySignedStruct"],
    &["rustls", "SignatureScheme"],
    &["rustls", "AlertDescription"],
    &["rustls", "CertificateError"],
    &["rustls", "Error"],
    &["rustls", "RootCertStore"],
];

/// A last segment, or a method, that asks the clock, the machine's randomness or the file system, whatever it is called on.
const IO_CALLS: &[&str] = &[
    "now",
    "elapsed",
    "new_v4",
    "now_v7",
    "from_os_rng",
    "try_from_os_rng",
    "new_random",
    "new_random_len",
    "new_random_sha256",
    "new_random_sha256_len",
    "generate",
    "exists",
    "try_exists",
    "is_file",
    "is_dir",
    "is_symlink",
    "read_dir",
    "read_link",
    "canonicalize",
    "metadata",
    "symlink_metadata",
    "to_socket_addrs",
];

/// Words of code that waits for something.
const WAITING: &[&str] = &["async", "await"];

/// Pure stages and the shared vocabulary never name IO.
pub(crate) fn pure_stages(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in &tree.files {
        if !PURE.contains(&file.stage()) && !VOCABULARY.contains(&file.stage()) {
            continue;
        }
        findings.looked_at += 1;
        let paths = io_paths(file).into_iter();
        let named = paths
            .chain(io_methods(&file.shipped))
            .map(|(line, name)| format!("{}:{line}: pure code names `{name}`", file.path));
        findings.problems.extend(named);
    }
    findings
}

/// Every dependency is said to be IO or values: a new one is not pure because nobody has thought of it.
pub(crate) fn dependencies(manifest: &str) -> Findings {
    let mut findings = Findings::default();
    let table = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let names = table.take_while(|line| !line.starts_with('[')).filter(|line| line.starts_with(char::is_alphabetic));
    for name in names.filter_map(|line| line.split([' ', '=', '.']).next()) {
        let name = name.replace('-', "_");
        let is_io = IO.iter().any(|path| *path == [name.as_str()]);
        findings.looked_at += 1;
        if is_io == VALUES.contains(&name.as_str()) {
            findings.problems.push(format!("`{name}` is to be in one of the lists, of IO or of values"));
        }
    }
    findings
}

/// The paths of a file that are IO, each with its line; a path that begins with an import is read as what that is.
fn io_paths(file: &SourceFile) -> Vec<(usize, String)> {
    let paths = paths(&file.shipped);
    let imports: BTreeMap<&str, &[String]> =
        paths.iter().filter_map(|path| Some((path.imported_as.as_deref()?, path.segments.as_slice()))).collect();
    let is_io_whole = |path: &&NamedPath| {
        let (first, rest) = path.segments.split_first().expect("a path has a segment");
        let import = imports.get(first.as_str()).filter(|_| !rest.is_empty());
        is_io(&import.map_or_else(|| path.segments.clone(), |import| [*import, rest].concat()))
    };
    paths.iter().filter(is_io_whole).map(|path| (path.line, path.segments.join("::"))).collect()
}

/// `.exists()` and the like, and the words of code that waits.
fn io_methods(tokens: &[Placed]) -> impl Iterator<Item = (usize, String)> {
    let methods = tokens.windows(3).filter(|three| three[0].is_mark('.') && three[2].is_mark('('));
    let calls = methods.map(|three| &three[1]).filter(|name| name.word().is_some_and(|name| IO_CALLS.contains(&name)));
    let waiting = tokens.iter().filter(|token| token.word().is_some_and(|word| WAITING.contains(&word)));
    calls.chain(waiting).filter_map(|token| Some((token.line, token.word()?.to_owned())))
}

fn is_io(path: &[String]) -> bool {
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
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
            use rand_core::RngCore; use rustls::{RootCertStore, pki_types::CertificateDer}; fn f(now: u64) { http::Method::GET; }
            use std::{io::{self, Cursor}, path::Path}; fn g(x: Id) { io::Error::other(x); x.is_file; x.exists; Path::new(x).join(y) }";
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
            "fn f() { tracing::warn!(x) }",
            "use tracing::info_span;",
            "use tracing_subscriber::Layer;",
            "use prometheus_client::metrics::counter::Counter;",
            "fn f() { libc::getpid() }",
            "use h2::Reason;",
            "use arc_swap::ArcSwap;",
            "use clap::Parser;",
            "use futures_util::future::join;",
            "use std::process;",
            "use std::net::{SocketAddr, UdpSocket};",
            "use std::net::TcpListener as L;",
            "use std::net::ToSocketAddrs;",
            "use std::io; fn f() { io::stdout() }",
            "use std::io::{self as machine, Read}; fn f() { machine::stdin() }",
            "use std::sync::mpsc::channel;",
            "fn f(at: SystemTime) { at.elapsed() }",
            "fn f(path: &Path) -> bool { path.exists() }",
            "fn f(path: &Path) -> bool {\n path\n .is_file() }",
            "fn f(path: &Path) { path.read_dir() }",
            "fn f(path: &Path) { path.canonicalize() }",
            "fn f(name: &str) { (name, 1).to_socket_addrs() }",
            "fn f(paths: &[PathBuf]) { paths.iter().filter(|path| path.is_dir()) }",
            "fn f(paths: &[PathBuf]) { paths.iter().map(Path::metadata) }",
            "fn f() { Nonce::new_random() }",
            "fn f() { PkceCodeChallenge::new_random_sha256() }",
            "fn f() { RsaKeyPair::generate(x) }",
            "async fn f() {}",
            "fn f() { x.await }",
        ];
        let missed: Vec<_> = io.iter().filter(|text| problems(text).len() != 1).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn a_dependency_that_nobody_sorted_fails() {
        let of = |line: &str| {
            dependencies(&format!(
                "[package]\nname = \"x\"\n[dependencies]\n# IO.\n{line}\n\n[dev-dependencies]\nnew = \"1\"\n"
            ))
        };
        for line in
            ["tokio = \"1\"", "serde_json = { version = \"1\" }", "percent-encoding = \"2\"", "url.workspace = true"]
        {
            let findings = of(line);
            assert_eq!((findings.looked_at, findings.problems), (1, Vec::new()), "{line}");
        }
        assert_eq!(of("new-io = \"1\"").problems, ["`new_io` is to be in one of the lists, of IO or of values"]);
    }

    #[test]
    fn io_stages_and_tests_may_name_io() {
        let sources = [
            ("connect/dial.rs", "use tokio::net::TcpStream;"),
            ("embed.rs", "#[cfg(test)] mod tests { use std::fs; }"),
        ];
        assert_eq!(pure_stages(&Tree::of(&sources)).problems, Vec::<String>::new());
    }
}
