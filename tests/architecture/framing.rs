//! The length of an answer is said in one place, where its body is known.

use crate::{Findings, tree::Tree};

/// Stages through which answers pass.
const ANSWERING: &[&str] = &["forward", "rewrite", "reply", "listen", "gateway"];
/// The one file that says how long an answer is.
const FRAMING: &str = "forward/framing.rs";

/// No other file of these stages names `Content-Length`.
pub(crate) fn lengths(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files.iter().filter(|file| ANSWERING.contains(&file.stage())) {
        let has_name = file.shipped.iter().any(|placed| placed.word() == Some("CONTENT_LENGTH"));
        findings.looked_at += usize::from(file.path == FRAMING && has_name);
        if file.path != FRAMING && has_name {
            findings.problems.push(format!("{}: only {FRAMING} says how long an answer is", file.path));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_in_another_file_fails() {
        let framing = (FRAMING, "use http::header::CONTENT_LENGTH;");
        for (text, expected) in [
            ("headers.insert(header::CONTENT_LENGTH, length);", 1),
            ("use http::header::{CONTENT_LENGTH, CONTENT_TYPE};", 1),
            ("headers.remove(header::CONTENT_TYPE);", 0),
            ("#[cfg(test)] mod tests { fn f() { headers.remove(header::CONTENT_LENGTH); } }", 0),
        ] {
            let found = lengths(&Tree::of(&[framing, ("rewrite/head.rs", text)]));
            assert_eq!((found.looked_at, found.problems.len()), (1, expected), "{text}");
        }
    }
}
