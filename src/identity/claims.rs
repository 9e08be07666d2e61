//! Claims: a JSON object of which every part has been verified, and the two ways of naming a place in it.

use serde_json::{Map, Value};

/// Verified (and, in a session, projected) claims.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Claims(pub Map<String, Value>);

/// Where a claim is: a member name, or a JSON Pointer (RFC 6901) when it starts with `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimPath(String);

/// What is wrong with a claim path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim path {0:?} is empty or holds a `~` that is not `~0` or `~1`")]
pub struct ClaimPathError(pub String);

/// A single text, number or boolean, compared typed and exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scalar {
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
    pub fn parse(_text: &str) -> Result<Self, ClaimPathError> {
        todo!()
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Claims {
    /// The value at a path. A name finds only a top-level member of exactly that name.
    #[must_use]
    pub fn at(&self, _path: &ClaimPath) -> Option<&Value> {
        todo!()
    }
}

impl Scalar {
    /// The scalar of a JSON value, if it is one.
    #[must_use]
    pub fn of(_value: &Value) -> Option<Self> {
        todo!()
    }
}
