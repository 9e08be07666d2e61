//! Templates of user attributes: text with `{claim}` in it (`{{` and `}}` for braces).

use crate::identity::{ClaimPath, Claims, Keep, Projection, Scalar};

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<TemplatePart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Claim(ClaimPath),
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {0:?}: expected text with {{claim}} in it, every brace closed or doubled")]
pub(crate) struct TemplateError(pub(crate) String);

/// Why a template cannot be filled for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenderError {
    /// The claim is not there.
    #[error("claim {0:?} is missing")]
    Missing(String),
    /// The claim is not a single text, integer or boolean.
    #[error("claim {0:?} is not a text, number or boolean")]
    Type(String),
    /// The claim holds a control character, and the template joins claims by one.
    #[error("claim {0:?} holds a control character, which separates claims here")]
    Separator(String),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// For an open or empty brace, or a malformed claim path.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        parts(text).map(|parts| Self { parts }).ok_or_else(|| TemplateError(text.to_owned()))
    }

    /// Fills the template; numbers and booleans as JSON writes them.
    ///
    /// # Errors
    /// For a claim that is missing or not a scalar, or that holds what separates it from another one.
    pub(crate) fn render(&self, claims: &Claims) -> Result<String, RenderError> {
        let is_guarded = self.claims().nth(1).is_some() && self.parts.iter().any(TemplatePart::separates);
        self.parts.iter().map(|part| part.render(claims, is_guarded)).collect()
    }

    /// The first two claims that are joined without a separator that neither can hold; none: what was joined can be
    /// told apart again.
    #[must_use]
    pub(crate) fn ambiguous_join(&self) -> Option<(&str, &str)> {
        let claims: Vec<(usize, &ClaimPath)> = self.claims().collect();
        claims.windows(2).find_map(|pair| {
            let [(first_at, first), (second_at, second)] = pair else { return None };
            let separator = self.parts.get(first_at + 1..*second_at).unwrap_or_default();
            let is_told_apart = first.is_same_place(second) || separator.iter().any(TemplatePart::separates);
            (!is_told_apart).then(|| (first.as_str(), second.as_str()))
        })
    }

    /// Where the claims are that it looks at.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ClaimPath> {
        self.claims().map(|(_, path)| path)
    }

    /// The claim that it is, without any text.
    #[must_use]
    pub(crate) fn only_claim(&self) -> Option<&ClaimPath> {
        match self.parts.as_slice() {
            [TemplatePart::Claim(path)] => Some(path),
            [] | [TemplatePart::Text(_)] | [_, _, ..] => None,
        }
    }

    fn claims(&self) -> impl Iterator<Item = (usize, &ClaimPath)> {
        self.parts.iter().enumerate().filter_map(|(index, part)| match part {
            TemplatePart::Text(_) => None,
            TemplatePart::Claim(path) => Some((index, path)),
        })
    }

    /// Adds to `projection` what the template looks at.
    pub(crate) fn project(&self, projection: &mut Projection) {
        for part in &self.parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Claim(path) => projection.keep(path.clone(), Keep::Whole),
            }
        }
    }
}

impl TemplatePart {
    /// Whether it is a text with a control character: where claims are joined by one, none may hold one.
    fn separates(&self) -> bool {
        match self {
            Self::Text(text) => text.contains(char::is_control),
            Self::Claim(_) => false,
        }
    }

    fn render(&self, claims: &Claims, is_guarded: bool) -> Result<String, RenderError> {
        let path = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Claim(path) => path,
        };
        let value = claims.at(path).ok_or_else(|| RenderError::Missing(path.as_str().to_owned()))?;
        match Scalar::of(value) {
            Some(Scalar::Text(text)) if is_guarded && text.contains(char::is_control) => {
                Err(RenderError::Separator(path.as_str().to_owned()))
            }
            Some(Scalar::Text(text)) => Ok(text),
            Some(Scalar::Number(number)) => Ok(number.to_string()),
            Some(Scalar::Boolean(boolean)) => Ok(boolean.to_string()),
            None => Err(RenderError::Type(path.as_str().to_owned())),
        }
    }
}

fn parts(text: &str) -> Option<Vec<TemplatePart>> {
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
            parts.push(TemplatePart::Claim(path));
            rest = after;
        }
    }
    literal.push_str(rest);
    parts.extend(text_part(&mut literal));
    Some(parts)
}

/// The text collected so far, if there is any.
fn text_part(literal: &mut String) -> Option<TemplatePart> {
    (!literal.is_empty()).then(|| TemplatePart::Text(std::mem::take(literal)))
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
    fn a_claim_never_holds_the_control_character_that_separates_it_from_another() {
        let template = Template::parse("{a}\u{1f}{b}").expect("a template");
        let render = |a: &str| template.render(&claims(json!({ "a": a, "b": "x" })));
        assert_eq!(render("y").as_deref(), Ok("y\u{1f}x"));
        assert_eq!(render("y\u{1f}"), Err(RenderError::Separator("a".to_owned())));
        let alone = Template::parse("{a}").expect("a template");
        assert!(alone.render(&claims(json!({ "a": "y\u{1f}" }))).is_ok());
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
