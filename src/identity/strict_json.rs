//! JSON in which nothing can be read in two ways: one object, UTF-8, unique member names, bounded depth.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::cause::{kind, quoted};
use crate::limits::JSON_DEPTH_MAX;

/// What is wrong with a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StrictJsonError {
    /// Not JSON.
    #[error("expected json: {0}")]
    Malformed(String),
    /// Which of the two values is meant, nobody knows.
    #[error("expected json with unique member names, found {name} twice")]
    Twice {
        /// The name, quoted and cut.
        name: String,
    },
    /// Nested too deeply.
    #[error("expected json of at most {JSON_DEPTH_MAX} levels, found deeper ones")]
    TooDeep,
    /// JSON, but not an object.
    #[error("expected a json object, found {0}")]
    NotAnObject(&'static str),
}

/// Parses one object; the caller bounds the size of `bytes`.
pub(super) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, StrictJsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let fault = RefCell::new(None);
    // The words of the library are of syntax alone: what our own reader minds is in `fault`.
    let malformed = |error: serde_json::Error| StrictJsonError::Malformed(error.to_string());
    let value = Level { left: JSON_DEPTH_MAX, fault: &fault }.deserialize(&mut reader);
    let value = value.map_err(|error| fault.take().unwrap_or_else(|| malformed(error)))?;
    reader.end().map_err(malformed)?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(StrictJsonError::NotAnObject(kind(Some(&value))))
        }
    }
}

/// How many levels of arrays and objects may still follow, and what was wrong.
#[derive(Clone, Copy)]
struct Level<'f> {
    left: usize,
    fault: &'f RefCell<Option<StrictJsonError>>,
}

impl Level<'_> {
    fn below<E: Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1).ok_or_else(|| self.failed(StrictJsonError::TooDeep))?;
        Ok(Self { left, ..self })
    }

    fn failed<E: Error>(self, fault: StrictJsonError) -> E {
        self.fault.replace(Some(fault));
        E::custom("not of the form that is read")
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(below)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(below)?;
            if object.contains_key(&name) {
                return Err(self.failed(StrictJsonError::Twice { name: quoted(&name) }));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_object_is_parsed_as_serde_json_parses_it() {
        let text = r#"{"a":[1,-2,1.5,null,true,"\u00e9"],"b":{"a":1}}"#;
        assert_eq!(Value::Object(parse_object(text.as_bytes()).unwrap()), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_member_name_twice_is_refused_at_every_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"b":[{"a":1,"\u0061":2}]}"#] {
            assert_eq!(parse_object(text.as_bytes()), Err(StrictJsonError::Twice { name: "\"a\"".to_owned() }));
        }
    }

    #[test]
    fn nesting_is_bounded_and_the_bound_itself_is_allowed() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(parse_object(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
        for depth in [JSON_DEPTH_MAX + 1, 100_000] {
            assert_eq!(parse_object(nested(depth).as_bytes()), Err(StrictJsonError::TooDeep));
        }
    }

    #[test]
    fn what_is_not_one_utf8_object_is_refused() {
        for bytes in [
            &b"{\"a\":\"\xff\"}"[..],
            b"\xef\xbb\xbf{}",
            b"{}{}",
            b"{} x",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":1e400}",
            b"",
        ] {
            assert!(matches!(parse_object(bytes), Err(StrictJsonError::Malformed(_))), "{bytes:?}");
        }
        for (text, kind) in [("[]", "an array"), ("\"a\"", "a text"), ("null", "null"), ("1", "a number")] {
            assert_eq!(parse_object(text.as_bytes()), Err(StrictJsonError::NotAnObject(kind)));
        }
    }
}
