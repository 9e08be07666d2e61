//! `docs/ADVISORIES.md` has one row for each published attack, and names tests that are there.

use super::threats::Test;

const TABLE: &str = include_str!("../../../docs/ADVISORIES.md");

/// Each group of attacks, and how many of them are known.
const GROUPS: [(char, usize); 6] = [('R', 24), ('H', 28), ('L', 20), ('S', 21), ('J', 19), ('I', 15)];

#[test]
fn every_published_attack_has_one_row_whose_tests_are_there() {
    let rows: Vec<(&str, Vec<Test>)> = TABLE.lines().filter_map(row).collect();
    let ids: Vec<_> = rows.iter().map(|(id, _)| (*id).to_owned()).collect();
    let known = GROUPS.iter().flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}{number:02}")));
    assert_eq!(ids, known.collect::<Vec<_>>());
    let gone: Vec<_> = rows.iter().filter(|(_, tests)| tests.is_empty() || !tests.iter().all(Test::is_there)).collect();
    assert!(gone.is_empty(), "not there: {gone:#?}");
}

/// A row, `| L01 | attack | what holds | `test`, `test` |`.
fn row(line: &'static str) -> Option<(&'static str, Vec<Test>)> {
    let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let [id, _, _, tests] = cells[..] else { panic!("a row has four cells: {line}") };
    (id != "id").then(|| (id, tests.split("`, `").map(|test| Test::of(id, test)).collect()))
}
