//! Files and functions have a cap. A longer function needs a named exception, which may not grow and may not go stale.

use crate::{
    Findings,
    tokens::{Placed, Token, behind_closing},
    tree::Tree,
};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// A function that may be longer than the cap.
#[derive(Debug)]
pub(crate) struct LongFunction {
    /// Its file below `src/`.
    pub(crate) file: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The lines that it has; more fail.
    pub(crate) lines_max: usize,
    /// Why it is better long.
    pub(crate) reason: &'static str,
}

/// No file is longer than the cap.
pub(crate) fn files(tree: &Tree) -> Findings {
    let mut findings = Findings { looked_at: tree.files.len(), problems: Vec::new() };
    for file in &tree.files {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            findings.problems.push(format!("{}: {lines} lines, at most {FILE_LINES_MAX}", file.path));
        }
    }
    findings
}

/// No function is longer than the cap, but for the exceptions, which are all needed.
pub(crate) fn functions(tree: &Tree, exceptions: &[LongFunction]) -> Findings {
    let mut findings = Findings::default();
    let mut used = vec![false; exceptions.len()];
    for file in &tree.files {
        for found in measured(&file.tokens) {
            findings.looked_at += 1;
            if found.lines <= FUNCTION_LINES_MAX {
                continue;
            }
            let listed = exceptions.iter().position(|listed| listed.file == file.path && listed.name == found.name);
            let lines_max = listed.map_or(FUNCTION_LINES_MAX, |index| exceptions[index].lines_max);
            if let Some(index) = listed {
                used[index] = true;
            }
            if found.lines > lines_max {
                let Measured { name, line, lines } = found;
                findings
                    .problems
                    .push(format!("{}:{line}: `{name}` has {lines} lines, at most {lines_max}", file.path));
            }
        }
    }
    let stale = exceptions.iter().zip(used).filter(|(_, is_used)| !is_used);
    findings.problems.extend(stale.map(|(listed, _)| format!("stale exception, take it out: {listed:?}")));
    let unexplained = exceptions.iter().filter(|listed| listed.reason.is_empty());
    findings.problems.extend(unexplained.map(|listed| format!("exception without a reason: {listed:?}")));
    findings
}

struct Measured {
    name: String,
    line: usize,
    lines: usize,
}

/// Every function with a body.
fn measured(tokens: &[Placed]) -> Vec<Measured> {
    let starts = (0..tokens.len()).filter(|at| tokens[*at].is_word("fn"));
    starts.filter_map(|at| measure(tokens, at)).collect()
}

fn measure(tokens: &[Placed], start: usize) -> Option<Measured> {
    let name = tokens.get(start + 1)?.word()?.to_owned();
    let mut at = start + 2;
    while at < tokens.len() {
        match tokens[at].token {
            Token::Mark('(' | '[') => at = behind_closing(tokens, at),
            Token::Mark(';') => return None,
            Token::Mark('{') => {
                let line = tokens[start].line;
                let last = tokens[behind_closing(tokens, at) - 1].line;
                return Some(Measured { name, line, lines: last - line + 1 });
            }
            Token::Word(_) | Token::PathSeparator | Token::Mark(_) | Token::Literal(_) => at += 1,
        }
    }
    None
}

/// How the name of a bound ends.
const BOUNDS: &[&str] = &[
    "_MAX",
    "_MIN",
    "_TIMEOUT",
    "_PAUSE",
    "_LONGEST",
    "_SHORTEST",
    "_BYTES",
    "_AGE",
    "_GRACE",
    "_LEEWAY",
    "BURST",
    "BACKLOG",
];
/// Grammars, each with the lengths that its standard or its own form fixes.
const STANDARDS: &[&str] = &[
    "embed/token.rs",
    "identity/email.rs",
    "identity/session/seal/mod.rs",
    "request/host.rs",
    "request/http2/field_block.rs",
    "request/http2/head_frames.rs",
    "request/proxy_header.rs",
    "rewrite/landmarks.rs",
    "rewrite/media/sniff.rs",
];

/// What bounds nothing of the gateway: the stand-ins, what benches count, and the sizes of made-up input.
const OTHERS: &[&str] = &["bench", "demo", "fuzzing"];

/// Whether the value of a constant, of which `tokens` begin with the name, is made of a bound: then it is none of its own.
fn is_of_a_bound(tokens: &[Placed]) -> bool {
    let value = tokens.iter().take_while(|token| !matches!(token.token, Token::Mark(';'))).skip(1);
    value.filter_map(Placed::word).any(is_bound)
}

fn is_bound(name: &str) -> bool {
    BOUNDS.iter().any(|end| name.ends_with(end))
}

