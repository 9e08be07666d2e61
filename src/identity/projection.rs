//! What of the claims a session keeps: only what today's rules can look at.

use std::collections::BTreeMap;

use globset::GlobMatcher;
use serde_json::{Map, Value};

use super::{ClaimPath, Claims, Scalar, short_hash::short_hash};

/// A value of a condition: exact and typed, or a glob over texts (`*` does not cross `/`).
#[derive(Debug, Clone)]
pub enum ValuePattern {
    /// The same type and the same value.
    Exact(Scalar),
    /// A text that the glob matches.
    Glob(GlobMatcher),
}

/// What is kept of one claim.
#[derive(Debug, Clone)]
pub enum Keep {
    /// A scalar as it is; of an array or object only that it is one (a template then says `claim_type`).
    Whole,
    /// Of an array or scalar only the values that some pattern matches.
    Matching(Vec<ValuePattern>),
}

/// What of the claims a session keeps.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    kept: BTreeMap<ClaimPath, Kept>,
    needs: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    whole: bool,
    patterns: Vec<ValuePattern>,
}

impl ValuePattern {
    /// Whether a single value of a claim is meant. Arrays and objects match nothing; the caller walks them.
    #[must_use]
    pub fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Exact(scalar) => Scalar::of(value).as_ref() == Some(scalar),
            Self::Glob(glob) => value.as_str().is_some_and(|text| glob.is_match(text)),
        }
    }

    /// One text per pattern; the first letter keeps the kinds apart.
    fn spelling(&self) -> String {
        match self {
            Self::Exact(Scalar::Text(text)) => format!("t{text}"),
            Self::Exact(Scalar::Number(number)) => format!("n{number}"),
            Self::Exact(Scalar::Boolean(value)) => format!("b{value}"),
            Self::Glob(glob) => format!("g{}", glob.glob().glob()),
        }
    }
}

impl Projection {
    /// Keeps more: what was kept of the claim before stays kept.
    pub fn keep(&mut self, path: ClaimPath, keep: Keep) {
        let path = path.into_canonical();
        let new_needs: Vec<u32> = match &keep {
            Keep::Whole => vec![short_hash(&[path.as_str(), "w"])],
            Keep::Matching(patterns) => {
                patterns.iter().map(|pattern| short_hash(&[path.as_str(), &pattern.spelling()])).collect()
            }
        };
        self.needs.extend(new_needs);
        self.needs.sort_unstable();
        self.needs.dedup();
        let kept = self.kept.entry(path).or_default();
        match keep {
            Keep::Whole => kept.whole = true,
            Keep::Matching(patterns) => kept.patterns.extend(patterns),
        }
    }

    /// Whether something at or below this top-level member is kept.
    #[must_use]
    pub fn looks_into(&self, member: &str) -> bool {
        self.kept.keys().any(|path| path.steps().first().is_some_and(|first| first == member))
    }

    /// The kept part of the claims, in its places, so that [`Claims::at`] finds it with the same paths.
    #[must_use]
    pub fn project(&self, claims: &Claims) -> Claims {
        let mut projected = Map::new();
        // A path sorts before the paths below it, so the marker of an object is there before its members.
        for (path, kept) in &self.kept {
            if let Some(value) = claims.at(path).and_then(|value| kept.of(value)) {
                place(&mut projected, path.steps(), value);
            }
        }
        Claims(projected)
    }

    /// A short hash per claim kept whole and per pattern, ascending: a session that kept all of them is good.
    #[must_use]
    pub fn needs(&self) -> &[u32] {
        &self.needs
    }
}

impl Kept {
    fn of(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => {
                let items: Vec<Value> = items.iter().filter(|item| self.matches(item)).cloned().collect();
                (self.whole || !items.is_empty()).then_some(Value::Array(items))
            }
            Value::Object(_) => self.whole.then(|| Value::Object(Map::new())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                (self.whole || self.matches(value)).then(|| value.clone())
            }
        }
    }

    fn matches(&self, value: &Value) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(value))
    }
}

