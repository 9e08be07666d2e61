//! The Node suites and the scripts, as text: a suite takes from itself and from `tests/shared/` only, and no line is too
//! long to be read beside another.

use std::{collections::BTreeSet, path::Path};

use crate::Findings;

/// The folder that is everybody's.
const SHARED: &str = "shared";
/// What is beside the repository's own files.
const NOT_OURS: &[&str] = &["node_modules", "target"];
const LINE_CHARACTERS_MAX: usize = 120;

/// A text file: its path from the root, and what is in it.
#[derive(Debug)]
pub(crate) struct Script {
    path: String,
    text: String,
}

/// A program of one suite that another one starts, and takes no code of.
#[derive(Debug)]
pub(crate) struct Program {
    /// The file that starts it.
    pub(crate) by: &'static str,
    /// The program.
    pub(crate) path: &'static str,
    /// Why it is not in `tests/shared/`.
    pub(crate) reason: &'static str,
}

/// The programs of the suites: what Node runs.
pub(crate) fn suites(root: &Path) -> Vec<Script> {
    let mut found = Vec::new();
    read(root, &root.join("tests"), &is_for_node, &mut found);
    found
}

fn is_for_node(name: &str) -> bool {
    [".mjs", ".js", ".cjs"].iter().any(|ending| name.ends_with(ending))
}

/// The shell scripts, whatever their names.
pub(crate) fn shell(root: &Path) -> Vec<Script> {
    let mut found = Vec::new();
    for folder in [".ci", "scripts"] {
        read(root, &root.join(folder), &|_| true, &mut found);
    }
    read(root, &root.join("certs"), &|name| name == "make", &mut found);
    found
}

/// No suite imports a file of another, or names one: what two use is in `tests/shared/`. Some programs may be started.
pub(crate) fn share_only_what_is_shared(suites: &[Script], programs: &[Program]) -> Findings {
    let mut findings = Findings::default();
    let known: BTreeSet<&str> = suites.iter().filter_map(|script| suite_of(&script.path)).collect();
    let mut started = vec![false; programs.len()];
    for Script { path, text } in suites {
        let Some(own) = suite_of(path) else { continue };
        for Named { line, name, is_import } in names_of_files(&without_comments(text)) {
            findings.looked_at += 1;
            let target = if name.starts_with('.') { resolved(path, name) } else { Some(name.to_owned()) };
            let suite = target.as_deref().and_then(suite_of);
            let is_elsewhere = is_import || suite.is_some_and(|suite| known.contains(suite));
            if !is_elsewhere || suite.is_some_and(|suite| suite == own || suite == SHARED) {
                continue;
            }
            let is_listed = |program: &Program| program.by == path && target.as_deref() == Some(program.path);
            match programs.iter().position(is_listed).filter(|_| !is_import) {
                Some(listed) => started[listed] = true,
                None => findings.problems.push(format!("{path}:{line}: `{name}` is another suite's")),
            }
        }
    }
    let stale = programs.iter().zip(started).filter(|(_, is_started)| !is_started);
    findings.problems.extend(stale.map(|(program, _)| format!("stale exception, take it out: {program:?}")));
    let unexplained = programs.iter().filter(|program| program.reason.is_empty());
    findings.problems.extend(unexplained.map(|program| format!("exception without a reason: {program:?}")));
    findings
}

/// No line is over the width.
pub(crate) fn widths<'a>(scripts: impl IntoIterator<Item = &'a Script>) -> Findings {
    let mut findings = Findings::default();
    for Script { path, text } in scripts {
        for (index, line) in text.lines().enumerate() {
            findings.looked_at += 1;
            let width = line.chars().count();
            if width > LINE_CHARACTERS_MAX {
                let number = index + 1;
                findings.problems.push(format!("{path}:{number}: {width} characters, at most {LINE_CHARACTERS_MAX}"));
            }
        }
    }
    findings
}

/// `tests/SUITE`, and what is in it.
fn suite_of(path: &str) -> Option<&str> {
    path.strip_prefix("tests/")?.split('/').next()
}

/// A text that may be a file's name.
struct Named<'a> {
    line: usize,
    name: &'a str,
    /// Whether it stands behind a word that takes code of it.
    is_import: bool,
}