/// Bounds are in one folder, where it is said what happens there.
pub(crate) fn bounds(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files.iter().filter(|file| !OTHERS.contains(&file.stage())) {
        let is_room = file.stage() == "limits" || STANDARDS.contains(&file.path.as_str());
        for (at, pair) in file.shipped.windows(2).enumerate().filter(|(_, pair)| pair[0].is_word("const")) {
            let Some(name) = pair[1].word().filter(|name| is_bound(name)) else { continue };
            findings.looked_at += 1;
            if !is_room && !is_of_a_bound(&file.shipped[at + 1..]) {
                findings.problems.push(format!("{}:{}: `{name}` is a bound outside limits/", file.path, pair[1].line));
            }
        }
    }
    findings
}

/// A bound is public where a test outside of the crate names it: of any other the compiler says when nobody does.
pub(crate) fn public_bounds(tree: &Tree, tests: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files.iter().filter(|file| file.stage() == "limits") {
        for three in file.shipped.windows(3).filter(|three| three[0].is_word("pub") && three[1].is_word("const")) {
            let Some(name) = three[2].word() else { continue };
            findings.looked_at += 1;
            if !tests.files.iter().any(|file| file.tokens.iter().any(|token| token.is_word(name))) {
                findings.problems.push(format!("{}:{}: no test names `{name}`: pub(crate)", file.path, three[2].line));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_bound_that_no_test_names_fails() {
        let tree = Tree::of(&[("limits/page.rs", "pub const A_MAX: u8 = 1; pub(crate) const B_MAX: u8 = 2;")]);
        let of = |test: &str| public_bounds(&tree, &Tree::of(&[("it/a.rs", test)]));
        let named = of("use x::limits::A_MAX;");
        assert_eq!((named.looked_at, named.problems), (1, Vec::new()));
        assert_eq!(of("use x::limits::B_MAX;").problems, ["limits/page.rs:1: no test names `A_MAX`: pub(crate)"]);
    }

    #[test]
    fn a_bound_outside_its_file_fails_and_those_of_standards_and_stand_ins_pass() {
        let of = |path: &str| bounds(&Tree::of(&[(path, "const FORM: u8 = 1;\nconst WAIT_MAX: u64 = 2;")])).problems;
        assert_eq!(of("connect/pool.rs"), ["connect/pool.rs:2: `WAIT_MAX` is a bound outside limits/"]);
        for path in ["limits/listen.rs", "request/host.rs", "demo/serve.rs", "fuzzing/html.rs", "bench.rs"] {
            assert_eq!(of(path), Vec::<String>::new());
        }
        let of = |text: &str| bounds(&Tree::of(&[("connect/pool.rs", text)])).problems.len();
        for name in ["BURST", "LINE_KEPT_BYTES", "ASSET_AGE", "RECHECK_GRACE", "IDLE_SHORTEST", "CLOCK_LEEWAY"] {
            assert_eq!(of(&format!("const {name}: u64 = 1;")), 1, "{name}");
        }
        assert_eq!(of("const LIST_BYTES: u32 = limits::HEAD_BYTES_MAX as u32;"), 0, "of a bound");
    }

    fn function_of(lines: usize) -> String {
        format!("pub fn long(x: [u8; 3]) -> u8\n{{\n{}}}\n", "x;\n".repeat(lines - 3))
    }

    fn exception(lines_max: usize) -> LongFunction {
        LongFunction { file: "a.rs", name: "long", lines_max, reason: "a table" }
    }

    #[test]
    fn a_file_at_the_cap_passes_and_one_line_more_fails() {
        let cap = "\n".repeat(400);
        let over = "\n".repeat(401);
        assert_eq!(files(&Tree::of(&[("a.rs", &cap)])).problems, Vec::<String>::new());
        assert_eq!(files(&Tree::of(&[("a.rs", &over)])).problems, ["a.rs: 401 lines, at most 400"]);
    }

    #[test]
    fn a_function_at_the_cap_passes_and_one_line_more_fails() {
        let at_cap = function_of(70);
        let over = function_of(71);
        assert_eq!(functions(&Tree::of(&[("a.rs", &at_cap)]), &[]).problems, Vec::<String>::new());
        let problems = functions(&Tree::of(&[("a.rs", &over)]), &[]).problems;
        assert_eq!(problems, ["a.rs:1: `long` has 71 lines, at most 70"]);
    }

    #[test]
    fn an_exception_may_not_grow() {
        let text = function_of(80);
        assert_eq!(functions(&Tree::of(&[("a.rs", &text)]), &[exception(80)]).problems, Vec::<String>::new());
        assert_eq!(functions(&Tree::of(&[("a.rs", &text)]), &[exception(79)]).problems.len(), 1);
    }

    #[test]
    fn a_stale_exception_fails() {
        let text = function_of(70);
        let problems = functions(&Tree::of(&[("a.rs", &text)]), &[exception(80)]).problems;
        assert!(problems[0].starts_with("stale exception"), "{problems:?}");
    }

    #[test]
    fn a_declaration_without_a_body_is_no_function() {
        let found = functions(&Tree::of(&[("a.rs", "trait T { fn f(&self); } type F = fn(u8) -> u8;")]), &[]);
        assert_eq!(found.looked_at, 0);
    }
}
