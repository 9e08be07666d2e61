//! Whether a value is *like* what a condition asks for, without being it: in another letter case or spelling, across a
//! `/` that a glob does not cross, or as one of several words. Such a value is no proof that the person lacks what is
//! asked for.

use serde_json::Value;

use super::{
    Scalar, ValuePattern,
    fold::{fold, is_border},
};

/// A single value of a claim, without what makes two spellings of one name differ.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    value: &'a Value,
    text: String,
    /// The same without the backslashes of a distinguished name, where there are some.
    unescaped: Option<String>,
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
        let unescaped = value.as_str().filter(|text| text.contains('\\')).map(|text| fold(&unescaped(text)));
        Some(Self { value, text, unescaped })
    }

    /// Whether nothing is left of a text: it says nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a text is several values in one, by what separates them.
    ///
    /// White space does not separate by itself ("Human Resources"), nor does what a single name may hold (`C#`), nor do the
    /// commas of a distinguished name (RFC 4514).
    pub(super) fn is_several(&self) -> bool {
        let Some(text) = self.value.as_str() else { return false };
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
        if let ValuePattern::Exact(Scalar::Number(number)) = self.pattern
            && same_number(value.value, *number)
        {
            return true;
        }
        self.is_like_text(&value.text) || value.unescaped.as_deref().is_some_and(|text| self.is_like_text(text))
    }

    /// Whether the value is one text of several words, and one of them is what is asked for: a list that blanks separate.
    pub(super) fn is_word_of(&self, value: &Folded<'_>) -> bool {
        let Some(text) = value.value.as_str() else { return false };
        let words = || value.text.split(char::is_whitespace).filter(|word| !word.is_empty());
        words().nth(1).is_some()
            && !is_distinguished_name(text)
            && match self.pattern {
                ValuePattern::Exact(_) => value.text != self.text && words().any(|word| word == self.text),
                ValuePattern::Glob(glob) => !glob.is_like(&value.text) && words().any(|word| glob.is_like(word)),
            }
    }

    fn is_like_text(&self, text: &str) -> bool {
        match self.pattern {
            ValuePattern::Exact(_) => text == self.text || has_words(text, &self.text),
            ValuePattern::Glob(glob) => {
                glob.is_like(text)
                    || text.split(is_border).any(|word| glob.is_like(word))
                    || !text.is_ascii() && glob.is_like(&text.replace(|c: char| !c.is_ascii() && is_border(c), " "))
            }
        }
    }
}

/// What no single name holds.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '^' | '¦' | '、' | '،' | '؛') || c.is_control()
}

