//! What of the claims a session keeps: only what today's rules can look at.
//!
//! Of values that no rule asks for, a session knows as much as a condition needs to tell "no" from "unknown": that there
//! were some, whether one could not be compared at all (a null stands for it), and short hashes for what was of another
//! type than some condition asks for, or like it. So projected claims answer every condition as the whole claims do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    ClaimPath, Claims, Doubt, ValuePattern,
    cause::cleaned,
    claims::{ClaimPlace, LeftOut},
    doubt::elements,
    doubt::form_of,
    likeness::{Folded, FoldedPattern},
    pattern::{Kinds, kind_left_out, like_left_out, unread_left_out},
    short_hash::short_hash,
};
use crate::limits::{CLAIM_QUOTE_CHARS_MAX, LIKENESSES_MAX, LOG_CLAIMS_MAX};

/// What is kept of one claim.
#[derive(Debug, Clone)]
pub(crate) enum Keep {
    /// A scalar as it is; of an array or object only that it is one (a template then says `claim_type`).
    Whole,
    /// Of an array or scalar only the values that some pattern matches.
    Matching(Vec<ValuePattern>),
    /// Of an array every text, a text as it is: as far as a session has room ([`Projection::with_texts`]).
    EveryText,
}

/// What of the claims a session keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Projection {
    kept: BTreeMap<ClaimPath, Kept>,
    needs: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    whole: bool,
    every_text: bool,
    patterns: Vec<ValuePattern>,
    /// The kinds of values that each condition asks for.
    kinds: BTreeSet<Kinds>,
}

impl Projection {
    /// What is looked at where nobody looks.
    pub(crate) const NOTHING: Self = Self { kept: BTreeMap::new(), needs: Vec::new() };

    /// Keeps more: what was kept of the claim before stays kept.
    pub(crate) fn keep(&mut self, path: ClaimPath, keep: Keep) {
        let path = path.into_canonical();
        let new_needs: Vec<u32> = match &keep {
            Keep::Whole => vec![short_hash(&[path.as_str(), "w"])],
            Keep::EveryText => vec![short_hash(&[path.as_str(), "every text"])],
            Keep::Matching(patterns) => {
                let kinds = short_hash(&[path.as_str(), "kinds", &Kinds::of_patterns(patterns).spelling()]);
                let need = |pattern: &ValuePattern| short_hash(&[path.as_str(), "answer", &pattern.spelling()]);
                patterns.iter().map(need).chain([kinds]).collect()
            }
        };
        self.needs.extend(new_needs);
        self.needs.sort_unstable();
        self.needs.dedup();
        let kept = self.kept.entry(path).or_default();
        match keep {
            Keep::Whole => kept.whole = true,
            Keep::EveryText => kept.every_text = true,
            Keep::Matching(patterns) => {
                kept.kinds.insert(Kinds::of_patterns(&patterns));
                kept.patterns.extend(patterns);
            }
        }
    }

    /// For whoever has to find out what a provider sends: each claim that is read, with what it is, cut.
    #[must_use]
    pub(super) fn read_of(&self, claims: &Claims) -> Vec<String> {
        let told = |path: &ClaimPath| match claims.at(path) {
            None => format!("{}: missing", path.as_str()),
            Some(value) => format!("{}: {}", path.as_str(), cleaned(&value.to_string(), CLAIM_QUOTE_CHARS_MAX)),
        };
        self.paths().take(LOG_CLAIMS_MAX).map(told).collect()
    }

    /// Where the kept claims are.
    pub(super) fn paths(&self) -> impl Iterator<Item = &ClaimPath> {
        self.kept.keys()
    }

    /// Whether something at or below this top-level member is kept.
    #[must_use]
    pub(crate) fn looks_into(&self, member: &str) -> bool {
        self.kept.keys().any(|path| path.steps().first().is_some_and(|first| first == member))
    }

    /// The kept part of the claims, in its places, so that the same paths find it.
    #[must_use]
    pub(crate) fn project(&self, claims: &Claims) -> Claims {
        let mut projected = Claims::default();
        // A path sorts before the paths below it, so what stands for an object is there before its members.
        for (path, kept) in &self.kept {
            match claims.place(path) {
                ClaimPlace::Value(value) => {
                    let value = kept.of(path, value, &mut projected.1);
                    place(&mut projected.0, path.steps(), value);
                }
                // Not missing: what is above it is no object. A null says so, unless something is there already.
                ClaimPlace::NoObject(above) if kept.whole || !kept.patterns.is_empty() => {
                    place_if_free(&mut projected.0, above, Value::Null);
                }
                ClaimPlace::NoObject(_) | ClaimPlace::Missing => {}
            }
        }
        projected
    }

