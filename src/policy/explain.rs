//! Why a person gets what they get: every rule, fired or not, and what it looked at.

use serde_json::Value;

use super::{Condition, GrantError, Granted, Mapping, MappingName, Verdict, grant};
use crate::{
    identity::{Absent, ClaimPath, Doubt, Identity, Question, Scalar, ValuePattern},
    limits::LOG_QUOTE_BYTES_MAX,
    reason::Reason,
};

/// One mapping's part in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleOutcome {
    /// The mapping.
    pub(crate) name: MappingName,
    /// Whether it matched: only `True` does.
    pub(crate) verdict: Verdict,
    /// For each part of the condition a sentence: what was asked and what was found.
    pub(crate) because: Vec<String>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// Every mapping in configuration order.
    pub(crate) rules: Vec<RuleOutcome>,
    /// What follows from them.
    pub(crate) result: Result<Granted, GrantError>,
}

/// Explains a mapping result; gives exactly what [`grant`] gives.
#[must_use]
pub(crate) fn explain(identity: &Identity, mappings: &[Mapping]) -> Explanation {
    let rules = mappings.iter().map(|mapping| rule_outcome(identity, mapping)).collect();
    Explanation { rules, result: grant(identity, mappings) }
}

fn rule_outcome(identity: &Identity, mapping: &Mapping) -> RuleOutcome {
    let because = because(identity, &mapping.when);
    RuleOutcome { name: mapping.name.clone(), verdict: mapping.when.verdict(identity), because }
}

/// For each part of a condition a sentence: what was asked and what was found.
#[must_use]
pub(crate) fn because(identity: &Identity, condition: &Condition) -> Vec<String> {
    let mut because = Vec::new();
    sentences(condition, identity, &mut because);
    because
}

/// One sentence for each part that is joined by "and"; `any` and `not` are one sentence each.
fn sentences(condition: &Condition, identity: &Identity, because: &mut Vec<String>) {
    match condition {
        Condition::All(conditions) => conditions.iter().for_each(|inner| sentences(inner, identity, because)),
        Condition::Provider(_) | Condition::Claim(..) | Condition::Any(_) | Condition::Not(_) => {
            because.push(sentence(condition, identity));
        }
    }
}

fn sentence(condition: &Condition, identity: &Identity) -> String {
    let joined = |conditions: &[Condition], word: &str| {
        conditions.iter().map(|inner| sentence(inner, identity)).collect::<Vec<_>>().join(word)
    };
    match condition {
        Condition::Provider(names) => {
            let asked = names.iter().map(|name| format!("{:?}", name.as_str()));
            format!("provider: asked for {}, found {:?}", or(asked), identity.provider.as_str())
        }
        Condition::Claim(question) => claim_sentence(question, identity),
        Condition::All(conditions) => format!("all of ({})", joined(conditions, "; ")),
        Condition::Any(conditions) => format!("any of ({})", joined(conditions, "; ")),
        Condition::Not(inner) => format!("not ({})", sentence(inner, identity)),
    }
}

/// What was asked and found; where the answer is unknown, why.
fn claim_sentence(question: &Question, identity: &Identity) -> String {
    let path = question.path().as_str();
    let asked = or(question.patterns().iter().map(pattern_text));
    let found = if question.is_of_address(&identity.provider) {
        identity.email.as_ref().map_or_else(|_| "nothing".to_owned(), |email| format!("{:?}", email.as_str()))
    } else {
        found(identity.claims.at(question.path()))
    };
    match question.answer(identity) {
        Ok(_) if found == "nothing" && question.absent() == Absent::Empty => {
            format!("{path}: asked for {asked}, found nothing, which counts as empty")
        }
        Ok(_) => format!("{path}: asked for {asked}, found {found}"),
        Err(doubt) => format!("{path}: asked for {asked}, found {found}: unknown ({doubt})"),
    }
}

