//! What a provider says of an error (RFC 6749 4.1.2.1 and 5.2): kept, for it often names what to do, but as somebody else's words. One
//! line, cut, and without what may be a secret: some providers repeat what they were sent.

use serde_json::Value;

use crate::{
    identity::{
        cause::{cleaned, one_line},
        strict_json::parse_object,
    },
    limits::{
        PROVIDER_DESCRIPTION_CHARS_MAX, PROVIDER_ERROR_CHARS_MAX, PROVIDER_OPAQUE_CHARS_MIN, PROVIDER_SECRET_BYTES_MIN,
        PROVIDER_WORDS_ON_PAGE_CHARS_MAX,
    },
};

/// A provider's words, as far as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderWords {
    error: Option<String>,
    description: Option<String>,
}

impl ProviderWords {
    /// Words as they came; none of `secrets` is kept.
    #[must_use]
    pub(crate) fn of(error: Option<&str>, description: Option<&str>, secrets: &[&str]) -> Self {
        let kept = |text: &str, chars_max| {
            // What is taken out may be long: the words are cut last.
            let line = without_opaque(&without(one_line(text), secrets));
            Some(cleaned(&line, chars_max)).filter(|line| !line.is_empty())
        };
        Self {
            error: error.and_then(|text| kept(text, PROVIDER_ERROR_CHARS_MAX)),
            description: description.and_then(|text| kept(text, PROVIDER_DESCRIPTION_CHARS_MAX)),
        }
    }

    /// The code alone of the error in a body (RFC 6749 5.2), where it has one: a description may be another one each time.
    #[must_use]
    pub(crate) fn code_in(body: &[u8]) -> Option<Self> {
        let members = parse_object(body).ok()?;
        let words = Self::of(members.get("error").and_then(Value::as_str), None, &[]);
        (!words.is_empty()).then_some(words)
    }

    /// Whether nothing is said.
    #[must_use]
    pub(crate) const fn is_empty(&self) -> bool {
        self.error.is_none() && self.description.is_none()
    }

    /// Whether the error is of the moment, and not of the request.
    #[must_use]
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.error.as_deref(), Some("server_error" | "temporarily_unavailable"))
    }

    /// The same for a page; it is for `reply` to write them as text.
    #[must_use]
    pub(crate) fn for_page(&self) -> Option<String> {
        let text = match (&self.error, &self.description) {
            (Some(error), Some(description)) => format!("{error}: {description}"),
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => return None,
        };
        // The ellipsis is one of them.
        Some(cleaned(&text, PROVIDER_WORDS_ON_PAGE_CHARS_MAX - 1))
    }
}

impl std::fmt::Display for ProviderWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.error {
            Some(code) if is_code(code) => f.write_str(code)?,
            Some(text) => write!(f, "{text:?}")?,
            None => f.write_str("no error code")?,
        }
        self.description.as_ref().map_or(Ok(()), |text| write!(f, ": {text:?}"))
    }
}

/// The form that codes have; other texts are quoted.
fn is_code(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

fn without(text: String, secrets: &[&str]) -> String {
    let taken_out = |text: String, secret: &&str| text.replace(*secret, TAKEN_OUT);
    secrets.iter().filter(|secret| secret.len() >= PROVIDER_SECRET_BYTES_MIN).fold(text, taken_out)
}

/// The words without what looks as codes, tokens and keys do: a long run with a digit. An id in the form of RFC 9562 is kept, for
/// providers find their own lines by it.
fn without_opaque(text: &str) -> String {
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=' | '~');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_of_run) {
        let (before, from) = rest.split_at(begin);
        let (run, after) = from.split_at(from.find(|c| !is_of_run(c)).unwrap_or(from.len()));
        kept.push_str(before);
        kept.push_str(if is_opaque(run) { TAKEN_OUT } else { run });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn is_opaque(run: &str) -> bool {
    run.len() >= PROVIDER_OPAQUE_CHARS_MIN && run.bytes().any(|byte| byte.is_ascii_digit()) && !is_uuid(run)
}

fn is_uuid(run: &str) -> bool {
    let lengths = run.split('-').map(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(part.len()));
    lengths.eq([8, 4, 4, 4, 12].map(Some))
}

const TAKEN_OUT: &str = "[…]";

#[cfg(test)]
mod tests {
    use super::*;

    fn line(error: &str, description: &str) -> String {
        ProviderWords::of(Some(error), Some(description), &["s3cret", "Basic Zzo=", "abcde", ""]).to_string()
    }

    #[test]
    fn code_and_description_are_one_line_each_quoted_where_they_are_no_code() {
        assert_eq!(line("access_denied", "User is not assigned."), r#"access_denied: "User is not assigned.""#);
        assert_eq!(line("<b>no</b> such \"user\"", ""), r#""<b>no</b> such \"user\"""#);
        assert_eq!(line("a", "first\r\nsecond \u{1b}[31mred\u{202e}"), r#"a: "first second [31mred""#);
        assert_eq!(ProviderWords::of(None, Some("x"), &[]).to_string(), r#"no error code: "x""#);
        let (none, empty) = (ProviderWords::of(None, None, &[]), ProviderWords::of(Some("\u{200b}"), Some(" "), &[]));
        assert!(none.is_empty() && none == empty && none.for_page().is_none());
    }

    #[test]
    fn they_are_cut_for_the_log_and_more_for_the_page() {
        let words = ProviderWords::of(Some(&"e ".repeat(1_000)), Some(&"word ".repeat(1_000)), &[]);
        let chars = |text: &Option<String>| text.as_ref().unwrap().chars().count();
        assert_eq!(chars(&words.error), PROVIDER_ERROR_CHARS_MAX + 1, "and an ellipsis");
        assert_eq!(chars(&words.description), PROVIDER_DESCRIPTION_CHARS_MAX + 1);
        assert_eq!(chars(&words.for_page()), PROVIDER_WORDS_ON_PAGE_CHARS_MAX);
        let short = ProviderWords::of(Some("access_denied"), Some("<a href=x>no</a>"), &[]);
        assert_eq!(short.for_page().as_deref(), Some("access_denied: <a href=x>no</a>"));
    }

    #[test]
    fn what_may_be_a_secret_is_taken_out() {
        for (text, expected) in [
            ("got s3cret, Basic Zzo=", "got […], […]"),
            ("got s3\u{200b}cret", "got […]"),
            ("code 0123456789abcdef01234567 is used", "code […] is used"),
            ("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJ1LWFuYSJ9abc1", "[…].[…]"),
            (
                "AADSTS7000222: The provided client secret keys are expired.",
                "AADSTS7000222: The provided client secret keys are expired.",
            ),
            ("Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e", "Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e"),
            ("a short one: abcde", "a short one: abcde"),
            ("use client_secret_post_of_the_client", "use client_secret_post_of_the_client"),
        ] {
            assert_eq!(line("a", text), format!("a: {expected:?}"));
        }
        let long = format!("{}s3cret", "s3cret ".repeat(1_000));
        assert!(!line("a", &long).contains("s3c"), "also where it is cut");
    }
}
