//! Words that stay out: left-overs in shipped code, paths of one machine anywhere.

use std::path::Path;

use crate::{Findings, tokens::Placed, tree::Tree};

/// Macros that mark unfinished work.
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];
/// Macros that print; only the command line talks to a person.
const PRINTING: &[&str] = &["println", "print", "eprintln", "eprint"];
const MAY_PRINT: &[&str] = &["cli", "main"];

/// Starts of paths that exist on one machine only; split, so that this file does not find itself.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tmp/w", "t/"),
];
/// What is beside the repository's own files; `.git` is a file in a worktree.
const NOT_OURS: &[&str] = &["target", ".git", "node_modules"];
/// What is looked through.
const TEXT: &[&str] = &["rs", "md", "toml", "js", "mjs", "json", "html", "css", "sh", "yml", "yaml", "lock", ""];

/// No `.unwrap()`, `todo!` or print in shipped code.
pub(crate) fn left_over(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in &tree.files {
        findings.looked_at += file.shipped.len();
        for (index, placed) in file.shipped.iter().enumerate() {
            let Some(word) = placed.word() else { continue };
            let next = file.shipped.get(index + 1);
            let is_macro = next.is_some_and(|next| next.is_mark('!'));
            let may_print = MAY_PRINT.contains(&file.stage());
            let is_left = is_macro && (UNFINISHED.contains(&word) || PRINTING.contains(&word) && !may_print);
            if is_left || is_unwrap(&file.shipped, index) {
                findings.problems.push(format!("{}:{}: `{word}`", file.path, placed.line));
            }
        }
    }
    findings
}

/// No path of one machine in any text of the repository.
pub(crate) fn machine_paths(root: &Path) -> Findings {
    let mut findings = Findings::default();
    look_through(root, root, &mut findings);
    findings
}

fn is_unwrap(tokens: &[Placed], at: usize) -> bool {
    let is_call = tokens.get(at + 1).is_some_and(|next| next.is_mark('('));
    let is_method = at > 0 && tokens[at - 1].is_mark('.');
    tokens[at].is_word("unwrap") && is_call && is_method
}

fn look_through(root: &Path, folder: &Path, findings: &mut Findings) {
    let entries = std::fs::read_dir(folder).expect("the folder is part of the repository");
    for entry in entries {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let extension = path.extension().map(|ext| ext.to_string_lossy().into_owned()).unwrap_or_default();
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            look_through(root, &path, findings);
        } else if TEXT.contains(&extension.as_str()) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            findings.looked_at += 1;
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            findings.problems.extend(machine_paths_in(&shown, &text));
        }
    }
}

fn machine_paths_in(file: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let bad = lines.filter(|(_, line)| MACHINE_PATHS.iter().any(|path| line.contains(path)));
    bad.map(|(index, line)| format!("{file}:{}: {}", index + 1, line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        left_over(&Tree::of(&[(path, text)])).problems
    }

    #[test]
    fn left_overs_fail_outside_tests() {
        assert_eq!(problems("a.rs", "fn f() {\n x.unwrap() }"), ["a.rs:2: `unwrap`"]);
        assert_eq!(problems("a.rs", "fn f() { todo!() }"), ["a.rs:1: `todo`"]);
        assert_eq!(problems("a.rs", "fn f() { dbg!(x) }"), ["a.rs:1: `dbg`"]);
        assert_eq!(problems("a.rs", "fn f() { println!() }"), ["a.rs:1: `println`"]);
    }

    #[test]
    fn tests_comments_and_near_names_pass() {
        let text =
            "// x.unwrap()\nfn f() { x.unwrap_or(1); \"todo!()\"; }\n#[cfg(test)] mod tests { fn t() { x.unwrap() } }";
        assert_eq!(problems("a.rs", text), Vec::<String>::new());
    }

    #[test]
    fn the_command_line_prints_but_does_not_unwrap() {
        assert_eq!(problems("cli/mod.rs", "fn f() { println!() }"), Vec::<String>::new());
        assert_eq!(problems("cli/mod.rs", "fn f() { x.unwrap() }"), ["cli/mod.rs:1: `unwrap`"]);
    }

    #[test]
    fn a_path_of_one_machine_fails() {
        let text = format!("see {}ana/notes", MACHINE_PATHS[0]);
        assert_eq!(machine_paths_in("a.md", &text).len(), 1);
        assert_eq!(machine_paths_in("a.md", "see /workbook/ and docs/"), Vec::<String>::new());
    }
}
