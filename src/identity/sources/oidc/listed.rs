//! Lists of supported things in a provider's document (OIDC Discovery 3).

use serde_json::{Map, Value};

/// The texts of a list; none where nothing is said: the member is missing or null. One text is a list of one, as some write it; what
/// is neither has nothing in it.
pub(super) fn listed<'a>(document: &'a Map<String, Value>, member: &str) -> Option<Vec<&'a str>> {
    match document.get(member)? {
        Value::Null => None,
        Value::String(text) => Some(vec![text]),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect()),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(Vec::new()),
    }
}
