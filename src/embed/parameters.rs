//! Parameters of a Sigma URL: what a query says, and how names and values are written.
//!
//! A value is kept in Sigma's own syntax: `,` and `:` separate (`EMEA,APAC`, `min:1,max:9`) and stay as they are, a `%`
//! with two hex digits is an escape (`1%2C000` is one value with a comma in it), everything else stands for itself. Escapes that are no
//! UTF-8 are what an old application writes of its own charset ([`in_utf8`]).
//! Sources: "Workbook control values in the URL", "Embed URL parameters".

use std::{borrow::Cow, collections::BTreeSet};

use encoding_rs::{Encoding, WINDOWS_1252};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Sigma's interface parameters of an embed, as they stand in its URLs: `&:name=value` each, in configuration order. Made with
/// the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct InterfaceParameters(String);

impl InterfaceParameters {
    /// From names without the colon, and values. `jwt` and `embed` are dropped: the gateway sets them, once each.
    #[must_use]
    pub(crate) fn of(pairs: &[(String, String)]) -> Self {
        let of_the_embed = pairs.iter().filter(|(name, _)| name != "jwt" && name != "embed");
        let written =
            |(name, value): &(String, String)| format!("&:{}={}", encoded_component(name), encoded_value(value));
        Self(of_the_embed.map(written).collect())
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What `encodeURIComponent` escapes, and the marks that it leaves.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name, a tag or another single component, encoded.
pub(super) fn encoded_component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// A value in Sigma's syntax, with everything encoded that could end it; encoding twice changes nothing.
pub(super) fn encoded_value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let taken = match character {
            '%' if escape_at_start(rest) => {
                encoded.push_str(&rest[..3].to_ascii_uppercase());
                3
            }
            ',' | ':' => {
                encoded.push(character);
                1
            }
            _ => {
                let taken = character.len_utf8();
                encoded.extend(utf8_percent_encode(&rest[..taken], COMPONENT));
                taken
            }
        };
        rest = &rest[taken..];
    }
    encoded
}

/// The values that a query sets for the `wanted` controls, in order: names decoded, values encoded as [`encoded_value`]
/// does. A name that comes twice has its last value.
///
/// Dropped: all other names, parameters that start with `:` in any spelling (Sigma's interface parameters, a left-over
/// `:jwt`), and values that hold control characters.
pub(super) fn controls_of(query: Option<&str>, wanted: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut controls: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs(query).filter(|(name, _)| wanted.contains(name) && !name.starts_with(':')) {
        if let Some(value) = value_of_query(value) {
            controls.retain(|(earlier, _)| *earlier != name);
            controls.push((name, value));
        }
    }
    controls
}

/// The first value of an interface parameter (its name with the colon).
pub(super) fn interface_parameter(query: Option<&str>, name: &str) -> Option<String> {
    pairs(query).find(|(found, _)| found == name).and_then(|(_, value)| value_of_query(value))
}

/// Whether a parameter is there, with a value or without one, in any spelling of its name.
pub(super) fn has_parameter(query: Option<&str>, name: &str) -> bool {
    let mut found = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    found.any(|(found, _)| found == name)
}

/// Names, decoded, and values, as they are.
fn pairs(query: Option<&str>) -> impl Iterator<Item = (String, &str)> {
    query.unwrap_or_default().split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        decoded(&in_utf8(&name.replace('+', "%20"), WINDOWS_1252)).map(|name| (name, value))
    })
}

fn value_of_query(value: &str) -> Option<String> {
    // Host pages and URLSearchParams write a space as `+` (URL standard, application/x-www-form-urlencoded).
    let value = value.replace('+', "%20");
    let value = in_utf8(&value, WINDOWS_1252);
    decoded(&value).map(|_| encoded_value(&value))
}

/// A query or a part of it, with escapes that are no UTF-8 read by the charset in which its application wrote them: so Sigma is told the
/// letter that was meant. What parts names, values and segments stays as it is, also where it is escaped.
pub(crate) fn in_utf8<'t>(text: &'t str, charset: &'static Encoding) -> Cow<'t, str> {
    let is_utf8 = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    if !text.contains('%') || is_utf8(text) {
        return Cow::Borrowed(text);
    }
    // No charset of browsers has these within a letter that is escaped.
    let parts = |c: char| matches!(c, '&' | '=' | ',' | ':' | ';' | '+' | '#') || !c.is_ascii();
    let mut written = String::with_capacity(text.len() + 16);
    for part in text.split_inclusive(parts) {
        let letters = part.trim_end_matches(parts);
        let bytes: Cow<'_, [u8]> = percent_decode_str(letters).into();
        match charset.decode_without_bom_handling_and_without_replacement(&bytes).filter(|_| !is_utf8(letters)) {
            Some(meant) => written.push_str(&encoded_component(&meant)),
            None => written.push_str(letters),
        }
        written.push_str(&part[letters.len()..]);
    }
    Cow::Owned(written)
}

