//! JSON with Sigma URLs: only whole strings change, and what was JSON stays JSON.

use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{filler::MarkingFiller, fixture::first_line};
use crate::rewrite::{Change, JsonPath, rewrite_json};

/// First line: JSON paths, with tabs between them. The rest: the document. Strings with `sigma.test` are Sigma URLs.
pub fn json_patch(data: &[u8]) {
    let (paths, document) = first_line(data);
    let paths = String::from_utf8_lossy(paths);
    let paths: Vec<Arc<JsonPath>> =
        paths.split('\t').filter_map(|path| JsonPath::parse(path).ok()).map(Arc::new).collect();
    let paths: Vec<&JsonPath> = paths.iter().map(AsRef::as_ref).collect();
    if memchr::memmem::find(document, MarkingFiller::MARK.as_bytes()).is_some() {
        return;
    }
    let patched = rewrite_json(document, &paths, &mut MarkingFiller::linking());
    let is_value = serde_json::from_slice::<Value>(document).is_ok();
    assert!(patched.is_ok() || !is_value, "what is JSON is refused");
    let Ok(Some((patched, change))) = patched else { return };
    assert_eq!(change, Change::Links);
    assert!(rewrite_json(&patched, &paths, &mut MarkingFiller::linking()).is_ok(), "what was JSON is none any more");
    assert!(!is_value || serde_json::from_slice::<IgnoredAny>(&patched).is_ok(), "a patched document is JSON");
    check_rest(document, &patched);
}

/// Where a link stands, a string with a Sigma URL stood; all else is as it was.
fn check_rest(document: &[u8], patched: &[u8]) {
    let link = format!("\"{}{}\"", MarkingFiller::ORIGIN, MarkingFiller::LINK);
    let in_text = format!("\"{}{}\\", MarkingFiller::ORIGIN, MarkingFiller::LINK);
    let (mut before, mut after, mut links) = (document, patched, 0);
    loop {
        let inside = memchr::memmem::find(after, in_text.as_bytes());
        let Some(at) =
            memchr::memmem::find(after, link.as_bytes()).filter(|at| inside.is_none_or(|inside| *at < inside))
        else {
            // In a string that is a JSON text, a quote may have been spelled otherwise: what stands before is held.
            let Some(at) = inside else { break };
            let prefix = &after[..at];
            let slashes = prefix.iter().rev().take_while(|byte| **byte == b'\\').count();
            assert!(before.starts_with(&prefix[..at - slashes]), "bytes outside the slots have changed");
            return;
        };
        assert!(before.starts_with(&after[..at]), "bytes outside the slots have changed");
        before = &before[at..];
        assert!(before.starts_with(b"\""), "bytes outside the slots have changed");
        let end = string_end(before).expect("a string stood where the link stands");
        // Half a pair, or bytes that are no UTF-8, are no String.
        if let Ok(url) = serde_json::from_slice::<String>(&before[..end]) {
            assert!(url.contains(MarkingFiller::HOST), "{url:?} was no Sigma URL");
        }
        before = &before[end..];
        after = &after[at + link.len()..];
        links += 1;
    }
    assert_eq!(before, after, "bytes outside the slots have changed");
    assert!(links > 0);
}

/// The length of the string that begins here.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "bytes outside the slots have changed")]
    fn a_space_that_is_lost_is_seen() {
        check_rest(b"[1, \"sigma.test\"]", b"[1,\"https://mark-site.test/mark-sigma/link\"]");
    }

    #[test]
    #[should_panic(expected = "was no Sigma URL")]
    fn another_string_that_was_replaced_is_seen() {
        check_rest(b"[1,\"other\"]", b"[1,\"https://mark-site.test/mark-sigma/link\"]");
    }
}
