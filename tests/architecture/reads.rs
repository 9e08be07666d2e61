//! What a request reads once is read in one place.

use crate::{Findings, paths::paths, tree::Tree};

/// What reads the cookie line, the session, and what the rules make of somebody.
const READERS: &[[&str; 2]] = &[["Cookies", "of"], ["Session", "read"], ["Viewer", "of"]];

/// Commands and benches read no request of anybody.
const NOT_OF_A_REQUEST: &[&str] = &["cli/", "demo/", "bench.rs"];

/// Each reader is named in one place at most.
pub(crate) fn once(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for reader in READERS {
        let of_requests =
            tree.files.iter().filter(|file| !NOT_OF_A_REQUEST.iter().any(|room| file.path.starts_with(room)));
        let reader = reader.map(str::to_owned);
        let mut places = Vec::new();
        for file in of_requests {
            let named = paths(&file.shipped).into_iter().filter(|path| path.segments.ends_with(&reader));
            places.extend(named.map(|path| format!("{}:{}", file.path, path.line)));
        }
        findings.looked_at += places.len();
        if places.len() > 1 {
            findings.problems.push(format!("`{}` reads in {} places: {places:?}", reader.join("::"), places.len()));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_twice_fails_and_what_commands_read_does_not() {
        let twice = [("gateway/a.rs", "fn f() { Cookies::of(x); }"), ("decide/b.rs", "fn f() { Cookies::of(x) }")];
        assert_eq!(once(&Tree::of(&twice)).problems.len(), 1);
        let fine = [("gateway/a.rs", "fn f() { Viewer::of(x); }"), ("cli/b.rs", "fn f() { Viewer::of(x) }")];
        assert_eq!(once(&Tree::of(&fine)).problems, Vec::<String>::new());
    }
}
