//! The part of RFC 9535 that chooses places without computing: names, indexes and wildcards.

/// A parsed query such as `$.widgets[*].url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath {
    steps: Vec<PathStep>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStep {
    Name(String),
    Index(usize),
    Wildcard,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("JSON path: {0}")]
pub(crate) struct JsonPathError(pub(crate) String);

impl JsonPath {
    /// Parses a query.
    ///
    /// # Errors
    /// For anything but `$` and then names, indexes and wildcards.
    pub(crate) fn parse(text: &str) -> Result<Self, JsonPathError> {
        let mut rest = text.strip_prefix('$').ok_or_else(|| error("expected `$` at the start"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = segment(rest)?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { steps })
    }

    /// The steps from the root.
    pub(super) fn steps(&self) -> &[PathStep] {
        &self.steps
    }
}

fn error(text: impl Into<String>) -> JsonPathError {
    JsonPathError(text.into())
}

/// One segment and what follows it.
fn segment(text: &str) -> Result<(PathStep, &str), JsonPathError> {
    if text.starts_with("..") {
        return Err(error("`..` is not supported: name every step"));
    }
    if let Some(after) = text.strip_prefix('.') {
        return dotted(after);
    }
    let inside = text.strip_prefix('[').ok_or_else(|| error(format!("expected `.` or `[` at {text:?}")))?;
    let (step, after) = selector(inside.trim_start_matches(' '))?;
    let after = after.trim_start_matches(' ');
    let after = after.strip_prefix(']').ok_or_else(|| error(format!("expected one selector and `]` at {after:?}")))?;
    Ok((step, after))
}

/// `*` or a member name in shorthand (RFC 9535 2.5.1.1).
fn dotted(text: &str) -> Result<(PathStep, &str), JsonPathError> {
    if let Some(after) = text.strip_prefix('*') {
        return Ok((PathStep::Wildcard, after));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    let (name, after) = text.split_at(text.find(|c| !is_name(c)).unwrap_or(text.len()));
    match name.chars().next() {
        Some(first) if !first.is_ascii_digit() => Ok((PathStep::Name(name.to_owned()), after)),
        Some(_) | None => {
            Err(error(format!("expected a name or `*` at {text:?}; other names go in brackets and quotes")))
        }
    }
}

/// What stands in brackets.
fn selector(text: &str) -> Result<(PathStep, &str), JsonPathError> {
    match text.chars().next() {
        Some('*') => Ok((PathStep::Wildcard, &text[1..])),
        Some(quote @ ('\'' | '"')) => quoted(&text[1..], quote),
        Some('-') => Err(error("negative indexes are not supported")),
        Some('?') => Err(error("filters are not supported")),
        Some(digit) if digit.is_ascii_digit() => index(text),
        Some(_) | None => Err(error(format!("expected a name in quotes, an index or `*` at {text:?}"))),
    }
}

fn index(text: &str) -> Result<(PathStep, &str), JsonPathError> {
    let (digits, after) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if after.trim_start_matches(' ').starts_with(':') {
        return Err(error("slices are not supported"));
    }
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
    let index = digits.parse().ok().filter(|_| !has_leading_zero);
    index.map(|index| (PathStep::Index(index), after)).ok_or_else(|| error(format!("{digits:?} is not an index")))
}

/// The rest of a quoted name, with its escapes (RFC 9535 2.3.1.1).
fn quoted(text: &str, quote: char) -> Result<(PathStep, &str), JsonPathError> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let c = rest.chars().next().ok_or_else(|| error("a quoted name does not end"))?;
        rest = &rest[c.len_utf8()..];
        match c {
            _ if c == quote => return Ok((PathStep::Name(name), rest)),
            '\\' => {
                let (meant, after) = escape(rest, quote)?;
                name.push(meant);
                rest = after;
            }
            '\0'..='\x1f' => return Err(error("a quoted name holds a control character")),
            _ => name.push(c),
        }
    }
}

/// What follows a backslash.
fn escape(text: &str, quote: char) -> Result<(char, &str), JsonPathError> {
    let c = text.chars().next().ok_or_else(|| error("a quoted name does not end"))?;
    let after = &text[c.len_utf8()..];
    let meant = match c {
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '/' | '\\' => c,
        _ if c == quote => c,
        'u' => return unicode(after),
        _ => return Err(error(format!("unknown escape `\\{c}`"))),
    };
    Ok((meant, after))
}

/// Four hexadecimal digits, or a surrogate pair.
fn unicode(text: &str) -> Result<(char, &str), JsonPathError> {
    let broken = || error("expected four hexadecimal digits of a character after `\\u`");
    let unit =
        |text: &str| text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())).and_then(hex);
    let first = unit(text).ok_or_else(broken)?;
    let mut units = vec![first];
    let mut after = &text[4..];
    if (0xD800..0xDC00).contains(&first) {
        let low = after.strip_prefix("\\u").ok_or_else(broken)?;
        units.push(unit(low).ok_or_else(broken)?);
        after = &low[4..];
    }
    match String::from_utf16(&units).ok().and_then(|text| text.chars().next()) {
        Some(meant) => Ok((meant, after)),
        None => Err(broken()),
    }
}

fn hex(digits: &str) -> Option<u16> {
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(name: &str) -> PathStep {
        PathStep::Name(name.to_owned())
    }

    #[test]
    fn names_indexes_and_wildcards_are_taken() {
        for (text, steps) in [
            ("$", vec![]),
            ("$.widgets[*].url", vec![name("widgets"), PathStep::Wildcard, name("url")]),
            ("$['a b'][\"c\"]", vec![name("a b"), name("c")]),
            ("$.*[0][ 12 ]", vec![PathStep::Wildcard, PathStep::Index(0), PathStep::Index(12)]),
            ("$['it\\'s'][\"\\u00e9\\ud83d\\ude00\\n\\\\\"]", vec![name("it's"), name("é😀\n\\")]),
            ("$.été._1", vec![name("été"), name("_1")]),
        ] {
            assert_eq!(JsonPath::parse(text).map(|path| path.steps), Ok(steps), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "widgets",
            "$.",
            "$..url",
            "$.a..b",
            "$[-1]",
            "$[0:2]",
            "$[01]",
            "$[?@.a]",
            "$['a','b']",
            "$['a'",
            "$[a]",
            "$.a-b",
            "$.1",
            "$ .a",
            "$['\\x']",
            "$['\\ud800']",
            "$[\"\\'\"]",
            "$['a\n']",
            "$[]",
            "$[99999999999999999999999]",
            "$['",
        ] {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_error_says_what_is_not_supported() {
        assert_eq!(JsonPath::parse("$[-1]"), Err(JsonPathError("negative indexes are not supported".to_owned())));
        assert_eq!(JsonPath::parse("$..a"), Err(JsonPathError("`..` is not supported: name every step".to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "\\$[\\[\\]'\"\\\\u0-9a-f.*é?: -]*") {
            let _ = JsonPath::parse(&text);
        }
    }
}
