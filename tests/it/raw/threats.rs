//! `docs/THREATS.md` names every test of a threat, and no other.

use std::{collections::BTreeSet, path::Path};

const TABLE: &str = include_str!("../../../docs/THREATS.md");
const TESTS: [&str; 19] = [
    include_str!("body_grammar.rs"),
    include_str!("forwarding_headers.rs"),
    include_str!("framing.rs"),
    include_str!("gadgets.rs"),
    include_str!("header_names.rs"),
    include_str!("hop_by_hop.rs"),
    include_str!("hops.rs"),
    include_str!("hosts.rs"),
    include_str!("http2_fields.rs"),
    include_str!("http2_lengths.rs"),
    include_str!("http2_pseudo.rs"),
    include_str!("http2_requests.rs"),
    include_str!("identities.rs"),
    include_str!("paths.rs"),
    include_str!("reserved_paths.rs"),
    include_str!("syntax.rs"),
    include_str!("targets.rs"),
    include_str!("traversal.rs"),
    include_str!("upgrades.rs"),
];

#[test]
fn every_threat_of_the_table_has_its_tests_and_every_test_is_in_the_table() {
    let (listed, written) = (listed(TABLE), TESTS.iter().flat_map(|text| written(text)).collect());
    let missing: Vec<_> = BTreeSet::difference(&listed, &written).collect();
    let unlisted: Vec<_> = BTreeSet::difference(&written, &listed).collect();
    assert!(!listed.is_empty());
    assert!(missing.is_empty() && unlisted.is_empty(), "without a test: {missing:?}, not in the table: {unlisted:?}");
}

/// `| RS-01 | sentence | `test` |`: tests by name; each has the id of its row. A script is there, and tells its cases itself.
fn listed(table: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ")) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [id, _, test] = cells[..] else { panic!("a row has three cells: {row}") };
        let (prefix, name) = (id.to_ascii_lowercase().replace('-', "_"), test.trim_matches('`'));
        if name.starts_with("scripts/") {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(name).is_file(), "{row}");
            continue;
        }
        assert!(name.starts_with(&format!("{prefix}_")), "{row}");
        assert!(names.insert(name.to_owned()), "twice: {row}");
    }
    names
}

/// The functions whose name begins with an id: two letters, two digits.
fn written(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("async fn ")?.split('(').next());
    let is_id = |name: &&str| name.as_bytes()[2] == b'_' && name.as_bytes()[3..5].iter().all(u8::is_ascii_digit);
    names.filter(is_id).map(str::to_owned).collect()
}

#[test]
fn tables_and_tests_are_read_by_their_names() {
    assert_eq!(listed("| id | what | test |\n|---|---|---|\n| RS-01 | a | `rs_01_b` |\n").len(), 1);
    assert_eq!(listed("| RS-01 | a | `scripts/audit` |\n").len(), 0);
    assert!(std::panic::catch_unwind(|| listed("| RS-01 | a | `scripts/nothing` |\n")).is_err());
    assert_eq!(written("async fn rs_01_b() {\nasync fn helper() {\n    async fn rs_02_c() {\n").len(), 1);
}