/// RFC 4514: a backslash stands before a character, or before the two hexadecimal digits of a byte.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'\\').then(|| after.split_first_chunk::<2>()).flatten();
        let byte = escaped
            .and_then(|(digits, after)| Some((u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?, after)));
        (rest, _) = match byte {
            Some((byte, after)) => (after, bytes.push(byte)),
            None if *first == b'\\' => (after, ()),
            None => (after, bytes.push(*first)),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
        is_part && !part.contains(|c| c != ',' && separates(c))
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
    fn a_character_that_nobody_sees_makes_no_other_name() {
        let unseen = "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{17b4}\u{17b5}\u{180b}\u{180f}\u{fff9}\u{e0001}\u{e0020}\u{e007f}\u{e0100}\u{e01ef}\u{1d159}";
        for c in unseen.chars() {
            assert!(is_like(&text("admin"), &json!(format!("admin{c}"))), "{:x}", u32::from(c));
            assert!(is_like(&text(&format!("admin{c}")), &json!("admin")), "{:x}", u32::from(c));
            assert!(Folded::of(&json!(format!("{c}{c}"))).unwrap().is_blank(), "{:x}", u32::from(c));
        }
        assert!(is_like(&text("caf\u{e9}"), &json!("cafe\u{200d}\u{301}")), "nor one between a letter and its accent");
        assert!(is_like(&text("not-admin"), &json!("not\u{2011}admin")), "nor another hyphen");
        assert!(is_like(&text("admin"), &json!("staff\u{3164}admin")), "a blank ends a word");
        assert!(
            !is_like(&text("admin"), &json!("not\u{2013}admin")) && !is_like(&text("admin"), &json!("\u{e9}admin"))
        );
    }

    #[test]
    fn a_distinguished_name_holds_the_names_of_its_parts() {
        for value in [
            "CN=admin",
            "CN=Admin, OU=x",
            "OU=Groups,CN=admin,DC=corp",
            "CN=x+UID=admin,DC=corp",
            "cn=admin^cn=x",
            "CN = admin",
            "role=admin",
        ] {
            assert!(is_like(&text("admin"), &json!(value)), "{value:?}");
        }
        for value in ["CN=Sales,OU=Groups", "CN=not-admin,OU=x", "CN=admins", "CN=x,OU=ex.admin"] {
            assert!(!is_like(&text("admin"), &json!(value)), "{value:?}");
        }
        assert!(is_like(&text("Sales, EMEA"), &json!("CN=Sales\\, EMEA,OU=Groups")), "without its backslashes");
        assert!(is_like(&text("Sales, EMEA"), &json!("CN=Sales\\2C EMEA,OU=Groups")), "nor its numbers");
        assert!(is_like(&text("caf\u{e9}"), &json!("CN=Caf\\C3\\A9,OU=Groups")));
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
            "user^admin",
            "user#Admin",
            "$admin$",
            "user~admin",
            "user¦admin",
            "user·admin",
            "user・admin",
            "user!admin",
            "user*admin",
            "user?admin",
            "user%admin",
            "«admin»",
            "user→admin",
            "user • admin",
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
        for value in ["ext 1", "EXT 1", "staff ext 1", "staff,Ext 1/x", "staff·ext 1", "x^ext 1"] {
            assert!(is_like(&glob("ext *"), &json!(value)), "{value:?}");
        }
        for value in ["text 1", "ext-1", "ex t 1", "staff-ext 1"] {
            assert!(!is_like(&glob("ext *"), &json!(value)), "{value:?}");
        }
        assert!(is_like(&glob("* ext"), &json!("a EXT, staff")) && is_like(&glob("a, b*"), &json!("x;A, B1")));
        assert!(is_like(&glob("/a/*"), &json!("/A/b/c")) && is_like(&glob("[A-C]x"), &json!("bx")));
    }

    #[test]
    fn a_class_of_what_is_not_meant_is_one_for_a_letter_in_either_case() {
        let glob = |pattern: &str| ValuePattern::Glob(GlobPattern::parse(pattern).unwrap());
        for (pattern, value) in [
            ("[!A-Z]*", "Admin"),
            ("[^A-Z]*", "Admin"),
            ("[!a]*", "abc"),
            ("[!0-9A-F]x", "AX"),
            ("x[!]A]", "XA"),
            ("{[!a]b,c}", "ab"),
            ("\\[[!a]", "[a"),
            ("[!\u{e9}]x", "\u{e9}x"),
        ] {
            assert!(is_like(&glob(pattern), &json!(value)), "{pattern} {value}");
        }
        for (pattern, value) in [
            ("[!aA]*", "abc"),
            ("[!a-zA-Z]x", "ax"),
            ("[!A-z]x", "ax"),
            ("[!0-9]x", "1x"),
            ("[!-a]x", "-x"),
            ("x[!]]", "x]"),
            ("\\[!a]", "a"),
            ("[[!a]x", "bx"),
        ] {
            assert!(!is_like(&glob(pattern), &json!(value)), "{pattern} {value}");
        }
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
        for text in [
            "a,b",
            "a;b",
            "a|b",
            "a、b",
            "a，b",
            "a\nb",
            "a\tb",
            "a\0b",
            "cn=a|cn=b",
            ",",
            "a=b,c",
            "a^b",
            "a¦b",
            "cn=a,ou=b^cn=c",
        ] {
            assert!(is_several(text), "{text:?}");
        }
        for text in [
            "a",
            "Human Resources",
            "a b",
            " a\n",
            "C#",
            "PC$",
            "~a",
            "a·b",
            "a・b",
            "CN=Doe\\, Ann,OU=Sales,DC=example,DC=com",
            "",
        ] {
            assert!(!is_several(text), "{text:?}");
        }
    }
}
