//! Templates of user attributes: text with `{claim}` in it (`{{` and `}}` for braces).

use crate::identity::{ClaimPath, Projection};

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Claim(ClaimPath),
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {0:?}: expected text with {{claim}} in it, every brace closed or doubled")]
pub struct TemplateError(pub String);

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// For an open or empty brace, or a malformed claim path.
    pub fn parse(_text: &str) -> Result<Self, TemplateError> {
        todo!()
    }

    /// Adds to `projection` what the template looks at.
    pub fn project(&self, _projection: &mut Projection) {
        todo!()
    }
}
