//! `docs/THREATS.md` names every test of a threat in this folder, and no test that is not there.

use std::{collections::BTreeSet, path::Path};

const TABLE: &str = include_str!("../../../docs/THREATS.md");
const TESTS: [&str; 20] = [
    include_str!("body_grammar.rs"),
    include_str!("forwarding_headers.rs"),
    include_str!("framing.rs"),
    include_str!("gadgets.rs"),
    include_str!("header_names.rs"),
    include_str!("hop_by_hop.rs"),
    include_str!("hops.rs"),
    include_str!("hosts.rs"),
    include_str!("http2_alone.rs"),
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

/// The cases of sign-in, sessions, redirects, sign-out and providers that must have a row.
const SIGN_IN: &str = "TV-01 TV-02 TV-04 TV-05 TV-07 TV-10 TV-11 TV-12 TV-13 TV-15 TV-16 TV-17 TV-18 TV-19 TV-21 TV-22 \
    LF-01 LF-02 LF-03 LF-04 LF-05 LF-08 LF-09 LF-10 LF-12 LF-15 LF-16 CS-01 CS-02 CS-03 CS-05 CS-06 CS-08 RD-01 RD-02 \
    RD-04 LO-02 LO-03 DS-01 DS-02 DS-03 DS-04";

#[test]
fn every_case_of_a_sign_in_has_a_row() {
    let without: Vec<_> = SIGN_IN.split(' ').filter(|id| !TABLE.contains(&format!("\n| {id} | "))).collect();
    assert!(without.is_empty(), "without a row: {without:?}");
}

#[test]
fn every_threat_of_the_table_has_its_tests_and_every_test_is_in_the_table() {
    let listed = listed(TABLE);
    let by_id: BTreeSet<_> = listed.iter().filter_map(Test::with_an_id).collect();
    let written = TESTS.iter().flat_map(|text| written(text)).collect();
    let missing: Vec<_> = BTreeSet::difference(&by_id, &written).collect();
    let unlisted: Vec<_> = BTreeSet::difference(&written, &by_id).collect();
    assert!(!by_id.is_empty());
    assert!(missing.is_empty() && unlisted.is_empty(), "without a test: {missing:?}, not in the table: {unlisted:?}");
    let gone: Vec<_> = listed.iter().filter(|test| !test.is_there()).collect();
    assert!(gone.is_empty(), "not there: {gone:?}");
}

/// The third cell of a row.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    /// A function of this folder, with the id of its row in its name.
    ById(String),
    /// `FILE: NAME`, a function of another file.
    Elsewhere(String, String),
    /// A script, which tells its cases itself.
    Script(String),
    /// `scripts/laboratory: CASE, CASE`, cases of the laboratory that it plays and that hold.
    Laboratory(Vec<String>),
    /// `scripts/attached: LIE, LIE`, lies of attached identities that every stand-in tells, or one.
    Attached(Vec<String>),
}

impl Test {
    pub(super) fn of(id: &str, cell: &str) -> Self {
        let name = cell.trim_matches('`');
        let named =
            |script: &str| name.strip_prefix(script).map(|names| names.split(", ").map(str::to_owned).collect());
        if let Some(cases) = named("scripts/laboratory: ") {
            return Self::Laboratory(cases);
        }
        if let Some(lies) = named("scripts/attached: ") {
            return Self::Attached(lies);
        }
        if let Some((file, name)) = name.split_once(": ") {
            return Self::Elsewhere(file.to_owned(), name.to_owned());
        }
        if name.starts_with("scripts/") {
            return Self::Script(name.to_owned());
        }
        let prefix = id.to_ascii_lowercase().replace('-', "_");
        assert!(name.starts_with(&format!("{prefix}_")), "{id}: {cell}");
        Self::ById(name.to_owned())
    }

    fn with_an_id(&self) -> Option<String> {
        match self {
            Self::ById(name) => Some(name.clone()),
            Self::Elsewhere(..) | Self::Script(_) | Self::Laboratory(_) | Self::Attached(_) => None,
        }
    }

