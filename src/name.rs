//! The names that the configuration gives to its tables: they go into URLs, logs, metrics and cookies.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::limits::NAME_BYTES_MAX;

/// The name of a keyed table: 1 to [`NAME_BYTES_MAX`] of `A-Za-z0-9_-`. A clone shares its text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(Arc<str>);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// There is nothing.
    #[error("name is empty")]
    Empty,
    /// It is longer than any name.
    #[error("name is longer than {NAME_BYTES_MAX} bytes")]
    TooLong,
    /// It has another character.
    #[error("name has another character than A-Z a-z 0-9 _ -")]
    Character,
}

impl Name {
    /// Takes a text that is a name, as it is: upper and lower case are two names.
    ///
    /// # Errors
    /// See [`NameError`].
    pub(crate) fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            Err(NameError::Empty)
        } else if text.len() > NAME_BYTES_MAX {
            Err(NameError::TooLong)
        } else if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            Err(NameError::Character)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The name as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// As its text: people read it in messages.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Reads a name without a text of its own in between: a session has one, and is read with every request.
struct NameVisitor;

impl de::Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        Name::parse(text).map_err(E::custom)
    }
}

/// Makes a kind of names that is not taken for another kind: a newtype over [`Name`] with the same functions.
macro_rules! kind_of_name {
    ($(#[$doc:meta])* $kind:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub(crate) struct $kind(crate::name::Name);

        impl $kind {
            /// Takes a text that is a name.
            ///
            /// # Errors
            /// See [`NameError`](crate::name::NameError).
            pub(crate) fn parse(text: &str) -> Result<Self, crate::name::NameError> {
                crate::name::Name::parse(text).map(Self)
            }

            /// The name as it was written.
            #[allow(dead_code, reason = "not every kind is wanted as a str")]
            #[must_use]
            pub(crate) fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::borrow::Borrow<str> for $kind {
            fn borrow(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use kind_of_name;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn letters_digits_underscores_and_hyphens_make_a_name() {
        for text in ["a", "Z", "0", "_", "-", "corp", "Revenue-2_x", &"n".repeat(NAME_BYTES_MAX)] {
            assert_eq!(Name::parse(text).map(|name| name.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn an_empty_text_is_no_name() {
        assert_eq!(Name::parse(""), Err(NameError::Empty));
        assert!(Name::parse("-").is_ok());
    }

    #[test]
    fn a_name_ends_at_its_limit() {
        assert!(Name::parse(&"n".repeat(NAME_BYTES_MAX)).is_ok());
        assert_eq!(Name::parse(&"n".repeat(NAME_BYTES_MAX + 1)), Err(NameError::TooLong));
    }

    #[test]
    fn any_other_character_makes_no_name() {
        for text in ["a b", " a", "a\n", "a.b", "a/b", "a%20", "ä", "a\0", "\"a\"", "a:b", "{a}"] {
            assert_eq!(Name::parse(text), Err(NameError::Character), "{text:?}");
        }
    }

    #[test]
    fn case_is_part_of_a_name() {
        assert_ne!(Name::parse("corp"), Name::parse("Corp"));
    }

    #[test]
    fn a_name_is_written_as_its_text_and_only_a_name_is_read() {
        let name = Name::parse("corp").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), r#""corp""#);
        assert_eq!(serde_json::from_str::<Name>(r#""c\u006frp""#).unwrap(), name);
        for text in [r#""""#, r#""a b""#, "7", "null", r#"["corp"]"#] {
            assert!(serde_json::from_str::<Name>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_map_of_names_is_asked_by_text() {
        let map: BTreeMap<Name, u8> =
            ["b", "a-b", "a"].into_iter().zip(0..).map(|(text, at)| (Name::parse(text).unwrap(), at)).collect();
        assert_eq!((map.get("a"), map.get("a-b"), map.get("b"), map.get("a b")), (Some(&2), Some(&1), Some(&0), None));
    }
}
