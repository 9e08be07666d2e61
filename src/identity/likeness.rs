//! Whether a value is *like* what a condition asks for, without being it: in another letter case or spelling, across a
//! `/` that a glob does not cross, or as one of several words. Such a value is no proof that the person lacks what is
//! asked for.

use serde_json::Value;

use super::{Scalar, ValuePattern, fold::fold};

/// A single value of a claim, without what makes two spellings of one name differ.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    value: &'a Value,
    text: String,
}

/// A pattern, folded once for many values.
#[derive(Debug)]
pub(super) struct FoldedPattern<'a> {
    pattern: &'a ValuePattern,
    text: String,
}

impl<'a> Folded<'a> {
    /// A text, number or boolean.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        let text = match value {
            Value::String(text) => fold(text),
            Value::Number(number) => number.to_string(),
            Value::Bool(boolean) => boolean.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(Self { value, text })
    }

    /// Whether nothing is left of a text: it says nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a text is several values in one, by what separates them.
    ///
    /// White space does not separate by itself ("Human Resources"), nor do the commas of a distinguished name (RFC 4514).
    pub(super) fn is_several(&self) -> bool {
        let Some(text) = self.value.as_str() else { return false };
        let separates = |c: char| matches!(c, ',' | ';' | '|' | '、' | '،' | '؛') || c.is_control();
        let has_separator = text.trim().contains(separates) || self.text.contains(separates);
        has_separator && !is_distinguished_name(text)
    }
}

impl<'a> FoldedPattern<'a> {
    pub(super) fn each(patterns: &'a [ValuePattern]) -> Vec<Self> {
        patterns.iter().map(Self::of).collect()
    }

    fn of(pattern: &'a ValuePattern) -> Self {
        let text = match pattern {
            ValuePattern::Exact(Scalar::Text(text)) => fold(text),
            ValuePattern::Exact(Scalar::Number(number)) => number.to_string(),
            ValuePattern::Exact(Scalar::Boolean(boolean)) => boolean.to_string(),
            // It has folded its own text when it was compiled.
            ValuePattern::Glob(_) => String::new(),
        };
        Self { pattern, text }
    }

    /// Whether the value, or one of its words, is what is asked for, spelled in another way.
    pub(super) fn is_like(&self, value: &Folded<'_>) -> bool {
        match self.pattern {
            ValuePattern::Exact(Scalar::Number(number)) if same_number(value.value, *number) => true,
            ValuePattern::Exact(_) => value.text == self.text || has_words(&value.text, &self.text),
            ValuePattern::Glob(glob) => {
                glob.is_like(&value.text) || value.text.split(is_border).any(|word| glob.is_like(word))
            }
        }
    }
}

/// Where one word of a value ends: also the parts of a path, of a URN and of a list in brackets and quotes.
///
/// Not `-`, `_`, `.` and `@`, which belong to names: `ex-admin` is not `admin`.
fn is_border(c: char) -> bool {
    c.is_whitespace() || ",;|&+/\\:\"'`()[]{}<>、،؛".contains(c)
}

/// Whether `words` stand in `text` between borders.
fn has_words(text: &str, words: &str) -> bool {
    !words.is_empty()
        && text.char_indices().any(|(at, _)| {
            // At every place, because two finds may overlap.
            let Some(rest) = text[at..].strip_prefix(words) else { return false };
            text[..at].chars().next_back().is_none_or(is_border) && rest.chars().next().is_none_or(is_border)
        })
}

/// `7.0` is no integer to us, and still seven.
fn same_number(value: &Value, number: i64) -> bool {
    // As texts of the same kind: a float of this size has no fraction, and none is lost that matters to "like".
    value.as_f64().is_some_and(|float| format!("{float}") == number.to_string())
}

