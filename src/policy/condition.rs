//! Conditions over claims and provider: typed, exact, pure.

use serde_json::Value;

use crate::identity::{ClaimPath, Identity, Keep, Projection, ProviderName, ValuePattern};

/// A `when`: keys: and; values: or.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The source that vouches is one of these.
    Provider(Vec<ProviderName>),
    /// The claim is, or its array holds, a value that some pattern matches.
    Claim(ClaimPath, Vec<ValuePattern>),
    /// All hold (`all`, and the keys of one table).
    All(Vec<Self>),
    /// One holds (`any`).
    Any(Vec<Self>),
    /// It does not hold (`not`); so it holds where the claim is missing.
    Not(Box<Self>),
}

impl Condition {
    /// Whether the condition holds.
    #[must_use]
    pub fn holds(&self, identity: &Identity) -> bool {
        match self {
            Self::Provider(names) => names.contains(&identity.provider),
            Self::Claim(path, patterns) => identity.claims.at(path).is_some_and(|value| any_matches(patterns, value)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(identity)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(identity)),
            Self::Not(condition) => !condition.holds(identity),
        }
    }

    /// Adds to `projection` what the condition looks at.
    pub fn project(&self, projection: &mut Projection) {
        match self {
            Self::Provider(_) => {}
            Self::Claim(path, patterns) => projection.keep(path.clone(), Keep::Matching(patterns.clone())),
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().for_each(|condition| condition.project(projection));
            }
            Self::Not(condition) => condition.project(projection),
        }
    }
}

/// Whether a claim's value matches: itself, or one element of its array. A text is never split, an object or an array
/// within an array never matches.
fn any_matches(patterns: &[ValuePattern], value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| scalar_matches(patterns, element)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Object(_) | Value::Null => {
            scalar_matches(patterns, value)
        }
    }
}

fn scalar_matches(patterns: &[ValuePattern], value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => patterns.iter().any(|pattern| pattern.matches(value)),
        Value::Array(_) | Value::Object(_) | Value::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{boolean, claim, glob, identity, number, text};

    fn groups_hold(groups: &Value, pattern: ValuePattern) -> bool {
        claim("groups", vec![pattern]).holds(&identity(json!({ "groups": groups })))
    }

    #[test]
    fn an_array_matches_by_any_of_its_elements() {
        assert!(groups_hold(&json!(["sales", "finance"]), text("finance")));
        assert!(!groups_hold(&json!(["sales"]), text("finance")));
    }

    #[test]
    fn a_text_claim_matches_whole_and_is_never_split() {
        assert!(groups_hold(&json!("admin"), text("admin")));
        for groups in [json!("admin,user"), json!("admin user"), json!("not-admin"), json!("Admin"), json!(" admin")] {
            assert!(!groups_hold(&groups, text("admin")), "{groups}");
        }
    }

    #[test]
    fn objects_nested_arrays_and_null_never_match() {
        for groups in
            [json!([["admin"]]), json!({ "admin": true }), json!([{ "admin": "admin" }]), json!(null), json!([null])]
        {
            assert!(!groups_hold(&groups, text("admin")), "{groups}");
            assert!(!groups_hold(&groups, glob("*")), "{groups}");
        }
    }

    #[test]
    fn types_are_not_converted() {
        assert!(groups_hold(&json!(7), number(7)));
        assert!(groups_hold(&json!(true), boolean(true)));
        assert!(!groups_hold(&json!("7"), number(7)));
        assert!(!groups_hold(&json!(7), text("7")));
        assert!(!groups_hold(&json!("true"), boolean(true)));
        assert!(!groups_hold(&json!(1), boolean(true)));
    }

    #[test]
    fn two_unicode_spellings_of_one_name_are_two_values() {
        assert!(!groups_hold(&json!(["cafe\u{301}"]), text("caf\u{e9}")));
    }

    #[test]
    fn a_glob_matches_texts() {
        assert!(groups_hold(&json!(["partner-nl"]), glob("partner-*")));
        assert!(!groups_hold(&json!(["ex-partner-nl"]), glob("partner-*")));
        assert!(!groups_hold(&json!([7]), glob("*")));
    }

    #[test]
    fn a_name_with_a_dot_is_one_claim_and_a_pointer_goes_down() {
        let nested = identity(json!({ "realm_access": { "roles": ["finance"] }, "a.b": "finance" }));
        assert!(claim("/realm_access/roles", vec![text("finance")]).holds(&nested));
        assert!(claim("a.b", vec![text("finance")]).holds(&nested));
        assert!(!claim("realm_access.roles", vec![text("finance")]).holds(&nested));
    }

    #[test]
    fn keys_are_joined_by_and_values_by_or() {
        let both = Condition::All(vec![
            claim("groups", vec![text("finance"), text("sales")]),
            claim("country", vec![text("NL"), text("BE")]),
        ]);
        assert!(both.holds(&identity(json!({ "groups": ["sales"], "country": "BE" }))));
        assert!(!both.holds(&identity(json!({ "groups": ["sales"], "country": "DE" }))));
        assert!(!both.holds(&identity(json!({ "groups": ["sales"] }))));
    }

    #[test]
    fn any_not_and_provider_do_what_they_say() {
        let ann = identity(json!({ "groups": ["finance"] }));
        let finance = || claim("groups", vec![text("finance")]);
        let corp = |name: &str| Condition::Provider(vec![ProviderName(name.to_owned())]);
        assert!(Condition::Any(vec![corp("other"), finance()]).holds(&ann));
        assert!(!Condition::Any(vec![]).holds(&ann));
        assert!(!Condition::Not(Box::new(finance())).holds(&ann));
        assert!(Condition::Not(Box::new(claim("absent", vec![text("finance")]))).holds(&ann));
        assert!(corp("corp").holds(&ann));
        assert!(!corp("other").holds(&ann));
    }

    #[test]
    fn a_projection_holds_every_claim_the_condition_looks_at() {
        let mut projection = Projection::default();
        let inner = Condition::Not(Box::new(claim("/a/b", vec![text("x")])));
        Condition::Any(vec![Condition::All(vec![inner]), claim("groups", vec![glob("p-*")])]).project(&mut projection);
        assert!(projection.looks_into("a") && projection.looks_into("groups"));
        assert!(!projection.looks_into("b"));
    }
}
