//! The shape of the code, as tests: which stage may name which, what pure code never names, circles, sizes,
//! names, words.
//!
//! The rules read `src/` as text (tokens, no compiler), so they see what a person sees. Each rule is a plain function
//! over a [`Tree`] with its own passing and failing samples beside it; a rule that finds nothing to look at fails.

#[path = "architecture/attributed.rs"]
mod attributed;
#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/direction.rs"]
mod direction;
#[path = "architecture/framing.rs"]
mod framing;
#[path = "architecture/methods.rs"]
mod methods;
#[path = "architecture/names.rs"]
mod names;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/purity.rs"]
mod purity;
#[path = "architecture/reads.rs"]
mod reads;
#[path = "architecture/rooms.rs"]
mod rooms;
#[path = "architecture/sizes.rs"]
mod sizes;
#[path = "architecture/suites.rs"]
mod suites;
#[path = "architecture/tokens.rs"]
mod tokens;
#[path = "architecture/tree.rs"]
mod tree;
#[path = "architecture/words.rs"]
mod words;

use tree::Tree;

/// Functions over the cap, each with the lines it may have and why. A stale or outgrown entry fails.
const LONG_FUNCTIONS: &[sizes::LongFunction] = &[];

/// Names that may stand for more than one type, with the reason why. None does.
const SHARED_NAMES: &[&str] = &[];

/// Programs of a suite that another suite starts.
const STARTED: &[suites::Program] = &[
    suites::Program {
        by: "tests/leaks/browsers.mjs",
        path: "tests/browser/run.mjs",
        reason: "the whole browser suite, over a gateway that logs everything",
    },
    suites::Program {
        by: "tests/upstreams/ntlm.mjs",
        path: "tests/ntlm/app.mjs",
        reason: "an application with packages of its own, which suites that need none of them do not install",
    },
];

/// What a rule found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// How many things the rule looked at; none means that the rule is blind.
    pub(crate) looked_at: usize,
    /// One line for each thing that breaks the rule.
    pub(crate) problems: Vec<String>,
}

impl Findings {
    /// Panics with every problem, or where there was nothing to look at.
    #[track_caller]
    fn assert_clean(&self) {
        assert!(self.looked_at > 0, "the rule found nothing to check");
        assert!(self.problems.is_empty(), "{} problem(s):\n{}", self.problems.len(), self.problems.join("\n"));
    }
}

fn source() -> Tree {
    Tree::read(&repository().join("src"))
}

fn repository() -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_stage_names_only_stages_before_it() {
    direction::stages(&source()).assert_clean();
}

#[test]
fn the_stand_ins_share_no_code_with_what_they_check() {
    direction::stand_ins(&source()).assert_clean();
}

#[test]
fn pure_stages_never_name_io() {
    purity::pure_stages(&source()).assert_clean();
}

#[test]
fn every_dependency_is_known_as_io_or_as_values() {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).expect("it is UTF-8");
    purity::dependencies(&manifest).assert_clean();
}

#[test]
fn moka_is_named_in_one_file() {
    rooms::named_in_one_file(&source(), "moka").assert_clean();
}

#[test]
fn nobody_but_the_scribe_names_log_and_metrics() {
    rooms::books(&source()).assert_clean();
}

#[test]
fn cookies_session_and_rules_are_read_in_one_place() {
    reads::once(&source()).assert_clean();
}

#[test]
fn only_system_names_the_clocks_of_the_libraries() {
    rooms::monotonic_clocks(&source()).assert_clean();
}

#[test]
fn only_one_file_says_how_long_an_answer_is() {
    framing::lengths(&source()).assert_clean();
}

#[test]
fn no_import_circle_between_files_or_folders() {
    circles::circles(&source()).assert_clean();
}

#[test]
fn glob_imports_of_our_own_modules_stay_in_tests() {
    direction::globs(&source()).assert_clean();
}

#[test]
fn files_fit_the_cap() {
    sizes::files(&source()).assert_clean();
    sizes::files(&Tree::read(&repository().join("tests"))).assert_clean();
}

#[test]
fn functions_fit_a_screen() {
    sizes::functions(&source(), LONG_FUNCTIONS).assert_clean();
    sizes::functions(&Tree::read(&repository().join("tests")), &[]).assert_clean();
}

#[test]
fn bounds_are_in_one_folder() {
    sizes::bounds(&source()).assert_clean();
    sizes::public_bounds(&source(), &Tree::read(&repository().join("tests/it"))).assert_clean();
}

#[test]
fn a_name_stands_for_one_type() {
    names::types(&source(), SHARED_NAMES).assert_clean();
}

#[test]
fn no_unwrap_todo_or_print_outside_tests() {
    words::left_over(&source()).assert_clean();
}

#[test]
fn no_machine_paths_in_the_repository() {
    words::machine_paths(&repository()).assert_clean();
}

#[test]
fn suites_take_from_themselves_and_from_what_is_shared() {
    suites::share_only_what_is_shared(&suites::suites(&repository()), STARTED).assert_clean();
}

#[test]
fn lines_of_suites_and_scripts_fit_the_width() {
    suites::widths(&suites::suites(&repository())).assert_clean();
    suites::widths(&suites::shell(&repository())).assert_clean();
}

#[test]
fn a_rule_that_sees_nothing_fails() {
    let empty = Tree::of(&[]);
    let blind = [
        direction::stages(&empty),
        direction::stand_ins(&empty),
        direction::globs(&empty),
        purity::pure_stages(&empty),
        purity::dependencies(""),
        rooms::named_in_one_file(&empty, "moka"),
        rooms::books(&empty),
        reads::once(&empty),
        rooms::monotonic_clocks(&empty),
        framing::lengths(&empty),
        circles::circles(&empty),
        names::types(&empty, &[]),
        sizes::files(&empty),
        sizes::bounds(&empty),
        sizes::functions(&empty, &[]),
        words::left_over(&empty),
        suites::share_only_what_is_shared(&[], &[]),
        suites::widths(&[]),
    ];
    for findings in blind {
        assert!(findings.looked_at == 0 || !findings.problems.is_empty(), "{findings:?}");
    }
}
