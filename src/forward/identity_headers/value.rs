//! What a header can hold: visible ASCII, because servers disagree about every other byte. What is beyond that is left out, or
//! percent-encoded where the site says so.

use std::borrow::Cow;

use http::HeaderValue;

use crate::limits::IDENTITY_HEADER_BYTES_MAX;

/// How values beyond visible ASCII are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderEncoding {
    /// Not at all: they are left out.
    Ascii,
    /// Their UTF-8 percent-encoded (RFC 3986 2.1), and the percent sign itself in any value.
    Percent,
}

/// Why a header says nothing, or not all, although there is something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueFault {
    /// A character that the header cannot hold.
    Characters,
    /// Longer than a header may be.
    Long,
    /// No single text, number or boolean.
    Kind,
    /// Of several groups some are left out, for one of the reasons above.
    Groups,
    /// Of several groups some are left out, because the session has no room for all.
    NoRoom,
}

impl ValueFault {
    /// The stable name, for logs and metrics.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::Long => "too_long",
            Self::Kind => "claim_type",
            Self::Groups => "groups",
            Self::NoRoom => "no_room",
        }
    }
}

/// The value of a header that says `text`.
pub(super) fn value(text: &str, encoding: HeaderEncoding) -> Result<HeaderValue, ValueFault> {
    let text = written(text, encoding, false).ok_or(ValueFault::Characters)?;
    if text.len() > IDENTITY_HEADER_BYTES_MAX {
        return Err(ValueFault::Long);
    }
    HeaderValue::from_str(&text).map_err(|_| ValueFault::Characters)
}

/// Groups joined by commas; one whose own name has a comma would read as two.
pub(super) fn joined<'g>(
    groups: impl Iterator<Item = &'g str>,
    encoding: HeaderEncoding,
) -> (Option<HeaderValue>, Option<ValueFault>) {
    let (mut joined, mut fault) = (String::new(), None);
    for group in groups {
        match written(group, encoding, true) {
            Some(group) if joined.len() + 1 + group.len() <= IDENTITY_HEADER_BYTES_MAX => {
                if !joined.is_empty() {
                    joined.push(',');
                }
                joined.push_str(&group);
            }
            Some(_) | None => fault = Some(ValueFault::Groups),
        }
    }
    let value = if joined.is_empty() { None } else { HeaderValue::from_str(&joined).ok() };
    (value, fault)
}

/// A text as a header has it; none: no header can hold it. A control character, which no name of anybody has, is never written:
/// who decodes it may take what follows for a line of its own.
fn written(text: &str, encoding: HeaderEncoding, is_listed: bool) -> Option<Cow<'_, str>> {
    if text.is_empty() || text.contains(char::is_control) {
        return None;
    }
    let is_padded = text.starts_with(' ') || text.ends_with(' ');
    let is_plain =
        !is_padded && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !(is_listed && text.contains(','));
    match encoding {
        HeaderEncoding::Ascii => is_plain.then_some(Cow::Borrowed(text)),
        HeaderEncoding::Percent if is_plain && !text.contains('%') => Some(Cow::Borrowed(text)),
        HeaderEncoding::Percent => Some(Cow::Owned(percent_encoded(text, is_listed))),
    }
}

/// A blank within the text is no harm to anybody, and stays.
fn percent_encoded(text: &str, is_listed: bool) -> String {
    let inner = text.len() - text.trim_start_matches(' ').len()..text.trim_end_matches(' ').len();
    let mut encoded = String::with_capacity(text.len() * 3);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'%' => encoded.push_str("%25"),
            b',' if is_listed => encoded.push_str("%2C"),
            b' ' if !inner.contains(&at) => encoded.push_str("%20"),
            b' '..=b'~' => encoded.push(char::from(byte)),
            _ => {
                encoded.push('%');
                encoded.push(char::from(HEX[usize::from(byte >> 4)]));
                encoded.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    encoded
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use HeaderEncoding::{Ascii, Percent};

    use super::*;

    fn text(text: &str, encoding: HeaderEncoding) -> Result<String, ValueFault> {
        value(text, encoding).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn visible_ascii_is_written_as_it_is_and_all_else_left_out_or_encoded() {
        for (said, ascii, percent) in [
            ("ann", Some("ann"), Some("ann")),
            ("Ann O'Hara, CRM", Some("Ann O'Hara, CRM"), Some("Ann O'Hara, CRM")),
            ("100%", Some("100%"), Some("100%25")),
            ("Zoë Müller", None, Some("Zo%C3%AB M%C3%BCller")),
            ("渡辺", None, Some("%E6%B8%A1%E8%BE%BA")),
            (" ann ", None, Some("%20ann%20")),
            ("  ", None, Some("%20%20")),
            ("", None, None),
            ("ann\r\nX-Admin: 1", None, None),
            ("ann\0", None, None),
            ("ann\u{7f}", None, None),
            ("ann\u{85}", None, None),
            ("\u{202e}nna", None, Some("%E2%80%AEnna")),
        ] {
            let expected = |text: Option<&str>| text.map(str::to_owned).ok_or(ValueFault::Characters);
            assert_eq!(text(said, Ascii), expected(ascii), "{said:?}");
            assert_eq!(text(said, Percent), expected(percent), "{said:?}");
        }
    }

    #[test]
    fn a_value_is_as_long_as_a_header_may_be_and_no_longer() {
        for encoding in [Ascii, Percent] {
            assert!(text(&"a".repeat(IDENTITY_HEADER_BYTES_MAX), encoding).is_ok());
            assert_eq!(text(&"a".repeat(IDENTITY_HEADER_BYTES_MAX + 1), encoding), Err(ValueFault::Long));
        }
        assert_eq!(text(&"ë".repeat(IDENTITY_HEADER_BYTES_MAX / 6 + 1), Percent), Err(ValueFault::Long));
    }

    #[test]
    fn a_group_with_a_comma_never_reads_as_two_and_what_is_left_out_is_told() {
        let of = |groups: &[&str], encoding| {
            let (value, fault) = joined(groups.iter().copied(), encoding);
            (value.map(|value| value.to_str().unwrap().to_owned()), fault)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(&["a", "b c"], Ascii), (some("a,b c"), None));
        assert_eq!(of(&["a", "b,admin", "c"], Ascii), (some("a,c"), Some(ValueFault::Groups)));
        assert_eq!(of(&["a", "b,admin", "ü"], Percent), (some("a,b%2Cadmin,%C3%BC"), None));
        assert_eq!(of(&["x\ny"], Percent), (None, Some(ValueFault::Groups)));
        assert_eq!(of(&[], Ascii), (None, None));
        let long = "g".repeat(IDENTITY_HEADER_BYTES_MAX - 2);
        assert_eq!(of(&[&long, "a", "b"], Ascii), (Some(format!("{long},a")), Some(ValueFault::Groups)));
    }
}
