//! The length of an answer is said in one place, where its body is known.

use crate::{
    Findings,
    attributed::behind_attributed,
    tokens::Placed,
    tree::{SourceFile, Tree},
};

/// Stages through which answers pass.
const ANSWERING: &[&str] =
    &["forward", "rewrite", "reply", "decide", "endpoints", "body", "connect", "listen", "gateway"];
/// The one file that says how long an answer is.
const FRAMING: &str = "forward/framing.rs";
/// The room where the head of an answer is mended before it is read: it writes the lines that were decided on.
const MENDING: &str = "forward/mend/head.rs";
/// The one function of these stages that asks whether a request has a length: hyper wants to be told where it has none.
const OF_REQUESTS: (&str, &str) = ("connect/framed.rs", "framed");

/// No other file of these stages names `Content-Length`, as a constant or as a text.
pub(crate) fn lengths(tree: &Tree) -> Findings {
    let mut findings = Findings::default();
    for file in tree.files.iter().filter(|file| ANSWERING.contains(&file.stage())) {
        let of_requests = of_requests(file);
        let named = file.shipped.iter().enumerate().filter(|(_, token)| names_the_length(token));
        for (_, token) in named.filter(|(at, _)| !of_requests.contains(at)) {
            if [FRAMING, MENDING].contains(&file.path.as_str()) {
                findings.looked_at += 1;
            } else {
                let line = token.line;
                findings.problems.push(format!("{}:{line}: only {FRAMING} says how long an answer is", file.path));
            }
        }
    }
    findings
}

fn names_the_length(token: &Placed) -> bool {
    let is_text = |text: &str| text.to_ascii_lowercase().contains("content-length");
    token.is_word("CONTENT_LENGTH") || token.literal().is_some_and(is_text)
}

/// Where the function about requests stands; nowhere in other files.
fn of_requests(file: &SourceFile) -> std::ops::Range<usize> {
    let (path, function) = OF_REQUESTS;
    let starts = |pair: &[Placed]| pair[0].is_word("fn") && pair[1].is_word(function);
    match file.shipped.windows(2).position(starts).filter(|_| file.path == path) {
        Some(start) => start..behind_attributed(&file.shipped, start),
        None => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> (usize, Vec<String>) {
        let framing = (FRAMING, "use http::header::CONTENT_LENGTH;");
        let findings = lengths(&Tree::of(&[framing, (path, text)]));
        (findings.looked_at, findings.problems)
    }

    #[test]
    fn a_length_in_another_file_fails() {
        for (text, expected) in [
            ("headers.insert(header::CONTENT_LENGTH, length);", 1),
            ("use http::header::{CONTENT_LENGTH, CONTENT_TYPE};", 1),
            ("headers.remove(\"content-length\");", 1),
            ("HeaderName::from_static(\n r\"Content-Length\")", 1),
            ("headers.append(HeaderName::from_bytes(b\"content-length\"))", 1),
            ("\"content-length: 5\\r\\n\"", 1),
            ("headers.remove(header::CONTENT_TYPE); \"content-type\"", 0),
            ("// content-length", 0),
            ("#[cfg(test)] mod tests { fn f() { headers.remove(header::CONTENT_LENGTH); \"content-length\" } }", 0),
        ] {
            let (looked_at, problems) = found("rewrite/head.rs", text);
            assert_eq!((looked_at, problems.len()), (1, expected), "{text}");
        }
    }

    #[test]
    fn every_stage_through_which_an_answer_passes_is_looked_at() {
        let stages = ["rewrite", "reply", "decide", "endpoints", "body", "connect", "listen", "gateway"];
        for path in stages.map(|stage| format!("{stage}/a.rs")) {
            let problems = found(&path, "fn f() {\n headers.remove(header::CONTENT_LENGTH) }").1;
            assert_eq!(problems, [format!("{path}:2: only {FRAMING} says how long an answer is")]);
        }
        assert_eq!(found("request/admit.rs", "headers.remove(header::CONTENT_LENGTH)").1, Vec::<String>::new());
    }

    #[test]
    fn the_length_of_a_request_is_read_in_one_function() {
        let (path, function) = OF_REQUESTS;
        let of = |name: &str| {
            found(
                path,
                &format!("fn f() {{}}\nfn {name}(x: Y) {{ x.contains_key(header::CONTENT_LENGTH) }}\nfn g() {{}}"),
            )
            .1
        };
        assert_eq!(of(function), Vec::<String>::new());
        assert_eq!(of("other").len(), 1);
    }
}
