//! PN-02: lists of traversals, below every public prefix.

use std::path::Path;

use super::{lab::Lab, oracle};

#[tokio::test]
async fn pn_02_no_generated_traversal_leaves_the_public_prefix() {
    assert_none_leaves(&Lab::start().await, &generated()).await;
}

/// Every way to climb, with every separator, out of the prefix and into what is not public below it.
pub(super) fn generated() -> Vec<String> {
    let mut targets = Vec::new();
    for dots in DOTS {
        for separator in SEPARATORS {
            for depth in 1..=3 {
                let climb = format!("{dots}{separator}").repeat(depth);
                targets.push(format!("/public/{climb}admin"));
                targets.push(format!("/public/a/b{separator}{climb}staff{separator}x"));
            }
        }
    }
    assert!(targets.len() > 1_000);
    targets
}

/// Each string as it is, where a request line can hold it, and percent-encoded.
#[tokio::test]
async fn pn_02_no_naughty_string_leaves_the_public_prefix() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/blns.json");
    let Ok(text) = std::fs::read_to_string(file) else {
        assert!(!is_ci(), "the corpus blns.json is missing");
        eprintln!("skipped: no corpus ../shared/corpora/blns.json");
        return;
    };
    let strings: Vec<String> = serde_json::from_str(&text).unwrap();
    assert!(strings.len() > 500);
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let is_raw = |text: &&String| !text.contains([' ', '\r', '\n', '\t']);
    let raw = strings.iter().filter(is_raw).map(|text| format!("/public/{text}/../staff"));
    let raw = raw.chain(strings.iter().filter(is_raw).map(|text| format!("/public/{text}")));
    let encoded = strings.iter().map(|text| format!("/public/{}", encode(text)));
    let targets: Vec<String> = raw.chain(encoded).collect();
    assert_none_leaves(&Lab::start().await, &targets).await;
}

/// One connection for as long as the gateway keeps it.
async fn assert_none_leaves(lab: &Lab, targets: &[String]) {
    for method in ["GET", "POST"] {
        let mut kept = None;
        for target in targets {
            let mut wire = match kept.take() {
                Some(wire) => wire,
                None => lab.open().await,
            };
            let bytes = format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 0\r\n\r\n");
            wire.send(&lab.fill(bytes)).await;
            let answer = wire.answer().await;
            assert!(answer.status() < 500, "{method} {target}: {answer:?}");
            if answer.status() != 400 {
                kept = Some(wire);
            }
        }
    }
    let requests = lab.requests();
    assert!(!requests.is_empty(), "the list must not be refused as a whole");
    for request in requests {
        assert!(oracle::is_public(request.target()), "{}", request.start);
    }
}

#[allow(clippy::disallowed_methods, reason = "tests are outside the gateway's configuration")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

const DOTS: [&str; 18] = [
    "..",
    "%2e%2e",
    ".%2e",
    "%2E.",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..;a=b",
    "%c0%ae%c0%ae",
    "%ef%bc%8e%ef%bc%8e",
    "..%00",
    "..%20",
    "....",
    "%u002e%u002e",
    "%e0%80%ae%C0%AE",
    ".%f0%80%80%ae",
    "%25c0%25ae.",
    "..%c0%80",
];
const SEPARATORS: [&str; 17] = [
    "/",
    "//",
    "\\",
    "%2f",
    "%2F",
    "%5c",
    "%252f",
    "%255c",
    "%25252f",
    "/;/",
    "/%2f",
    "%c0%af",
    "%ef%bc%8f",
    "/./",
    "%e0%80%af",
    "%C1%9C",
    "%25c0%25af",
];