fn place(object: &mut Map<String, Value>, steps: &[String], value: Value) {
    match steps {
        [] => {}
        [last] => {
            object.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ClaimPath {
        ClaimPath::parse(text).unwrap()
    }

    fn text(value: &str) -> ValuePattern {
        ValuePattern::Exact(Scalar::Text(value.to_owned()))
    }

    fn glob(pattern: &str) -> ValuePattern {
        let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build().unwrap();
        ValuePattern::Glob(glob.compile_matcher())
    }

    fn projected(projection: &Projection, claims: Value) -> Value {
        let Value::Object(members) = claims else { panic!("an object") };
        Value::Object(projection.project(&Claims(members)).0)
    }

    #[test]
    fn an_array_keeps_only_the_values_that_some_pattern_matches() {
        let mut projection = Projection::default();
        projection.keep(path("groups"), Keep::Matching(vec![text("finance")]));
        projection.keep(path("/groups"), Keep::Matching(vec![glob("partner-*")]));
        let claims = serde_json::json!({"groups": ["a", "finance", "partner-1", 7, ["finance"]], "other": 1});
        assert_eq!(projected(&projection, claims), serde_json::json!({"groups": ["finance", "partner-1"]}));
    }

    #[test]
    fn a_value_matches_with_its_type_only() {
        assert!(ValuePattern::Exact(Scalar::Number(1)).matches(&Value::from(1)));
        assert!(!ValuePattern::Exact(Scalar::Number(1)).matches(&Value::from("1")));
        assert!(!text("a").matches(&serde_json::json!(["a"])) && !text("a").matches(&Value::from("A")));
        assert!(!glob("*").matches(&Value::from(1)) && !glob("a*").matches(&Value::from("a/b")));
    }

    #[test]
    fn a_whole_claim_is_kept_and_of_a_non_scalar_only_its_type() {
        let mut projection = Projection::default();
        for name in ["/a/b", "list", "object", "missing"] {
            projection.keep(path(name), Keep::Whole);
        }
        let claims = serde_json::json!({"a": {"b": "x", "c": 1}, "list": [1], "object": {"x": 1}});
        assert_eq!(projected(&projection, claims), serde_json::json!({"a": {"b": "x"}, "list": [], "object": {}}));
    }

    #[test]
    fn whole_and_matching_together_keep_what_either_keeps() {
        let mut projection = Projection::default();
        projection.keep(path("groups"), Keep::Whole);
        projection.keep(path("groups"), Keep::Matching(vec![text("finance")]));
        projection.keep(path("/groups/inner"), Keep::Whole);
        assert_eq!(
            projected(&projection, serde_json::json!({"groups": ["finance", "x"]})),
            serde_json::json!({"groups": ["finance"]})
        );
        assert_eq!(projected(&projection, serde_json::json!({"groups": "x"})), serde_json::json!({"groups": "x"}));
        assert_eq!(
            projected(&projection, serde_json::json!({"groups": {"inner": 1, "other": 2}})),
            serde_json::json!({"groups": {"inner": 1}})
        );
    }

    #[test]
    fn needs_grow_with_what_is_kept_and_do_not_depend_on_order_or_spelling() {
        let mut one = Projection::default();
        one.keep(path("groups"), Keep::Matching(vec![text("a"), glob("a")]));
        one.keep(path("email"), Keep::Whole);
        let mut other = Projection::default();
        other.keep(path("/email"), Keep::Whole);
        other.keep(path("/groups"), Keep::Matching(vec![glob("a")]));
        assert_eq!(other.needs().len(), 2);
        assert!(other.needs().iter().all(|need| one.needs().contains(need)));
        other.keep(path("groups"), Keep::Matching(vec![text("a"), text("a")]));
        assert_eq!(one.needs(), other.needs());
    }

    #[test]
    fn a_projection_knows_which_members_it_looks_into() {
        let mut projection = Projection::default();
        projection.keep(path("/realm_access/roles"), Keep::Matching(vec![text("a")]));
        assert!(projection.looks_into("realm_access") && !projection.looks_into("groups"));
    }
}
