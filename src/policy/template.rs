//! Templates of user attributes: text with `{claim}` in it (`{{` and `}}` for braces).

use crate::identity::{ClaimPath, Claims, Keep, Projection, Scalar};

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

/// Why a template cannot be filled for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The claim is not there.
    #[error("claim {0:?} is missing")]
    Missing(String),
    /// The claim is not a single text, integer or boolean.
    #[error("claim {0:?} is not a text, number or boolean")]
    Type(String),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// For an open or empty brace, or a malformed claim path.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        parts(text).map(|parts| Self { parts }).ok_or_else(|| TemplateError(text.to_owned()))
    }

    /// Fills the template; numbers and booleans as JSON writes them.
    ///
    /// # Errors
    /// For a claim that is missing or not a scalar.
    pub fn render(&self, claims: &Claims) -> Result<String, RenderError> {
        self.parts.iter().map(|part| part.render(claims)).collect()
    }

    /// Adds to `projection` what the template looks at.
    pub fn project(&self, projection: &mut Projection) {
        for part in &self.parts {
            match part {
                Part::Text(_) => {}
                Part::Claim(path) => projection.keep(path.clone(), Keep::Whole),
            }
        }
    }
}

impl Part {
    fn render(&self, claims: &Claims) -> Result<String, RenderError> {
        let path = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Claim(path) => path,
        };
        let value = claims.at(path).ok_or_else(|| RenderError::Missing(path.as_str().to_owned()))?;
        match Scalar::of(value) {
            Some(Scalar::Text(text)) => Ok(text),
            Some(Scalar::Number(number)) => Ok(number.to_string()),
            Some(Scalar::Boolean(boolean)) => Ok(boolean.to_string()),
            None => Err(RenderError::Type(path.as_str().to_owned())),
        }
    }
}

fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{{") {
            literal.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            literal.push('}');
            rest = after;
        } else {
            let (name, after) = rest.strip_prefix('{')?.split_once('}')?;
            let path = ClaimPath::parse(name).ok().filter(|_| !name.contains('{'))?;
            parts.extend(text_part(&mut literal));
            parts.push(Part::Claim(path));
            rest = after;
        }
    }
    literal.push_str(rest);
    parts.extend(text_part(&mut literal));
    Some(parts)
}

/// The text collected so far, if there is any.
fn text_part(literal: &mut String) -> Option<Part> {
    (!literal.is_empty()).then(|| Part::Text(std::mem::take(literal)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::claims;

    fn render(template: &str) -> Result<String, RenderError> {
        let claims = claims(json!({
            "partner_id": "p7", "level": 3, "vip": true, "groups": ["a"], "nothing": null,
            "a": { "b": "deep" }, "https://example.com/tenant": "t1", "half": 0.5,
        }));
        Template::parse(template).expect("a template").render(&claims)
    }

    #[test]
    fn text_and_claims_are_put_together() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{partner_id}", "p7"),
            ("x-{partner_id}-{level}-{vip}", "x-p7-3-true"),
            ("{/a/b}", "deep"),
            ("{https://example.com/tenant}", "t1"),
            ("{/https:~1~1example.com~1tenant}", "t1"),
            ("{{partner_id}}", "{partner_id}"),
            ("{{{partner_id}}}", "{p7}"),
        ] {
            assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn a_missing_claim_is_named() {
        assert_eq!(render("{absent}"), Err(RenderError::Missing("absent".to_owned())));
        assert_eq!(render("{/a/c}"), Err(RenderError::Missing("/a/c".to_owned())));
    }

    #[test]
    fn a_claim_that_is_not_a_scalar_is_named() {
        for name in ["groups", "nothing", "a", "half"] {
            assert_eq!(render(&format!("{{{name}}}")), Err(RenderError::Type(name.to_owned())));
        }
    }

    #[test]
    fn braces_are_closed_filled_or_doubled() {
        for text in ["{", "}", "{}", "a{b", "a}b", "{a{b}", "{{}", "{a}}"] {
            assert_eq!(Template::parse(text), Err(TemplateError(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_projection_keeps_every_claim_whole() {
        let mut projection = Projection::default();
        Template::parse("{a}-{/b/c}").expect("a template").project(&mut projection);
        let kept = projection.project(&claims(json!({ "a": "x", "b": { "c": 7 }, "c": 1 })));
        assert_eq!(kept, claims(json!({ "a": "x", "b": { "c": 7 } })));
    }
}