/// Each claim with its doubt, for a log line: no value of a claim is in it.
pub(super) fn doubts_text(doubts: &[(&ClaimPath, Doubt)]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for (path, doubt) in doubts {
        let one = format!("{}: {doubt}", path.as_str());
        if !told.contains(&one) {
            told.push(one);
        }
    }
    (!told.is_empty()).then(|| quoted(told.join("; ")))
}

/// Each claim that was asked about, with what was found: no value of a claim is in it.
pub(super) fn findings_text(findings: &[(&ClaimPath, Result<bool, Doubt>)]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for (path, answer) in findings {
        let one = match answer {
            Ok(true) => format!("{}: there, and what is asked for", path.as_str()),
            Ok(false) => format!("{}: there, and nothing that is asked for", path.as_str()),
            Err(doubt) => format!("{}: {doubt}", path.as_str()),
        };
        if !told.contains(&one) {
            told.push(one);
        }
    }
    (!told.is_empty()).then(|| quoted(told.join("; ")))
}

/// Why the mappings give a person nothing for this reason: which claims they asked about, and what was found of them.
#[must_use]
pub(crate) fn mapping_detail(identity: &Identity, mappings: &[Mapping], reason: Reason) -> Option<String> {
    let error = grant(identity, mappings).err().filter(|error| error.reason() == reason)?;
    match error {
        GrantError::NotMapped | GrantError::ClaimForm { .. } => {
            let findings = || mappings.iter().flat_map(|mapping| mapping.when.findings(identity)).collect::<Vec<_>>();
            mapping_doubts(identity, mappings).or_else(|| findings_text(&findings()))
        }
        GrantError::UserKindConflict { .. }
        | GrantError::NoTeams
        | GrantError::NoAccountType
        | GrantError::ClaimMissing { .. }
        | GrantError::ClaimType { .. }
        | GrantError::ClaimSeparator { .. } => Some(error.to_string()),
    }
}

/// Which mappings are unknown for a person who has none, and why.
#[must_use]
pub(crate) fn mapping_doubts(identity: &Identity, mappings: &[Mapping]) -> Option<String> {
    let of = |mapping: &Mapping| {
        let doubts = doubts_text(&mapping.when.doubts(identity))?;
        Some(format!("mapping {}: {doubts}", mapping.name))
    };
    let told: Vec<String> = mappings.iter().filter_map(of).collect();
    (!told.is_empty()).then(|| quoted(told.join("; ")))
}

fn or(asked: impl Iterator<Item = String>) -> String {
    asked.collect::<Vec<_>>().join(" or ")
}

fn pattern_text(pattern: &ValuePattern) -> String {
    match pattern {
        ValuePattern::Exact(Scalar::Text(text)) => format!("{text:?}"),
        ValuePattern::Exact(Scalar::Number(number)) => number.to_string(),
        ValuePattern::Exact(Scalar::Boolean(boolean)) => boolean.to_string(),
        ValuePattern::Glob(glob) => format!("glob {:?}", glob.as_str()),
    }
}

/// What the claim is, as JSON writes it; a type that never matches is named.
fn found(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Null) => "null, which never matches".to_owned(),
        Some(Value::Object(_)) => "an object, which never matches".to_owned(),
        Some(value @ (Value::Array(_) | Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
            quoted(value.to_string())
        }
    }
}

