//! JSON in which nothing can be read in two ways: one object, UTF-8, unique member names, bounded depth.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

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

/// The members of one object, of which only the names are read: what each of them says is judged on its own.
pub(super) fn parse_members(bytes: &[u8]) -> Result<BTreeMap<String, &RawValue>, StrictJsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let fault = RefCell::new(None);
    let malformed = |error: serde_json::Error| StrictJsonError::Malformed(error.to_string());
    let members = reader.deserialize_map(Members { fault: &fault });
    // Something else than an object is told as what it is.
    let other = |error| parse_object(bytes).err().unwrap_or_else(|| malformed(error));
    let members = members.map_err(|error| fault.take().unwrap_or_else(|| other(error)))?;
    reader.end().map_err(malformed)?;
    Ok(members)
}

/// The items of an array, of which nothing is read; none: it is no array.
pub(super) fn items(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
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

/// Reads members whose names are unique, and nothing of their values.
struct Members<'f> {
    fault: &'f RefCell<Option<StrictJsonError>>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = BTreeMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, &RawValue>()? {
            if found.contains_key(&name) {
                self.fault.replace(Some(StrictJsonError::Twice { name: quoted(&name) }));
                return Err(A::Error::custom("a name twice"));
            }
            found.insert(name, value);
        }
        Ok(found)
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
    fn members_are_told_apart_by_name_and_what_they_say_is_not_looked_at() {
        let text = r#" {"a":{"x":1,"x":2},"b":[1e400,"\ud800",[[]]],"c":7} "#;
        let members = parse_members(text.as_bytes()).unwrap();
        assert_eq!(members["a"].get(), r#"{"x":1,"x":2}"#);
        let items: Vec<_> = items(members["b"]).unwrap().into_iter().map(RawValue::get).collect();
        assert_eq!(items, ["1e400", r#""\ud800""#, "[[]]"]);
        assert!(super::items(members["a"]).is_none() && super::items(members["c"]).is_none());
        let twice = Err(StrictJsonError::Twice { name: "\"a\"".to_owned() });
        assert_eq!(parse_members(br#"{"a":1,"\u0061":1}"#).map(drop), twice);
        assert_eq!(parse_members(b"[]").map(drop), Err(StrictJsonError::NotAnObject("an array")));
        for text in ["", "{", "{}{}", "{\"a\":}", "{\"a\":[}", "\u{feff}{}"] {
            assert!(matches!(parse_members(text.as_bytes()), Err(StrictJsonError::Malformed(_))), "{text}");
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
