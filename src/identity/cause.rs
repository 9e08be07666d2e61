//! What is said of a value that is refused: its kind, and what somebody else wrote, as one short line that shows nothing unseen.

use serde_json::Value;

use super::fold::{is_unseen, plain};
use crate::limits::{PROVIDER_QUOTE_CHARS_MAX, PROVIDER_QUOTES_MAX};

/// What kind of value is there, or that none is.
pub(crate) const fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "an array",
        Some(Value::Object(_)) => "an object",
    }
}

/// The kind, and of texts also what they say: for members of a protocol, never for what is told of a person.
pub(super) fn told(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => quoted(text),
        Some(Value::Array(items)) => format!("an array [{}]", list(items.iter().map(told_flat))),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => kind(value).to_owned(),
    }
}

fn told_flat(value: &Value) -> String {
    value.as_str().map_or_else(|| kind(Some(value)).to_owned(), quoted)
}

/// The first few, joined by commas.
pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    let mut items = items.peekable();
    let mut told: Vec<String> = items.by_ref().take(PROVIDER_QUOTES_MAX).collect();
    if items.peek().is_some() {
        told.push("…".to_owned());
    }
    told.join(", ")
}

/// A text in quotation marks, cleaned and cut.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cleaned(text, PROVIDER_QUOTE_CHARS_MAX))
}

/// A text as one line of at most `chars_max` characters and an ellipsis.
pub(super) fn cleaned(text: &str, chars_max: usize) -> String {
    // What is far beyond is not looked at.
    let (text, is_long) = match text.char_indices().nth(chars_max.saturating_mul(4)) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    let mut line = one_line(text);
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => line.replace_range(end.., "…"),
        None if is_long => line.push('…'),
        None => {}
    }
    line
}

/// A text without controls, without what nobody sees, and with single blanks.
pub(super) fn one_line(text: &str) -> String {
    let seen: String = text.chars().map(plain).filter(|c| !is_unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_value_has_a_name_and_texts_are_quoted() {
        for (value, expected) in [
            (json!(null), "null"),
            (json!(true), "a boolean"),
            (json!(7), "a number"),
            (json!("a \"b\"\n"), r#""a \"b\"""#),
            (json!(["a", 7, ["b"], {}]), r#"an array ["a", a number, an array, an object]"#),
            (json!({"a": "b"}), "an object"),
        ] {
            assert_eq!(told(Some(&value)), expected);
        }
        assert_eq!((told(None).as_str(), kind(Some(&json!("secret")))), ("missing", "a text"));
        let many = vec![json!("a"); PROVIDER_QUOTES_MAX + 1];
        assert!(told(Some(&Value::Array(many))).ends_with("\"a\", …]"));
    }

    #[test]
    fn what_is_quoted_is_one_line_that_shows_nothing_unseen_and_is_cut() {
        for (text, expected) in [
            ("first\r\nsecond\u{0}third", "first second third"),
            ("\u{1b}[31mred\u{9b}", "[31mred"),
            ("a\u{202e}b\u{200b}c\u{feff}d\u{2028}e", "abcd e"),
            ("  ", ""),
            ("Jörg 日本", "Jörg 日本"),
        ] {
            assert_eq!(cleaned(text, 40), expected, "{text:?}");
        }
        assert_eq!(cleaned("aaaa", 4), "aaaa");
        assert_eq!(cleaned("aaaaa", 4), "aaaa…");
        assert_eq!(cleaned("ä日ä日ä", 4), "ä日ä日…");
        assert_eq!(cleaned(&format!("a{}", " ".repeat(1_000)), 4), "a…");
        assert_eq!(cleaned(&"x".repeat(1 << 20), 10).chars().count(), 11);
    }
}
