//! Claims: a JSON object of which every part has been verified, and the two ways of naming a place in it.

use serde_json::{Map, Value};

use super::{
    cause::told,
    strict_json::{StrictJsonError, parse_object},
};

/// Verified (and, in a session, projected) claims; of projected ones also what is known of the values left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Claims(pub(crate) Map<String, Value>, #[serde(skip)] pub(super) LeftOut);

/// What a projection tells of values that it leaves out: a short hash for each thing that a condition may ask about.
/// Whole claims leave nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct LeftOut(Vec<u32>);

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ClaimPlace<'a> {
    /// A value.
    Value(&'a Value),
    /// Nothing, and every step before it is an object or missing itself.
    Missing,
    /// Nothing, because a step before it is no object; where that one is.
    NoObject(&'a [String]),
}

/// Where a claim is: a member name, or a JSON Pointer (RFC 6901) when it starts with `/`.
///
/// A pointer walks through objects only: an index into an array is not a place that a provider promises to keep.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClaimPath {
    text: String,
    steps: Vec<String>,
}

/// What is wrong with a claim path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim path {0:?} is empty or holds a `~` that is not `~0` or `~1`")]
pub(crate) struct ClaimPathError(pub(crate) String);

/// A single text, number or boolean, compared typed and exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scalar {
    /// A text.
    Text(String),
    /// An integer; other numbers of a token match nothing.
    Number(i64),
    /// A boolean.
    Boolean(bool),
}

impl ClaimPath {
    /// Parses a claim name or a JSON Pointer.
    ///
    /// # Errors
    /// For an empty text or a malformed pointer.
    pub(crate) fn parse(text: &str) -> Result<Self, ClaimPathError> {
        let steps = match text.strip_prefix('/') {
            None if text.is_empty() => None,
            None => Some(vec![text.to_owned()]),
            Some(pointer) => pointer.split('/').map(unescape).collect(),
        };
        let steps = steps.ok_or_else(|| ClaimPathError(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The path as written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The same place, always spelled as a pointer: `email` and `/email` are one place.
    pub(super) fn into_canonical(self) -> Self {
        let text = self.steps.iter().fold(String::new(), |text, step| text + "/" + &escape(step));
        Self { text, steps: self.steps }
    }

    /// Whether two paths lead to one place, however they are spelled.
    #[must_use]
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.steps == other.steps
    }

    /// Whether this is the claim `email`, the one that `email_verified` speaks of (OIDC Core 5.1).
    #[must_use]
    pub(crate) fn is_email(&self) -> bool {
        self.steps == ["email"]
    }

    /// Whether this is the top-level member of this name.
    #[must_use]
    pub(crate) fn is_member(&self, name: &str) -> bool {
        self.steps == [name]
    }

    /// Whether this is the claim `email_verified` (OIDC Core 5.1).
    #[must_use]
    pub(crate) fn is_email_verified(&self) -> bool {
        self.steps == ["email_verified"]
    }

    /// The member names that lead to the place; at least one.
    pub(super) fn steps(&self) -> &[String] {
        &self.steps
    }
}

impl Claims {
    /// Parses an object in which every member name is unique at every depth (RFC 7519 4, RFC 8725 3.7).
    ///
    /// # Errors
    /// See [`StrictJsonError`].
    pub(crate) fn parse_strict(bytes: &[u8]) -> Result<Self, StrictJsonError> {
        parse_object(bytes).map(Self::from)
    }

    /// The value at a path. A name finds only a top-level member of exactly that name.
    #[must_use]
    pub(crate) fn at(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.steps.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, step| value.as_object()?.get(step))
    }

    /// Takes the value at a path out.
    pub(super) fn remove(&mut self, path: &ClaimPath) {
        let Some((last, parents)) = path.steps.split_last() else { return };
        let holder = parents.iter().try_fold(&mut self.0, |object, step| object.get_mut(step)?.as_object_mut());
        if let Some(holder) = holder {
            holder.remove(last);
        }
    }

    /// The same where a number may also be a place in an array (RFC 6901 4): for what is read once, off whole claims.
    #[must_use]
    pub(crate) fn at_in_arrays(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.steps.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, step| match value {
            Value::Array(items) => items.get(index(step)?),
            Value::Object(members) => members.get(step),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    }

    /// The value at a path, or why there is none.
    pub(super) fn place<'a>(&'a self, path: &'a ClaimPath) -> ClaimPlace<'a> {
        let mut object = &self.0;
        for (index, step) in path.steps.iter().enumerate() {
            match (object.get(step), index + 1 == path.steps.len()) {
                (None, _) => return ClaimPlace::Missing,
                (Some(value), true) => return ClaimPlace::Value(value),
                (Some(Value::Object(inner)), false) => object = inner,
                (Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)), false) => {
                    return ClaimPlace::NoObject(&path.steps[..=index]);
                }
            }
        }
        ClaimPlace::Missing
    }

    /// The top-level member that takes most room, and its bytes as JSON.
    #[must_use]
    pub(crate) fn largest(&self) -> Option<(&str, usize)> {
        let sizes = self.0.iter().map(|(name, value)| (name.as_str(), value.to_string().len()));
        sizes.max_by_key(|(_, bytes)| *bytes)
    }

    /// The text of a top-level member.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// What a top-level member of the protocol is, for whoever has to find out why it is refused.
    pub(super) fn told(&self, name: &str) -> String {
        told(self.0.get(name))
    }
}

