//! The address that a person's claims name, for the record: whether it counts is said elsewhere.

use serde_json::Value;

use super::{Claims, SourceSettings, cause::cleaned, email::ADDRESS_BYTES_MAX};

/// What verified claims have where the address is, verified or not: as one line that shows nothing unseen, cut. For the audit line
/// alone; nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedAddress(String);

impl NamedAddress {
    /// The one in these claims. A text without `@` is no address of anybody, and may be anything else.
    #[must_use]
    pub(super) fn of(settings: &SourceSettings, claims: &Claims) -> Option<Self> {
        let line = cleaned(claims.at_in_arrays(&settings.email).and_then(Value::as_str)?, ADDRESS_BYTES_MAX);
        line.contains('@').then_some(Self(line))
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn of_test(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::testing::{ISSUER, settings};

    fn told(email: &Value) -> Option<String> {
        let claims = Claims::parse_strict(json!({ "sub": "7", "email": email }).to_string().as_bytes()).unwrap();
        NamedAddress::of(&settings(ISSUER).source, &claims).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn an_address_is_told_whether_or_not_it_counts_as_one_line_and_cut() {
        for (email, expected) in [
            (json!("ann@example.com"), Some("ann@example.com")),
            (json!("bo@elsewhere.example"), Some("bo@elsewhere.example")),
            (json!("ana_gmail.com#EXT#@example.com"), Some("ana_gmail.com#EXT#@example.com")),
            (json!("a@b.example\r\nSet-Cookie: x\u{202e}\u{0}"), Some("a@b.example Set-Cookie: x")),
            (json!("hunter2"), None),
            (json!(""), None),
            (json!(7), None),
            (json!(null), None),
            (json!(["ann@example.com"]), None),
        ] {
            assert_eq!(told(&email).as_deref(), expected, "{email}");
        }
        let long = told(&json!(format!("{}@example.com", "a@".repeat(10_000)))).unwrap();
        assert!(long.chars().count() == ADDRESS_BYTES_MAX + 1 && long.ends_with('\u{2026}'), "{long}");
    }
}
