//! Conditions over claims and provider: typed, exact, pure, in Kleene's three values.
//!
//! A condition is true, false or unknown, and only *true* grants, at every depth: `all` is the least of its parts, `any`
//! the greatest, `not` turns true and false round and leaves unknown as it is. What makes a claim unknown is
//! [`Question`]'s to say.

use super::verdict::Verdict;
use crate::identity::{ClaimPath, Doubt, Identity, Projection, ProviderName, Question, SourceSettings};

/// A `when`: keys: and; values: or.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// The source that vouches is one of these.
    Provider(Vec<ProviderName>),
    /// The claim is, or its array holds, a value that some pattern matches.
    Claim(Question),
    /// All hold (`all`, and the keys of one table).
    All(Vec<Self>),
    /// One holds (`any`).
    Any(Vec<Self>),
    /// It is proved not to hold (`not`): a claim that is missing proves nothing.
    Not(Box<Self>),
}

impl Condition {
    /// Whether the condition is true: the only verdict that grants.
    #[must_use]
    pub(crate) fn holds(&self, identity: &Identity) -> bool {
        match self {
            Self::Provider(names) => names.contains(&identity.provider),
            Self::Claim(question) => question.is_met(identity),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(identity)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(identity)),
            Self::Not(condition) => condition.is_refuted(identity),
        }
    }

    /// Whether the condition is false, and not just unknown.
    fn is_refuted(&self, identity: &Identity) -> bool {
        match self {
            Self::Provider(names) => !names.contains(&identity.provider),
            Self::Claim(question) => question.answer(identity) == Ok(false),
            Self::All(conditions) => conditions.iter().any(|condition| condition.is_refuted(identity)),
            Self::Any(conditions) => conditions.iter().all(|condition| condition.is_refuted(identity)),
            Self::Not(condition) => condition.holds(identity),
        }
    }

    /// Whether the condition would be true if every claim that does not prove a "yes" were a "no": then what keeps a person
    /// out is the missing proof alone.
    #[must_use]
    pub(crate) fn lacks_only_proof(&self, identity: &Identity) -> bool {
        !self.holds(identity) && self.holds_by_lack(identity)
    }

    fn holds_by_lack(&self, identity: &Identity) -> bool {
        match self {
            Self::Provider(_) | Self::Claim(_) => self.holds(identity),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds_by_lack(identity)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds_by_lack(identity)),
            Self::Not(condition) => !condition.holds_by_lack(identity),
        }
    }

    /// The verdict.
    #[must_use]
    pub(crate) fn verdict(&self, identity: &Identity) -> Verdict {
        if self.holds(identity) {
            Verdict::True
        } else if self.is_refuted(identity) {
            Verdict::False
        } else {
            Verdict::Unknown
        }
    }

    /// The claims that make the condition unknown, each with the doubt; none where it is true or false.
    pub(crate) fn doubts<'a>(&'a self, identity: &Identity) -> Vec<(&'a ClaimPath, Doubt)> {
        if self.verdict(identity) != Verdict::Unknown {
            return Vec::new();
        }
        match self {
            Self::Provider(_) => Vec::new(),
            Self::Claim(question) => {
                question.answer(identity).err().map(|doubt| (question.path(), doubt)).into_iter().collect()
            }
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(|condition| condition.doubts(identity)).collect()
            }
            Self::Not(condition) => condition.doubts(identity),
        }
    }

    /// Every claim that was asked about for this person, with the answer; none where a provider that is not theirs is asked for.
    pub(crate) fn findings<'a>(&'a self, identity: &Identity) -> Vec<(&'a ClaimPath, Result<bool, Doubt>)> {
        match self {
            Self::Provider(_) => Vec::new(),
            Self::Claim(question) => vec![(question.path(), question.answer(identity))],
            Self::All(conditions) if conditions.iter().any(|part| part.is_of_others(identity)) => Vec::new(),
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(|condition| condition.findings(identity)).collect()
            }
            Self::Not(condition) => condition.findings(identity),
        }
    }

    fn is_of_others(&self, identity: &Identity) -> bool {
        match self {
            Self::Provider(names) => !names.contains(&identity.provider),
            Self::Claim(_) | Self::All(_) | Self::Any(_) | Self::Not(_) => false,
        }
    }

    /// Whether `provider` is named, at any depth.
    #[must_use]
    pub(crate) fn names_provider(&self) -> bool {
        match self {
            Self::Provider(_) => true,
            Self::Claim(_) => false,
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().any(Self::names_provider),
            Self::Not(condition) => condition.names_provider(),
        }
    }

    /// Whether it can become true by a claim that any provider may make up. An address is none: each source has its
    /// domains.
    #[must_use]
    pub(crate) fn believes_any_provider(&self) -> bool {
        self.has_claim() && !self.is_of_provider(true)
    }

    fn has_claim(&self) -> bool {
        match self {
            Self::Provider(_) => false,
            Self::Claim(question) => !question.is_of_every_address(),
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().any(Self::has_claim),
            Self::Not(condition) => condition.has_claim(),
        }
    }

    /// Whether it becomes `wanted` only where a provider is named, or an address is asked for.
    fn is_of_provider(&self, wanted: bool) -> bool {
        match self {
            Self::Provider(_) => true,
            Self::Claim(question) => question.is_of_every_address(),
            Self::All(parts) if wanted => parts.iter().any(|part| part.is_of_provider(wanted)),
            Self::Any(parts) if !wanted => parts.iter().any(|part| part.is_of_provider(wanted)),
            Self::All(parts) | Self::Any(parts) => {
                !parts.is_empty() && parts.iter().all(|part| part.is_of_provider(wanted))
            }
            Self::Not(condition) => condition.is_of_provider(!wanted),
        }
    }

    /// Learns where each provider has the address: a condition on that claim speaks of the verified address.
    pub(crate) fn learn_addresses<'a>(&mut self, sources: impl Iterator<Item = &'a SourceSettings> + Clone) {
        match self {
            Self::Provider(_) => {}
            Self::Claim(question) => {
                question.learn_addresses(sources.map(|source| (&source.name, &source.email)));
            }
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter_mut().for_each(|condition| condition.learn_addresses(sources.clone()));
            }
            Self::Not(condition) => condition.learn_addresses(sources),
        }
    }

    /// Adds to `projection` what the condition looks at of a provider's people, but for their verified address: nothing of what
    /// the provider's name has settled already.
    pub(crate) fn project_of(&self, provider: &ProviderName, projection: &mut Projection) {
        if self.of_provider(provider).is_some() {
            return;
        }
        match self {
            Self::Provider(_) => {}
            Self::Claim(question) if question.is_of_address(provider) => {}
            Self::Claim(question) => question.project(projection),
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().for_each(|condition| condition.project_of(provider, projection));
            }
            Self::Not(condition) => condition.project_of(provider, projection),
        }
    }

    /// What the condition is for all people of a provider, whatever their claims; none where those count.
    pub(crate) fn of_provider(&self, provider: &ProviderName) -> Option<bool> {
        let settled = |conditions: &[Self], by: bool| {
            let verdicts: Vec<_> = conditions.iter().map(|condition| condition.of_provider(provider)).collect();
            let is_settled = verdicts.contains(&Some(by));
            (is_settled || !verdicts.contains(&None)).then_some(is_settled == by)
        };
        match self {
            Self::Provider(names) => Some(names.contains(provider)),
            Self::Claim(_) => None,
            Self::All(conditions) => settled(conditions, false),
            Self::Any(conditions) => settled(conditions, true),
            Self::Not(condition) => condition.of_provider(provider).map(|verdict| !verdict),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        identity::ValuePattern,
        policy::tests::{boolean, claim, glob, identity, number, text},
    };

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
        let corp = |name: &str| Condition::Provider(vec![ProviderName::parse(name).unwrap()]);
        assert!(Condition::Any(vec![corp("other"), finance()]).holds(&ann));
        assert!(!Condition::Any(vec![]).holds(&ann));
        assert!(!Condition::Not(Box::new(finance())).holds(&ann));
        assert!(
            !Condition::Not(Box::new(claim("absent", vec![text("finance")]))).holds(&ann),
            "missing proves nothing"
        );
        assert!(Condition::Not(Box::new(claim("groups", vec![text("sales")]))).holds(&ann));
        assert!(corp("corp").holds(&ann));
        assert!(!corp("other").holds(&ann));
    }

    #[test]
    fn of_a_providers_people_only_what_its_name_leaves_open_is_looked_at() {
        let name = |text: &str| ProviderName::parse(text).unwrap();
        let of = |text: &str| Condition::Provider(vec![name(text)]);
        let groups = || claim("groups", vec![text("a")]);
        let negated = |condition| Condition::Not(Box::new(condition));
        let looks = |condition: &Condition| {
            let mut projection = Projection::default();
            condition.project_of(&name("corp"), &mut projection);
            (condition.of_provider(&name("corp")), projection.looks_into("groups"))
        };
        for (condition, expected) in [
            (groups(), (None, true)),
            (negated(groups()), (None, true)),
            (of("corp"), (Some(true), false)),
            (negated(of("corp")), (Some(false), false)),
            (Condition::All(vec![]), (Some(true), false)),
            (Condition::Any(vec![]), (Some(false), false)),
            (Condition::All(vec![of("corp"), groups()]), (None, true)),
            (Condition::All(vec![of("other"), groups()]), (Some(false), false)),
            (Condition::Any(vec![of("corp"), groups()]), (Some(true), false)),
            (Condition::Any(vec![of("other"), groups()]), (None, true)),
            (Condition::All(vec![negated(of("corp")), Condition::Any(vec![groups()])]), (Some(false), false)),
            (Condition::Any(vec![Condition::All(vec![of("other"), groups()]), of("other")]), (Some(false), false)),
            (claim("email", vec![text("a")]), (None, false)),
        ] {
            assert_eq!(looks(&condition), expected, "{condition:?}");
        }
    }

    #[test]
    fn a_projection_holds_every_claim_the_condition_looks_at() {
        let mut projection = Projection::default();
        let inner = Condition::Not(Box::new(claim("/a/b", vec![text("x")])));
        Condition::Any(vec![Condition::All(vec![inner]), claim("groups", vec![glob("p-*")])])
            .project_of(&ProviderName::parse("corp").unwrap(), &mut projection);
        assert!(projection.looks_into("a") && projection.looks_into("groups"));
        assert!(!projection.looks_into("b"));
    }
}