    /// The patterns by which rules name values of a claim of which every text is kept; none: it is not.
    #[must_use]
    pub(crate) fn named_of_every_text(&self, path: &ClaimPath) -> Option<&[ValuePattern]> {
        let (_, kept) = self.kept.iter().find(|(known, _)| known.is_same_place(path))?;
        kept.every_text.then_some(&kept.patterns)
    }

    /// How many texts there are that no rule names.
    #[must_use]
    pub(crate) fn unnamed_texts(&self, claims: &Claims) -> usize {
        let of_path = |(path, kept): (&ClaimPath, &Kept)| kept.unnamed(claims.at(path)).len();
        self.kept.iter().filter(|(_, kept)| kept.every_text).map(of_path).sum()
    }

    /// Projected claims with at most so many texts of each array that no rule names: those that are first by their bytes, whatever the
    /// order in which a provider has them. What goes is noted as if it had never been kept, so that conditions are answered as before.
    #[must_use]
    pub(crate) fn with_texts(&self, claims: &Claims, texts_max: usize) -> Claims {
        let mut fewer = claims.clone();
        for (path, kept) in self.kept.iter().filter(|(_, kept)| kept.every_text) {
            let Some(Value::Array(items)) = claims.at(path) else { continue };
            let going: Vec<Value> = kept.unnamed(claims.at(path)).into_iter().skip(texts_max).cloned().collect();
            let mut staying: Vec<Value> = items.iter().filter(|item| !going.contains(item)).cloned().collect();
            let noted = kept.of_elements(path, (&going, true), false, &mut fewer.1);
            if noted.get(0).is_some() && !staying.contains(&Value::Null) {
                staying.push(Value::Null);
            }
            place(&mut fewer.0, path.steps(), Value::Array(staying));
        }
        fewer
    }

    /// A short hash per claim kept whole, per pattern and per kinds of a condition, ascending: a session that kept all
    /// of them is good.
    #[must_use]
    pub(crate) fn needs(&self) -> &[u32] {
        &self.needs
    }
}

impl Kept {
    fn of(&self, path: &ClaimPath, value: &Value, left_out: &mut LeftOut) -> Value {
        match value {
            Value::Array(items) => self.of_elements(path, (items, true), self.every_text, left_out),
            Value::Object(_) => Value::Object(Map::new()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                if self.whole || value.is_null() || self.every_text && value.is_string() || self.matches(value) {
                    return value.clone();
                }
                let nothing = self.of_elements(path, (elements(value), false), false, left_out);
                // One value that cannot be compared is no array of one.
                if nothing.get(0).is_some() { Value::Null } else { nothing }
            }
        }
    }

