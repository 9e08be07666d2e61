//! The Node suites and the scripts, as text: a suite takes from itself and from `tests/shared/` only, and no line is too
//! long to be read beside another.

use std::path::Path;

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

/// The programs of the suites: what Node runs.
pub(crate) fn suites(root: &Path) -> Vec<Script> {
    let mut found = Vec::new();
    read(root, &root.join("tests"), &|name| name.ends_with(".mjs") || name.ends_with(".js"), &mut found);
    found
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

/// No suite imports a file of another: what two use is in `tests/shared/`.
pub(crate) fn share_only_what_is_shared(suites: &[Script]) -> Findings {
    let mut findings = Findings::default();
    for Script { path, text } in suites {
        let Some(own) = suite_of(path) else { continue };
        for (number, specifier) in imports(text) {
            findings.looked_at += 1;
            let imported = resolved(path, specifier);
            let is_fine = imported.as_deref().and_then(suite_of).is_some_and(|other| other == own || other == SHARED);
            if !is_fine {
                findings.problems.push(format!("{path}:{number}: `{specifier}` is another suite's"));
            }
        }
    }
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

/// `tests/SUITE/…`.
fn suite_of(path: &str) -> Option<&str> {
    let (suite, _) = path.strip_prefix("tests/")?.split_once('/')?;
    Some(suite)
}

/// The relative names behind `from`, `import` and `import(`, each with its line.
fn imports(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.flat_map(|(index, line)| quoted(line).into_iter().map(move |name| (index + 1, name))).collect()
}

fn quoted(line: &str) -> Vec<&str> {
    const BEFORE: &[&str] = &["from ", "import ", "import("];
    let parts: Vec<&str> = line.split(['\'', '"', '`']).collect();
    let named = parts.windows(2).filter(|pair| BEFORE.iter().any(|word| pair[0].ends_with(word)));
    named.map(|pair| pair[1]).filter(|name| name.starts_with('.')).collect()
}

/// Where a relative name leads, from the root; nowhere above it.
fn resolved(path: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
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

    fn problems(text: &str) -> Vec<String> {
        share_only_what_is_shared(&script(text)).problems
    }

    #[test]
    fn own_shared_and_foreign_packages_pass() {
        let text = "import { a } from '../cases.mjs';\nimport './b.mjs';\nimport fs from 'node:fs';\n\
                    import { c } from '../../shared/c.mjs';\nconst d = await import('../d.mjs');\n\
                    // import x from '../../bench/x.mjs';\nconst path = '../../fixtures/names';";
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
        ] {
            assert_eq!(
                problems(line),
                ["tests/wire/parts/run.mjs:1: `../../bench/x.mjs` is another suite's"],
                "{line}"
            );
        }
        assert_eq!(problems("import x from '../../../scripts/x.mjs';").len(), 1, "outside the suites");
    }

    #[test]
    fn what_is_shared_takes_nothing_of_a_suite() {
        let shared =
            Script { path: "tests/shared/a.mjs".to_owned(), text: "import b from '../wire/b.mjs';".to_owned() };
        assert_eq!(share_only_what_is_shared(&[shared]).problems.len(), 1);
    }

    #[test]
    fn a_line_at_the_width_passes_and_one_character_more_fails() {
        assert_eq!(widths(&script(&"é".repeat(120))).problems, Vec::<String>::new());
        let problems = widths(&script(&"é".repeat(121))).problems;
        assert_eq!(problems, ["tests/wire/parts/run.mjs:1: 121 characters, at most 120"]);
    }
}