impl From<Map<String, Value>> for Claims {
    /// Whole claims.
    fn from(members: Map<String, Value>) -> Self {
        Self(members, LeftOut::default())
    }
}

impl LeftOut {
    /// Notes a thing.
    pub(super) fn note(&mut self, hash: u32) {
        if let Err(at) = self.0.binary_search(&hash) {
            self.0.insert(at, hash);
        }
    }

    /// Whether one of these things was noted.
    pub(super) fn has_any(&self, hashes: &[u32]) -> bool {
        !self.0.is_empty() && hashes.iter().any(|hash| self.0.binary_search(hash).is_ok())
    }
}

impl Scalar {
    /// The scalar of a JSON value, if it is one.
    #[must_use]
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Bool(value) => Some(Self::Boolean(*value)),
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// RFC 6901 4: first `~1`, then `~0`; any other use of `~` is an error.
fn unescape(step: &str) -> Option<String> {
    let mut rest = step.split('~');
    let mut text = rest.next()?.to_owned();
    for part in rest {
        let (character, tail) = match part.as_bytes().first()? {
            b'0' => ('~', part.get(1..)?),
            b'1' => ('/', part.get(1..)?),
            _ => return None,
        };
        text.push(character);
        text.push_str(tail);
    }
    Some(text)
}

/// RFC 6901 4: digits without a leading zero.
fn index(step: &str) -> Option<usize> {
    let is_index = step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if is_index { step.parse().ok() } else { None }
}

fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        Claims::parse_strict(text.as_bytes()).unwrap()
    }

    fn at<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
        claims.at(&ClaimPath::parse(path).unwrap())
    }

    #[test]
    fn a_name_finds_only_a_top_level_member_of_exactly_that_name() {
        let claims = claims(r#"{"a.b":1,"a":{"b":2},"A":3}"#);
        assert_eq!(at(&claims, "a.b"), Some(&Value::from(1)));
        assert_eq!(at(&claims, "A"), Some(&Value::from(3)));
        assert_eq!(at(&claims, "b"), None);
    }

    #[test]
    fn a_pointer_walks_through_objects_and_its_escapes_name_tilde_and_slash() {
        let claims = claims(r#"{"a":{"b":2},"https://example.com/email":"x","t~":[5]}"#);
        assert_eq!(at(&claims, "/a/b"), Some(&Value::from(2)));
        assert_eq!(at(&claims, "/https:~1~1example.com~1email"), Some(&Value::from("x")));
        assert_eq!(at(&claims, "/t~0/0"), None);
    }

    #[test]
    fn a_number_is_a_place_in_an_array_where_arrays_are_read() {
        let claims = claims(r#"{"emails":["a",{"b":["c"]}],"x":{"0":"d"}}"#);
        let at = |path| claims.at_in_arrays(&ClaimPath::parse(path).unwrap()).and_then(Value::as_str);
        assert_eq!([at("/emails/0"), at("/emails/1/b/0"), at("/x/0")], [Some("a"), Some("c"), Some("d")]);
        for path in ["/emails/00", "/emails/+0", "/emails/2", "/emails/-", "/emails/", "/emails/0/0", "emails/0"] {
            assert_eq!(at(path), None, "{path}");
        }
    }

    #[test]
    fn an_empty_path_or_a_stray_tilde_in_a_pointer_is_refused() {
        for text in ["", "/a~", "/a~2b"] {
            assert_eq!(ClaimPath::parse(text), Err(ClaimPathError(text.to_owned())));
        }
        assert!(ClaimPath::parse("a~2b").is_ok(), "a name is taken as it is");
    }

    #[test]
    fn a_canonical_path_is_one_spelling_of_a_place() {
        let path = |text| ClaimPath::parse(text).unwrap().into_canonical();
        assert_eq!(path("a~/b"), path("/a~0~1b"));
        assert_ne!(path("a/b"), path("/a/b"));
    }

    #[test]
    fn a_place_tells_a_missing_claim_from_one_below_something_that_is_no_object() {
        let claims = claims(r#"{"a":{"b":2,"n":null},"t":"x","n":null}"#);
        let path = |text| ClaimPath::parse(text).unwrap();
        assert_eq!(claims.place(&path("/a/b")), ClaimPlace::Value(&Value::from(2)));
        for missing in ["b", "/a/c", "/b/c/d"] {
            assert_eq!(claims.place(&path(missing)), ClaimPlace::Missing, "{missing}");
        }
        for (text, steps) in [("/t/a", 1), ("/n/a/b", 1), ("/a/n/x", 2), ("/a/b/c/d", 2)] {
            let path = path(text);
            assert_eq!(claims.place(&path), ClaimPlace::NoObject(&path.steps[..steps]), "{text}");
        }
    }

    #[test]
    fn scalars_are_texts_integers_and_booleans_only() {
        assert_eq!(Scalar::of(&Value::from("1")), Some(Scalar::Text("1".to_owned())));
        assert_eq!(Scalar::of(&Value::from(1)), Some(Scalar::Number(1)));
        assert_eq!(Scalar::of(&Value::from(true)), Some(Scalar::Boolean(true)));
        for other in [Value::Null, Value::from(1.5), Value::from(u64::MAX), serde_json::json!(["a"])] {
            assert_eq!(Scalar::of(&other), None);
        }
    }
}