    /// The texts of an array that no pattern matches, by their bytes.
    fn unnamed<'v>(&self, value: Option<&'v Value>) -> Vec<&'v Value> {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut unnamed: Vec<_> = items.iter().filter(|item| item.is_string() && !self.matches(item)).collect();
        unnamed.sort_by_key(|item| item.as_str());
        unnamed
    }

    /// The elements that match, or are texts where those are kept, and one null for all that cannot be compared; what is known of the others is noted.
    fn of_elements(
        &self,
        path: &ClaimPath,
        (items, is_array): (&[Value], bool),
        takes_texts: bool,
        left_out: &mut LeftOut,
    ) -> Value {
        let (mut kept, mut others, mut has_unreadable) = (Vec::new(), Vec::new(), false);
        let folded = FoldedPattern::each(&self.patterns);
        for item in items {
            if takes_texts && item.is_string() || self.matches(item) {
                kept.push(item.clone());
                continue;
            }
            let form = form_of(item, is_array, &folded).filter(|_| !folded.is_empty());
            for (_, way) in Doubt::KINDS.iter().filter(|(doubt, _)| form == Some(*doubt)) {
                left_out.note(unread_left_out(path, way));
            }
            match Folded::of(item).filter(|_| Doubt::of_unreadable(item, is_array).is_none()) {
                Some(single) => others.push((item, single)),
                None => has_unreadable = true,
            }
        }
        let likenesses = self.likenesses(path, &others);
        // Of so many, it is enough that there are some.
        has_unreadable |= likenesses.len() > LIKENESSES_MAX;
        if has_unreadable && !self.patterns.is_empty() {
            kept.push(Value::Null);
        } else {
            likenesses.into_iter().for_each(|hash| left_out.note(hash));
        }
        for (item, _) in others {
            if let Some(kind) = Kinds::of_value(item).filter(|kind| self.kinds.iter().any(|asked| !asked.has(*kind))) {
                left_out.note(kind_left_out(path, kind));
            }
        }
        Value::Array(kept)
    }

    fn likenesses(&self, path: &ClaimPath, others: &[(&Value, Folded<'_>)]) -> Vec<u32> {
        let is_like_some = |pattern: &FoldedPattern<'_>| others.iter().any(|(_, single)| pattern.is_like(single));
        let patterns = self.patterns.iter().zip(FoldedPattern::each(&self.patterns));
        patterns.filter(|(_, folded)| is_like_some(folded)).map(|(pattern, _)| like_left_out(path, pattern)).collect()
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

fn place_if_free(object: &mut Map<String, Value>, steps: &[String], value: Value) {
    match steps {
        [] => {}
        [last] => {
            object.entry(last.clone()).or_insert(value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                place_if_free(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GlobPattern, Scalar};
    use super::*;

    fn path(text: &str) -> ClaimPath {
        ClaimPath::parse(text).unwrap()
    }

    fn text(value: &str) -> ValuePattern {
        ValuePattern::Exact(Scalar::Text(value.to_owned()))
    }

    fn glob(pattern: &str) -> ValuePattern {
        ValuePattern::Glob(GlobPattern::parse(pattern).unwrap())
    }

    fn projected(projection: &Projection, claims: Value) -> Value {
        let Value::Object(members) = claims else { panic!("an object") };
        Value::Object(projection.project(&Claims::from(members)).0)
    }

    #[test]
    fn what_is_read_is_told_with_its_value_and_cut() {
        let mut projection = Projection::default();
        for path in ["groups", "/realm/roles", "absent"] {
            projection.keep(ClaimPath::parse(path).unwrap(), Keep::Whole);
        }
        let claims = format!(r#"{{"groups":["{}"],"realm":{{"roles":["a",null]}},"secret":"x"}}"#, "g".repeat(2_000));
        let told = projection.read_of(&Claims::parse_strict(claims.as_bytes()).unwrap());
        assert_eq!(told.len(), 3);
        assert!(told.iter().any(|line| line == "/realm/roles: [\"a\",null]"), "{told:?}");
        assert!(told.iter().any(|line| line == "/absent: missing" || line == "absent: missing"), "{told:?}");
        assert!(told.iter().all(|line| line.chars().count() < CLAIM_QUOTE_CHARS_MAX + 20), "{told:?}");
    }

    #[test]
    fn an_array_keeps_only_the_values_that_some_pattern_matches() {
        let mut projection = Projection::default();
        projection.keep(path("groups"), Keep::Matching(vec![text("finance")]));
        projection.keep(path("/groups"), Keep::Matching(vec![glob("partner-*")]));
        let claims = serde_json::json!({"groups": ["a", "finance", "partner-1", 7, ["finance"]], "other": 1});
        assert_eq!(projected(&projection, claims), serde_json::json!({"groups": ["finance", "partner-1", null]}));
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
    fn every_text_is_kept_where_that_is_asked_for_and_fewer_are_told_apart_as_if_they_never_were() {
        let mut named = Projection::default();
        named.keep(path("groups"), Keep::Matching(vec![text("finance")]));
        let mut all = named.clone();
        all.keep(path("groups"), Keep::EveryText);
        let Value::Object(whole) = serde_json::json!({"groups": ["z", "finance", "b", 7, "Finance", ["x"], "a"]})
        else {
            panic!("an object")
        };
        let whole = Claims::from(whole);
        let kept = all.project(&whole);
        assert_eq!(kept.0["groups"], serde_json::json!(["z", "finance", "b", "Finance", "a", null]));
        assert_eq!(all.unnamed_texts(&kept), 4);
        assert_eq!(all.with_texts(&kept, 4), kept);
        assert_eq!(all.with_texts(&kept, 2).0["groups"], serde_json::json!(["finance", "Finance", "a", null]));
        assert_eq!(all.with_texts(&kept, 0).0, named.project(&whole).0);
        let Value::Object(readable) = serde_json::json!({"groups": ["z", "finance", "Finance", 7]}) else {
            panic!("an object")
        };
        let readable = Claims::from(readable);
        let none = all.with_texts(&all.project(&readable), 0);
        assert_eq!(none, named.project(&readable), "and what is known of those that went is the same");
        assert_eq!(all.needs().len(), named.needs().len() + 1);
        assert_eq!(projected(&all, serde_json::json!({"groups": "x"})), serde_json::json!({"groups": "x"}));
        assert_eq!(all.named_of_every_text(&path("/groups")).map(<[_]>::len), Some(1));
        assert!(named.named_of_every_text(&path("groups")).is_none());
    }

    #[test]
    fn needs_grow_with_what_is_kept_and_do_not_depend_on_order_or_spelling() {
        let mut one = Projection::default();
        one.keep(path("groups"), Keep::Matching(vec![text("a"), glob("a")]));
        one.keep(path("email"), Keep::Whole);
        let mut other = Projection::default();
        other.keep(path("/email"), Keep::Whole);
        other.keep(path("/groups"), Keep::Matching(vec![glob("a")]));
        assert_eq!(other.needs().len(), 3, "whole, a glob, and that texts are asked for");
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