/// RFC 4514: parts `attribute=value`, joined by commas; a comma within a value has a backslash before it.
fn is_distinguished_name(text: &str) -> bool {
    let mut continues = false;
    text.split(',').all(|part| {
        let is_part = continues || part.split_once('=').is_some_and(|(attribute, _)| is_attribute(attribute.trim()));
        continues = part.ends_with('\\');
        is_part && !part.contains([';', '|']) && !part.contains(char::is_control)
    })
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::GlobPattern;
    use super::*;

    fn is_like(pattern: &ValuePattern, value: &Value) -> bool {
        FoldedPattern::of(pattern).is_like(&Folded::of(value).unwrap())
    }

    fn text(pattern: &str) -> ValuePattern {
        ValuePattern::Exact(Scalar::Text(pattern.to_owned()))
    }

    #[test]
    fn another_spelling_of_a_name_is_like_it() {
        for value in
            ["ADMIN", " admin", "admin\u{a0}", "admin\n", "ＡＤＭＩＮ", "adm\u{200b}in", "ADMİN", "admın", "admin\0"]
        {
            assert!(is_like(&text("admin"), &json!(value)), "{value:?}");
        }
        assert!(is_like(&text("caf\u{e9}"), &json!("CAFE\u{301}")));
        assert!(is_like(&text("stra\u{df}e"), &json!("STRASSE")));
        assert!(is_like(&text("ADMIN"), &json!("admin")), "both sides are folded");
    }

    #[test]
    fn one_of_several_words_is_like_a_name_and_a_part_of_a_word_is_not() {
        for value in [
            "admin user",
            "user,admin",
            "user;Admin",
            "user|admin",
            "[\"admin\"]",
            "/admin",
            "/corp/admin",
            "CORP\\Admin",
            "urn:corp:admin",
            "(admin)",
            "user+admin",
        ] {
            assert!(is_like(&text("admin"), &json!(value)), "{value:?}");
        }
        for value in ["not-admin", "admins", "admin_user", "ex.admin", "administrator", "admin@example.com", "sales"] {
            assert!(!is_like(&text("admin"), &json!(value)), "{value:?}");
        }
        assert!(is_like(&text("Human Resources"), &json!("human resources, sales")));
        assert!(!is_like(&text("HR"), &json!("Human Resources")));
        assert!(is_like(&text("a/a"), &json!("xa/a/a")), "finds that overlap");
    }

    #[test]
    fn a_glob_is_like_other_letter_case_and_what_a_slash_keeps_from_it() {
        let glob = |pattern: &str| ValuePattern::Glob(GlobPattern::parse(pattern).unwrap());
        for value in ["P-1", "p-1/x", "P-1/X", "x p-1", "a,P-1", "/p-1"] {
            assert!(is_like(&glob("p-*"), &json!(value)), "{value:?}");
        }
        for value in ["ex-p-1", "q-1", "p1"] {
            assert!(!is_like(&glob("p-*"), &json!(value)), "{value:?}");
        }
        assert!(is_like(&glob("/a/*"), &json!("/A/b/c")) && is_like(&glob("[A-C]x"), &json!("bx")));
    }

    #[test]
    fn another_type_of_the_same_value_is_like_it() {
        let (seven, yes) = (ValuePattern::Exact(Scalar::Number(7)), ValuePattern::Exact(Scalar::Boolean(true)));
        assert!(is_like(&seven, &json!("7")) && is_like(&seven, &json!(7.0)) && is_like(&text("7"), &json!(7)));
        assert!(is_like(&yes, &json!("True")) && is_like(&text("true"), &json!(true)));
        assert!(!is_like(&seven, &json!(7.5)) && !is_like(&seven, &json!(8)) && !is_like(&yes, &json!(false)));
    }

    #[test]
    fn separators_make_several_values_and_white_space_or_a_distinguished_name_does_not() {
        let is_several = |text: &str| Folded::of(&json!(text)).unwrap().is_several();
        for text in ["a,b", "a;b", "a|b", "a、b", "a，b", "a\nb", "a\tb", "a\0b", "cn=a|cn=b", ",", "a=b,c"] {
            assert!(is_several(text), "{text:?}");
        }
        for text in ["a", "Human Resources", "a b", " a\n", "CN=Doe\\, Ann,OU=Sales,DC=example,DC=com", ""] {
            assert!(!is_several(text), "{text:?}");
        }
    }
}
