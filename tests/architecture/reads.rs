//! What a request reads once is read in one place.

use crate::{Findings, paths::paths, tree::Tree};

/// What reads the cookie line, the session, and what the rules make of somebody, each with the file where it does.
const READERS: &[([&str; 2], &str)] = &[
    (["Cookies", "of"], "gateway/serve.rs"),
    (["Session", "read"], "decide/asker.rs"),
    (["Viewer", "of"], "endpoints/viewing.rs"),
];

/// Commands, benches and made-up input read no request of anybody.
const NOT_OF_A_REQUEST: &[&str] = &["cli/", "demo/", "bench.rs", "fuzzing/"];

/// Each reader is named in its place, once, and nowhere else.
pub(crate) fn once(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for (reader, expected) in READERS {
        let of_requests =
            tree.files.iter().filter(|file| !NOT_OF_A_REQUEST.iter().any(|room| file.path.starts_with(room)));
        let reader = reader.map(str::to_owned);
        let mut files = Vec::new();
        let mut places = Vec::new();
        for file in of_requests {
            for path in paths(&file.shipped).iter().filter(|path| path.segments.ends_with(&reader)) {
                files.push(file.path.as_str());
                places.push(format!("{}:{}", file.path, path.line));
            }
        }
        findings.looked_at += places.len();
        if files != [*expected] {
            let reader = reader.join("::");
            findings.problems.push(format!("`{reader}` is to read in {expected}, once, and reads in {places:?}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each reader where it is expected, with some files replaced.
    fn tree_with(replaced: &[(&str, &str)]) -> Tree {
        let calls: Vec<(&str, String)> =
            READERS.iter().map(|([of, read], place)| (*place, format!("fn f() {{ {of}::{read}(x) }}"))).collect();
        let mut sources: Vec<(&str, &str)> = calls.iter().map(|(place, text)| (*place, text.as_str())).collect();
        sources.retain(|(place, _)| !replaced.iter().any(|(path, _)| path == place));
        sources.extend(replaced);
        Tree::of(&sources)
    }

    #[test]
    fn each_reader_where_it_is_expected_passes_whatever_commands_read() {
        let findings = once(&tree_with(&[("cli/b.rs", "fn f() { Viewer::of(x); Cookies::of(x); Cookies::of(x) }")]));
        assert_eq!((findings.looked_at, findings.problems), (READERS.len(), Vec::new()));
    }

    #[test]
    fn what_is_read_twice_fails() {
        for (path, text) in [
            ("decide/b.rs", "fn f() { Cookies::of(x) }"),
            ("decide/b.rs", "fn f() { crate::identity::Cookies::of(x) }"),
            ("gateway/serve.rs", "fn f() { Cookies::of(x); Cookies::of(x) }"),
        ] {
            assert_eq!(once(&tree_with(&[(path, text)])).problems.len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_is_read_nowhere_or_elsewhere_fails() {
        for text in ["", "fn f() { Cookies::other(x) }", "#[cfg(test)] mod tests { fn f() { Cookies::of(x) } }"] {
            let problems = once(&tree_with(&[("gateway/serve.rs", text)])).problems;
            assert_eq!(problems, ["`Cookies::of` is to read in gateway/serve.rs, once, and reads in []"], "{text}");
        }
        let moved = once(&tree_with(&[("gateway/serve.rs", ""), ("gateway/a.rs", "fn f() {\n Cookies::of(x) }")]));
        assert_eq!(
            moved.problems,
            ["`Cookies::of` is to read in gateway/serve.rs, once, and reads in [\"gateway/a.rs:2\"]"]
        );
    }
}