fn quoted(mut text: String) -> String {
    if text.len() > LOG_QUOTE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(LOG_QUOTE_BYTES_MAX));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        identity::{Projection, ProviderName},
        policy::{
            UserKind,
            tests::{
                boolean, claim, complete, glob, identity, in_group, internal, mapping, number, text, with_attribute,
            },
        },
    };

    fn because_of(when: Condition, claims: Value) -> Vec<String> {
        let mapping = Mapping { when, ..mapping("m") };
        explain(&identity(claims), &[mapping]).rules.remove(0).because
    }

    #[test]
    fn a_sentence_says_what_was_asked_and_what_was_found() {
        for (when, claims, expected) in [
            (in_group("finance"), json!({ "groups": ["sales"] }), r#"groups: asked for "finance", found ["sales"]"#),
            (
                in_group("finance"),
                json!({}),
                r#"groups: asked for "finance", found nothing: unknown (the claim is missing)"#,
            ),
            (
                in_group("a"),
                json!({ "groups": { "a": 1 } }),
                r#"groups: asked for "a", found an object, which never matches: unknown (an object, which is not one value)"#,
            ),
            (
                in_group("a"),
                json!({ "groups": null }),
                r#"groups: asked for "a", found null, which never matches: unknown (null, or not one value that can be compared)"#,
            ),
            (
                claim("/x/y", vec![glob("p-*"), number(7), boolean(true), text("t")]),
                json!({ "x": { "y": "7" } }),
                r#"/x/y: asked for glob "p-*" or 7 or true or "t", found "7": unknown (like what is asked for, but not the same (letter case, spelling, `/`, or one of several words))"#,
            ),
            (
                Condition::Provider(vec![ProviderName::parse("other").unwrap()]),
                json!({}),
                r#"provider: asked for "other", found "corp""#,
            ),
            (
                Condition::Any(vec![in_group("a"), Condition::Not(Box::new(in_group("b")))]),
                json!({ "groups": "c" }),
                r#"any of (groups: asked for "a", found "c"; not (groups: asked for "b", found "c"))"#,
            ),
        ] {
            assert_eq!(because_of(when, claims), [expected]);
        }
    }

    #[test]
    fn parts_joined_by_and_get_a_sentence_each() {
        let both = Condition::All(vec![in_group("a"), claim("country", vec![text("NL")])]);
        assert_eq!(
            because_of(both, json!({ "groups": ["a"], "country": "BE" })),
            [r#"groups: asked for "a", found ["a"]"#, r#"country: asked for "NL", found "BE""#]
        );
    }

    #[test]
    fn a_long_claim_is_cut() {
        let sentence = because_of(in_group("a"), json!({ "groups": "é".repeat(10_000) })).remove(0);
        assert!(sentence.len() < LOG_QUOTE_BYTES_MAX + 100, "{}", sentence.len());
    }

    fn any_mapping(name: &'static str) -> impl Strategy<Value = Mapping> {
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            move |(is_full, is_internal, is_not, fills)| {
                let mut rule = if is_full { complete(name, name, "View") } else { mapping(name) };
                if is_internal {
                    rule = internal(name);
                }
                if is_not {
                    rule.when = Condition::Not(Box::new(rule.when));
                }
                if fills && rule.user == UserKind::Embed { with_attribute(rule, "x", "{x}") } else { rule }
            },
        )
    }

    proptest! {
        #[test]
        fn an_explanation_gives_exactly_what_grant_gives(
            mappings in (any_mapping("a"), any_mapping("b"), any_mapping("c")).prop_map(|(a, b, c)| [a, b, c]),
            groups in proptest::sample::subsequence(vec!["a", "b", "c"], 0..=3),
            x in prop_oneof![Just(json!(null)), Just(json!("x")), Just(json!(["x"]))],
        ) {
            let ann = identity(json!({ "groups": groups, "x": x }));
            let mut projection = Projection::default();
            mappings.iter().for_each(|mapping| mapping.project_of(&ann.provider, &mut projection));
            let session = Identity { claims: projection.project(&ann.claims), ..ann.clone() };
            prop_assert_eq!(grant(&session, &mappings), grant(&ann, &mappings), "projected claims give the same");
            let explanation = explain(&ann, &mappings);
            prop_assert_eq!(&explanation.result, &grant(&ann, &mappings));
            let matched = explanation.rules.iter().filter(|rule| rule.verdict == Verdict::True).map(|rule| rule.name.clone());
            if let Ok(granted) = explanation.result {
                prop_assert_eq!(matched.collect::<Vec<_>>(), granted.mappings);
            }
        }
    }
}
