//! The part of RFC 9535 that chooses places without computing: names, indexes and wildcards.

/// A parsed query such as `$.widgets[*].url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Wildcard,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("JSON path: {0}")]
pub struct JsonPathError(pub String);

impl JsonPath {
    /// Parses a query.
    ///
    /// # Errors
    /// For anything but `$` and then names, indexes and wildcards.
    pub fn parse(_text: &str) -> Result<Self, JsonPathError> {
        todo!()
    }
}
