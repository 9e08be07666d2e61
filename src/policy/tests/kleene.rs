//! Claims and conditions drawn at random, against an oracle that shares no code with them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{boolean, claim, glob, identity, number, text};
use crate::{
    identity::{Identity, Projection, ValuePattern},
    policy::{Condition, Verdict},
};

/// One claim's value, and what it is to each of [`ASKED`], written down by hand: `t`rue, `u`nknown or `f`alse.
const VALUES: &[(&str, &str)] = &[
    (r#""admin""#, "tfuu"),
    (r#""sales""#, "ffuu"),
    (r#""p-1""#, "ftuu"),
    (r#""ADMIN""#, "ufuu"),
    (r#""P-1""#, "fuuu"),
    (r#""p-1/x""#, "fuuu"),
    (r#""admin user""#, "ufuu"),
    (r#""not-admin""#, "ffuu"),
    ("7", "uutu"),
    ("8", "uufu"),
    ("true", "uuut"),
    ("false", "uuuf"),
    ("null", "uuuu"),
    (r#"{"admin":1}"#, "uuuu"),
    (r#"["admin"]"#, "uuuu"),
    (r#""""#, "uuuu"),
];

fn asked() -> [ValuePattern; 4] {
    [text("admin"), glob("p-*"), number(7), boolean(true)]
}

/// A condition as data, for the oracle.
#[derive(Debug, Clone)]
enum Asked {
    Claim(usize, usize),
    All(Vec<Asked>),
    Any(Vec<Asked>),
    Not(Box<Asked>),
}

const CLAIMS: [&str; 3] = ["a", "/b/c", "d"];

fn condition(asked_for: &Asked) -> Condition {
    match asked_for {
        Asked::Claim(at, pattern) => claim(CLAIMS[*at], vec![asked()[*pattern].clone()]),
        Asked::All(parts) => Condition::All(parts.iter().map(condition).collect()),
        Asked::Any(parts) => Condition::Any(parts.iter().map(condition).collect()),
        Asked::Not(part) => Condition::Not(Box::new(condition(part))),
    }
}

/// What a claim holds: nothing, or elements of an array, as indexes into [`VALUES`].
type Held = Option<Vec<usize>>;

/// 0 is false, 1 unknown, 2 true.
fn oracle(asked_for: &Asked, held: &[Held]) -> u8 {
    let of = |parts: &[Asked]| parts.iter().map(|part| oracle(part, held)).collect::<Vec<_>>();
    match asked_for {
        Asked::Claim(at, pattern) => match &held[*at] {
            None => 1,
            Some(elements) => {
                let letters = elements.iter().map(|element| VALUES[*element].1.as_bytes()[*pattern]);
                letters.fold(0, |most, letter| {
                    most.max(match letter {
                        b't' => 2,
                        b'u' => 1,
                        _ => 0,
                    })
                })
            }
        },
        Asked::All(parts) => of(parts).into_iter().min().unwrap_or(2),
        Asked::Any(parts) => of(parts).into_iter().max().unwrap_or(0),
        Asked::Not(part) => 2 - oracle(part, held),
    }
}

fn person(held: &[Held]) -> Identity {
    let value = |elements: &Vec<usize>| -> Value {
        elements.iter().map(|element| serde_json::from_str::<Value>(VALUES[*element].0).expect("JSON")).collect()
    };
    let mut claims = json!({ "b": {} });
    if let Some(elements) = &held[0] {
        claims["a"] = value(elements);
    }
    if let Some(elements) = &held[1] {
        claims["b"]["c"] = value(elements);
    }
    if let Some(elements) = &held[2] {
        claims["d"] = value(elements);
    }
    identity(claims)
}

fn any_condition() -> impl Strategy<Value = Asked> {
    let leaf = (0..CLAIMS.len(), 0..4_usize).prop_map(|(at, pattern)| Asked::Claim(at, pattern));
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Asked::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Asked::Any),
            inner.prop_map(|part| Asked::Not(Box::new(part))),
        ]
    })
}

fn any_held() -> impl Strategy<Value = Vec<Held>> {
    let elements = prop::collection::vec(0..VALUES.len(), 0..4);
    prop::collection::vec(prop::option::of(elements), 3)
}

fn projected(person: &Identity, conditions: &[&Condition]) -> Identity {
    let mut projection = Projection::default();
    conditions.iter().for_each(|condition| condition.project_of(&person.provider, &mut projection));
    Identity { claims: projection.project(&person.claims), ..person.clone() }
}

/// What `holds` was before there were three values.
fn held_before(condition: &Condition, person: &Identity) -> bool {
    match condition {
        Condition::Provider(names) => names.contains(&person.provider),
        Condition::Claim(question) => {
            let is_one = |value: &Value| question.patterns().iter().any(|pattern| pattern.matches(value));
            match person.claims.at(question.path()) {
                Some(Value::Array(elements)) => elements.iter().any(is_one),
                Some(value) => is_one(value),
                None => false,
            }
        }
        Condition::All(parts) => parts.iter().all(|part| held_before(part, person)),
        Condition::Any(parts) => parts.iter().any(|part| held_before(part, person)),
        Condition::Not(_) => panic!("only positive conditions are asked"),
    }
}

fn without_not(asked_for: Asked) -> Asked {
    match asked_for {
        Asked::Not(part) => without_not(*part),
        Asked::All(parts) => Asked::All(parts.into_iter().map(without_not).collect()),
        Asked::Any(parts) => Asked::Any(parts.into_iter().map(without_not).collect()),
        Asked::Claim(..) => asked_for,
    }
}

proptest! {
    #[test]
    fn conditions_have_kleenes_three_values_at_every_depth(asked_for in any_condition(), held in any_held()) {
        let (condition, person) = (condition(&asked_for), person(&held));
        let expected = [Verdict::False, Verdict::Unknown, Verdict::True][usize::from(oracle(&asked_for, &held))];
        prop_assert_eq!(condition.verdict(&person), expected);
        prop_assert_eq!(condition.holds(&person), expected == Verdict::True);
    }

    #[test]
    fn what_a_session_keeps_gives_every_condition_the_verdict_of_the_whole_claims(
        asked_for in prop::collection::vec(any_condition(), 1..4), held in any_held(),
    ) {
        let (conditions, person) = (asked_for.iter().map(condition).collect::<Vec<_>>(), person(&held));
        let session = projected(&person, &conditions.iter().collect::<Vec<_>>());
        for condition in &conditions {
            prop_assert_eq!(condition.verdict(&session), condition.verdict(&person));
        }
    }

    #[test]
    fn a_condition_without_not_holds_for_whom_it_held_before(
        asked_for in any_condition(), held in any_held(), other in ".{0,12}", asked_text in ".{0,6}",
    ) {
        let (condition, person) = (condition(&without_not(asked_for)), person(&held));
        prop_assert_eq!(condition.holds(&person), held_before(&condition, &person));
        let person = identity(json!({ "a": other, "b": { "c": [other, asked_text] } }));
        for at in ["a", "/b/c"] {
            let condition = claim(at, vec![text(&asked_text)]);
            prop_assert_eq!(condition.holds(&person), held_before(&condition, &person));
        }
    }

    #[test]
    fn any_texts_at_all_give_a_session_the_verdict_of_the_whole_claims(
        value in prop_oneof![Just(json!(null)), ".{0,12}".prop_map(Value::from), prop::collection::vec("[aA, /|Ｘx-]{0,6}", 0..4).prop_map(Value::from)],
        patterns in prop::collection::vec("[aA,/ Ｘx-]{1,3}", 1..4), globs in prop::collection::vec("[aA/x*]{1,3}", 0..2),
    ) {
        let patterns = patterns.iter().map(|pattern| text(pattern)).chain(globs.iter().map(|pattern| glob(pattern)));
        let conditions: Vec<Condition> = patterns.map(|pattern| claim("a", vec![pattern])).collect();
        let person = identity(json!({ "a": value }));
        let session = projected(&person, &conditions.iter().collect::<Vec<_>>());
        for condition in &conditions {
            prop_assert_eq!(condition.verdict(&session), condition.verdict(&person), "{:?}", condition);
        }
    }
}

#[test]
fn a_session_does_not_grow_with_the_number_of_groups_that_no_rule_asks_for() {
    let groups: Vec<String> = (0..5_000).map(|number| format!("Group {number}, DEP-{number}")).collect();
    let person = identity(json!({ "a": groups }));
    let conditions: Vec<Condition> = (0..200).map(|number| claim("a", vec![text(&format!("dep-{number}"))])).collect();
    let session = projected(&person, &conditions.iter().collect::<Vec<_>>());
    assert_eq!(session.claims.0["a"], json!([null]), "more than the limit are like something");
    assert!(conditions.iter().all(|condition| condition.verdict(&session) == Verdict::Unknown));
}