    pub(super) fn is_there(&self) -> bool {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        match self {
            Self::ById(_) => true,
            Self::Script(name) => root.join(name).is_file(),
            Self::Elsewhere(file, name) => {
                std::fs::read_to_string(root.join(file)).is_ok_and(|text| text.contains(&format!("fn {name}(")))
            }
            Self::Laboratory(cases) => {
                let folder = root.join("tests/laboratory");
                cases.iter().all(|case| is_played(&folder, case).is_ok_and(|is_played| is_played))
            }
            Self::Attached(lies) => lies.iter().all(|lie| is_told(lie)),
        }
    }
}

/// Whether a file of cases has this one, and no list of what is still to be built.
fn is_played(laboratory: &Path, case: &str) -> std::io::Result<bool> {
    let pending = std::fs::read_to_string(laboratory.join("pending.mjs"))?;
    let mut is_written = false;
    for file in std::fs::read_dir(laboratory.join("cases"))? {
        let text = std::fs::read_to_string(file?.path())?;
        let Some((_, written)) = text.split_once("\nexport default {") else { continue };
        let keys = [format!("  '{case}': "), format!("  {case}: ")];
        is_written |= written.lines().any(|line| keys.iter().any(|key| line.starts_with(key)));
    }
    Ok(is_written && pending.split_whitespace().all(|word| word != case))
}

/// Whether a table of lies has this one.
fn is_told(lie: &str) -> bool {
    const TABLES: [&str; 2] = [include_str!("../../attached/lies.mjs"), include_str!("../../attached/lies_own.mjs")];
    let forms = [
        format!("'{lie}': ["),
        format!("'{lie}': ("),
        format!("{lie}: ["),
        format!("id: '{lie}',"),
        format!("{{ id: '{lie}',"),
    ];
    TABLES
        .iter()
        .flat_map(|table| table.lines())
        .any(|line| forms.iter().any(|form| line.trim_start().starts_with(form)))
}

/// The rows, `| RS-01 | sentence | test |`, each test once.
fn listed(table: &str) -> BTreeSet<Test> {
    let mut tests = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ")) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [id, _, test] = cells[..] else { panic!("a row has three cells: {row}") };
        let test = Test::of(id, test);
        // A script has many cases.
        let may_come_again = matches!(test, Test::Script(_));
        assert!(tests.insert(test) || may_come_again, "twice: {row}");
    }
    tests
}

/// The functions whose name begins with an id: two letters, two digits.
fn written(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("async fn ")?.split('(').next());
    let is_id = |name: &&str| name.as_bytes()[2] == b'_' && name.as_bytes()[3..5].iter().all(u8::is_ascii_digit);
    names.filter(is_id).map(str::to_owned).collect()
}

#[test]
fn tables_and_tests_are_read_by_their_names() {
    let by_id = listed("| id | what | test |\n|---|---|---|\n| RS-01 | a | `rs_01_b` |\n");
    assert_eq!(by_id.into_iter().collect::<Vec<_>>(), [Test::ById("rs_01_b".to_owned())]);
    let script = listed("| RS-01 | a | `scripts/audit` |\n| RS-01 | b | `scripts/audit` |\n");
    assert!(script.len() == 1 && script.iter().all(Test::is_there));
    let elsewhere = |name: &str| Test::of("TV-01", &format!("`tests/it/raw/threats.rs: {name}`")).is_there();
    assert!(elsewhere("tables_and_tests_are_read_by_their_names") && !elsewhere("nothing"));
    assert!(!Test::of("RS-01", "`scripts/nothing`").is_there());
    let cases = |names: &str| Test::of("TV-01", &format!("`scripts/laboratory: {names}`")).is_there();
    assert!(cases("tv-01, lf-03") && !cases("tv-01, nothing") && !cases("about"));
    let lies = |names: &str| Test::of("TV-01", &format!("`scripts/attached: {names}`")).is_there();
    assert!(lies("signer-other, expired, line-twice, NOT_SET") && !lies("expired, of-no-table") && !lies("about"));
    assert!(std::panic::catch_unwind(|| listed("| RS-02 | a | `rs_01_b` |\n")).is_err());
    assert!(std::panic::catch_unwind(|| listed("| RS-01 | a | `rs_01_b` |\n| RS-01 | c | `rs_01_b` |\n")).is_err());
    assert_eq!(written("async fn rs_01_b() {\nasync fn helper() {\n    async fn rs_02_c() {\n").len(), 1);
}