/// The decoded text, unless it is not UTF-8 or holds a control character.
pub(super) fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    (!text.chars().any(char::is_control)).then(|| text.into_owned())
}

fn escape_at_start(text: &str) -> bool {
    text.as_bytes().get(1..3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_stay_and_everything_that_could_end_a_value_is_encoded() {
        for (value, expected) in [
            ("EMEA,APAC", "EMEA,APAC"),
            ("min:2026-01-01,max:2026-03-31", "min:2026-01-01,max:2026-03-31"),
            (":null", ":null"),
            ("1%2C000", "1%2C000"),
            ("1%2c000", "1%2C000"),
            ("100%", "100%25"),
            ("a b+c", "a%20b%2Bc"),
            ("x&:jwt=y#z?", "x%26:jwt%3Dy%23z%3F"),
            ("Québec€", "Qu%C3%A9bec%E2%82%AC"),
            ("\"'<>", "%22%27%3C%3E"),
        ] {
            assert_eq!(encoded_value(value), expected);
        }
    }

    fn controls(query: &str, wanted: &[&str]) -> Vec<(String, String)> {
        controls_of(Some(query), &wanted.iter().map(|name| (*name).to_owned()).collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_query_gives_the_wanted_controls_and_no_interface_parameter_in_any_spelling() {
        let query = "Region=EMEA,APAC&:jwt=a.b.c&%3Ajwt=a.b.c&%3atheme=Dark&Team=New+York&Team=Li%C3%A8ge&Other=1&Team";
        let wanted = ["Region", "Team", ":jwt", ":theme", "Absent"];
        assert_eq!(controls(query, &wanted), [pair("Region", "EMEA,APAC"), pair("Team", "Li%C3%A8ge")]);
        assert_eq!(controls("My+Team=New+York&%4Dy%20Year=1", &["My Team", "My Year"]).len(), 2);
        assert_eq!(controls_of(None, &["Region".to_owned()].into()), []);
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(controls("a=%00&b=%0D%0A&c=%81&d=1", &["a", "b", "c", "d"]), [pair("d", "1")]);
    }

    /// `URLEncoder.encode(…, "ISO-8859-1")`, `Server.URLEncode`, and forms of pages in such charsets write so.
    #[test]
    fn escapes_that_are_no_utf_8_are_the_letters_that_an_old_application_meant() {
        for (query, expected) in [
            ("Region=Z%FCrich", &[pair("Region", "Z%C3%BCrich")][..]),
            ("Region=Z%fcrich%2c+Gen%E8ve,%80", &[pair("Region", "Z%C3%BCrich%2C%20Gen%C3%A8ve,%E2%82%AC")]),
            ("Region=Z%C3%BCrich,%FC", &[pair("Region", "Z%C3%BCrich,%C3%BC")]),
            ("Region=é%E9%25", &[pair("Region", "%C3%A9%C3%A9%25")]),
            ("Region=%u00FC", &[pair("Region", "%25u00FC")]),
            ("R%E9gion=x", &[pair("Région", "x")]),
        ] {
            assert_eq!(controls(query, &["Region", "Région"]), expected, "{query}");
        }
    }

    #[test]
    fn escapes_are_read_by_the_charset_of_the_page_that_wrote_them() {
        for (text, charset, expected) in [
            ("a=%83e%83X%83g,b", encoding_rs::SHIFT_JIS, "a=%E3%83%86%E3%82%B9%E3%83%88,b"),
            ("a=%CC%EE%F1%EA%E2%E0&b=%2C", encoding_rs::WINDOWS_1251, "a=%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0&b=%2C"),
            // Not in that charset: as it is.
            ("a=%FF%FF", encoding_rs::SHIFT_JIS, "a=%FF%FF"),
            ("a=%C3%A9", encoding_rs::SHIFT_JIS, "a=%C3%A9"),
            ("a=b", encoding_rs::SHIFT_JIS, "a=b"),
        ] {
            assert_eq!(in_utf8(text, charset), expected, "{text}");
        }
    }

    #[test]
    fn the_first_interface_parameter_counts() {
        let node = |query| interface_parameter(Some(query), ":nodeId");
        assert_eq!(node("x=1&%3AnodeId=p&:nodeId=q").as_deref(), Some("p"));
        assert_eq!(node("nodeId=p"), None);
    }

    proptest! {
        #[test]
        fn encoding_twice_changes_nothing_and_no_value_leaves_its_place(value in "\\PC*") {
            let once = encoded_value(&value);
            prop_assert!(!once.contains(['&', '=', '#', '?', '+', '"', '<', ' ']), "{}", once);
            prop_assert_eq!(encoded_value(&once), once);
        }
    }
}
