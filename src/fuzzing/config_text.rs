//! A configuration file: every text is taken or refused, and each problem is one line about one line of the file.

use super::fixture::{PLAIN_SECRET, secrets, session_key};
use crate::config::Draft;

/// The file.
pub fn config_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let draft = Draft::parse(text);
    let secrets = secrets(draft.secret_sources());
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let is_told = |line: Option<usize>, told: &str| {
        assert!(line.is_none_or(|line| (1..=lines).contains(&line)), "line {line:?} of {lines}");
        assert!(!told.contains('\n') && !told.chars().any(char::is_control), "more than one line: {told:?}");
        assert!(!told.contains(PLAIN_SECRET) && !told.contains(&session_key()), "a secret is told");
    };
    match draft.check(&secrets) {
        Ok((_, warnings)) => warnings.iter().for_each(|warning| is_told(warning.line, &warning.to_string())),
        Err(problems) => {
            for problem in problems.list() {
                is_told(problem.line, &problem.to_string());
                assert!(!problem.found.is_empty() && !problem.fix.is_empty(), "{problem}");
                assert!(!problem.fix.contains("report this as a bug"), "nothing was said of what is wrong");
            }
        }
    }
}