/// The text, with the lines that are comments empty.
fn without_comments(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().map(|line| Some(line).filter(is_code).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Every text in quotes that begins as a relative name does, or at the root with `tests/`.
fn names_of_files(text: &str) -> Vec<Named<'_>> {
    const IMPORTS: &[&str] = &["from", "import", "import(", "require(", "require.resolve("];
    let mut found = Vec::new();
    let (mut before, mut line) = ("", 1);
    // Only what has a mark on both sides is a text; which mark it is, or whether a text has others in it, does not matter here.
    let parts: Vec<&str> = text.split(['\'', '"', '`']).collect();
    for (index, part) in parts.iter().enumerate() {
        let is_between = index > 0 && index + 1 < parts.len();
        let is_name = ["./", "../", "tests/"].iter().any(|start| part.starts_with(start)) || *part == "..";
        if is_between && is_name {
            let is_import = !part.starts_with("tests/") && IMPORTS.iter().any(|word| before.trim_end().ends_with(word));
            found.push(Named { line, name: part, is_import });
        }
        line += part.matches('\n').count();
        before = part;
    }
    found
}

/// Where a relative name leads, from the root; nowhere above it.
fn resolved(path: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn read(root: &Path, folder: &Path, is_wanted: &dyn Fn(&str) -> bool, found: &mut Vec<Script>) {
    let entries = std::fs::read_dir(folder).expect("the folder is part of the repository");
    for entry in entries {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            read(root, &path, is_wanted, found);
        } else if is_wanted(&name) {
            let text = std::fs::read_to_string(&path).expect("a script is UTF-8");
            let path = path.strip_prefix(root).expect("it is below the root").to_string_lossy().into_owned();
            found.push(Script { path, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Vec<Script> {
        vec![Script { path: "tests/wire/parts/run.mjs".to_owned(), text: text.to_owned() }]
    }

    const PROGRAM: Program = Program { by: "tests/wire/parts/run.mjs", path: "tests/bench/run.mjs", reason: "a suite" };

    fn beside_bench(text: &str) -> Vec<Script> {
        let other = Script { path: "tests/bench/x.mjs".to_owned(), text: String::new() };
        script(text).into_iter().chain([other]).collect()
    }

    /// What is wrong with a script beside a suite `bench`, of which one program may be started.
    fn problems(text: &str) -> Vec<String> {
        let problems = share_only_what_is_shared(&beside_bench(text), &[PROGRAM]).problems;
        problems.into_iter().filter(|problem| !problem.starts_with("stale")).collect()
    }

    #[test]
    fn own_shared_and_foreign_packages_pass() {
        let text = "import { a } from '../cases.mjs';\nimport './b.mjs';\nimport fs from 'node:fs';\n\
                    import { c } from '../../shared/c.mjs';\nconst d = await import('../d.mjs');\n\
                    // import x from '../../bench/x.mjs'; a 'b' '../../bench/x.mjs'\nconst path = '../../fixtures/names';\n\
                    const { d } = require('../d.cjs');\nconst crypto = require('node:crypto');\n\
                    new URL('../data/e.json', import.meta.url);\nnew URL('../../elsewhere/x', page.url);\n\
                    path.join(here, '../..');\nconst shown = '../..' + name;\nrequire('../../shared/f.cjs');\n\
                    const run = path.join(here, '../../bench/run.mjs');\n'tests/wire/run.mjs';\n'tests/fixtures/names'";
        assert_eq!(problems(text), Vec::<String>::new());
    }

    #[test]
    fn an_import_of_another_suite_fails_however_it_is_written() {
        for line in [
            "import { x } from '../../bench/x.mjs';",
            "import '../../bench/x.mjs';",
            "export { x } from \"../../bench/x.mjs\";",
            "const x = await import('../../bench/x.mjs');",
            "} from '../../bench/x.mjs';",
            "const x = require('../../bench/x.mjs');",
            "const x = require.resolve(\"../../bench/x.mjs\");",
            "const x = await import(`../../bench/x.mjs`);",
            "const x = await import( '../../bench/x.mjs' );",
            "const x = new URL('../../bench/x.mjs', import.meta.url);",
            "const x = new URL(\"../../bench/x.mjs\",import.meta.url);",
            "const x = path.join(import.meta.dirname, '../../bench/x.mjs');",
            "const x = path.resolve(__dirname, `../../bench/x.mjs`);",
            "const x = it ? 'don\\'t' : fs.readFileSync('../../bench/x.mjs');",
        ] {
            assert_eq!(
                problems(line),
                ["tests/wire/parts/run.mjs:1: `../../bench/x.mjs` is another suite's"],
                "{line}"
            );
        }
        assert_eq!(problems("import x from '../../../scripts/x.mjs';").len(), 1, "outside the suites");
        for line in ["const x = new URL('../../bench', import.meta.url);", "const x = path.join(here, '../../bench/');"]
        {
            assert_eq!(problems(line).len(), 1, "a whole folder: {line}");
        }
        assert_eq!(problems("spawn('node', ['tests/bench/x.mjs'])").len(), 1, "from the root");
        assert_eq!(problems("await import(`../../${name}/x.mjs`)").len(), 1, "who knows where");
    }

    #[test]
    fn an_import_over_several_lines_is_seen() {
        for text in [
            "await import(\n  '../../bench/x.mjs'\n);",
            "import {\n  x,\n} from\n  '../../bench/x.mjs';",
            "new URL(\n  '../../bench/x.mjs',\n  import.meta.url,\n)",
        ] {
            assert_eq!(problems(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_program_may_be_started_but_not_imported_and_only_while_it_is() {
        let of = |text: &str| share_only_what_is_shared(&beside_bench(text), &[PROGRAM]).problems;
        assert_eq!(of("spawn('node', [new URL('../../bench/run.mjs', import.meta.url)]);"), Vec::<String>::new());
        assert_eq!(of("spawn('node', ['../../bench/run.mjs']); require('../../bench/run.mjs');").len(), 1);
        assert!(matches!(&of("")[..], [problem] if problem.starts_with("stale")));
    }

    #[test]
    fn every_ending_that_node_runs_is_a_program_of_a_suite() {
        for (name, is_one) in [("a.mjs", true), ("a.js", true), ("a.cjs", true), ("a.json", false), ("a.rs", false)] {
            assert_eq!(is_for_node(name), is_one, "{name}");
        }
    }

    #[test]
    fn what_is_shared_takes_nothing_of_a_suite() {
        let shared =
            Script { path: "tests/shared/a.mjs".to_owned(), text: "import b from '../wire/b.mjs';".to_owned() };
        assert_eq!(share_only_what_is_shared(&[shared], &[]).problems.len(), 1);
    }

    #[test]
    fn a_line_at_the_width_passes_and_one_character_more_fails() {
        assert_eq!(widths(&script(&"é".repeat(120))).problems, Vec::<String>::new());
        let problems = widths(&script(&"é".repeat(121))).problems;
        assert_eq!(problems, ["tests/wire/parts/run.mjs:1: 121 characters, at most 120"]);
    }
}
