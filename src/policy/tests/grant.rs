//! What [`grant`] gives and refuses.

use serde_json::json;

use super::{complete, corp, identity, in_group, internal, mapping, with_attribute};
use crate::{
    identity::{Identity, Projection},
    policy::{EmbedGrant, Grant, GrantError, Granted, Mapping, MappingName, MappingNameError, grant, mapping_detail},
    reason::Reason,
};

fn name(text: &str) -> MappingName {
    MappingName::parse(text).unwrap()
}

fn embed_grant(groups: &[&str], mappings: &[Mapping]) -> Result<EmbedGrant, GrantError> {
    match grant(&identity(json!({ "groups": groups, "partner_id": "p7", "roles": ["r"] })), mappings)?.grant {
        Grant::Embed(granted) => Ok(granted),
        Grant::Internal => panic!("expected an embed user"),
    }
}

#[test]
fn all_mappings_that_match_add_their_teams_each_once_in_order() {
    let mappings = [
        complete("finance", "Finance", "View"),
        complete("sales", "Sales", "View"),
        Mapping { teams: vec!["Everyone".to_owned(), "Finance".to_owned()], ..mapping("staff") },
    ];
    let granted = embed_grant(&["staff", "finance"], &mappings).expect("a grant");
    assert_eq!(granted.teams, ["Finance", "Everyone"]);
}

#[test]
fn the_mappings_that_matched_are_named_in_configuration_order() {
    let mappings = [complete("b", "B", "View"), complete("c", "C", "View"), complete("a", "A", "View")];
    let Granted { mappings, .. } = grant(&identity(json!({ "groups": ["a", "b"] })), &mappings).expect("a grant");
    assert_eq!(mappings, [name("b"), name("a")]);
}

#[test]
fn the_first_account_type_wins() {
    let mappings = [
        Mapping { teams: vec!["Staff".to_owned()], ..mapping("staff") },
        complete("viewer", "V", "View"),
        complete("builder", "B", "Build"),
    ];
    let granted = embed_grant(&["builder", "viewer", "staff"], &mappings).expect("a grant");
    assert_eq!(granted.account_type, "View");
}

#[test]
fn the_first_value_of_an_attribute_wins_and_later_templates_are_not_looked_at() {
    let mappings = [
        with_attribute(complete("a", "A", "View"), "partner", "{partner_id}"),
        with_attribute(with_attribute(mapping("b"), "partner", "{absent}"), "region", "EMEA"),
    ];
    let granted = embed_grant(&["a", "b"], &mappings).expect("a grant");
    assert_eq!(
        granted.user_attributes.into_iter().collect::<Vec<_>>(),
        [("partner".to_owned(), "p7".to_owned()), ("region".to_owned(), "EMEA".to_owned())]
    );
}

#[test]
fn nobody_is_mapped_by_default() {
    assert_eq!(embed_grant(&["other"], &[complete("a", "A", "View")]), Err(GrantError::NotMapped));
    assert_eq!(embed_grant(&["other"], &[]), Err(GrantError::NotMapped));
}

#[test]
fn an_embed_user_without_team_or_account_type_is_refused() {
    let no_type = Mapping { account_type: None, ..complete("a", "A", "View") };
    let empty_type = complete("a", "A", "");
    let no_team = Mapping { teams: vec![], ..complete("a", "A", "View") };
    let empty_team = complete("a", "", "View");
    assert_eq!(embed_grant(&["a"], &[no_type]), Err(GrantError::NoAccountType));
    assert_eq!(embed_grant(&["a"], &[empty_type]), Err(GrantError::NoAccountType));
    assert_eq!(embed_grant(&["a"], &[no_team]), Err(GrantError::NoTeams));
    assert_eq!(embed_grant(&["a"], &[empty_team]), Err(GrantError::NoTeams));
}

#[test]
fn an_internal_user_gets_nothing_but_the_name_of_its_mapping() {
    let granted = grant(&identity(json!({ "groups": ["staff"] })), &[internal("staff")]);
    assert_eq!(granted, Ok(Granted { grant: Grant::Internal, mappings: vec![name("staff")] }));
}

#[test]
fn embed_and_internal_mappings_together_are_refused() {
    let mappings = [internal("staff"), complete("a", "A", "View")];
    assert_eq!(
        embed_grant(&["a", "staff"], &mappings),
        Err(GrantError::UserKindConflict { embed: name("a"), internal: name("staff") })
    );
    assert!(embed_grant(&["a"], &mappings).is_ok());
}

#[test]
fn an_attribute_whose_claim_is_missing_or_no_scalar_is_refused() {
    let with = |template| [with_attribute(complete("a", "A", "View"), "partner", template)];
    let (mapping, attribute) = (name("a"), "partner".to_owned());
    assert_eq!(
        embed_grant(&["a"], &with("{absent}")),
        Err(GrantError::ClaimMissing {
            mapping: mapping.clone(),
            attribute: attribute.clone(),
            claim: "absent".to_owned()
        })
    );
    assert_eq!(
        embed_grant(&["a"], &with("{roles}")),
        Err(GrantError::ClaimType { mapping, attribute, claim: "roles".to_owned() })
    );
}

#[test]
fn every_error_has_its_reason() {
    assert_eq!(GrantError::NotMapped.reason(), Reason::NotMapped);
    assert_eq!(GrantError::NoTeams.reason(), Reason::NoTeams);
    assert_eq!(GrantError::NoAccountType.reason(), Reason::NoAccountType);
}

#[test]
fn a_mapping_projects_its_condition_and_its_templates() {
    let mut projection = Projection::default();
    with_attribute(mapping("a"), "partner", "{partner_id}").project_of(&corp(), &mut projection);
    assert!(projection.looks_into("groups") && projection.looks_into("partner_id"));
}

#[test]
fn a_mapping_has_any_name_but_none_and_the_word_that_allow_reserves() {
    for text in ["finance", "Finance team (EU)", "Mapped", " mapped"] {
        assert_eq!(MappingName::parse(text).map(|name| name.to_string()), Ok(text.to_owned()));
    }
    for text in ["", " ", "\t\n"] {
        assert_eq!(MappingName::parse(text), Err(MappingNameError::Empty), "{text:?}");
    }
    assert_eq!(MappingName::parse("mapped"), Err(MappingNameError::Reserved));
}

/// A group that nobody has is mended at the provider's groups, a claim of another form at the provider's mapper.
#[test]
fn a_claim_of_another_form_than_values_is_named_for_whole_claims_and_for_sessions() {
    let rules = [mapping("finance")];
    let rules = rules.map(|rule| Mapping { when: in_group("finance"), ..rule });
    let mut projection = Projection::default();
    rules.iter().for_each(|rule| rule.project_of(&corp(), &mut projection));
    for (groups, expected) in [
        (json!("staff,finance"), Some("a text of several values")),
        (json!("staff;sales"), Some("a text of several values")),
        (json!("staff finance"), Some("a text of several values")),
        (json!("[\"finance\",\"staff\"]"), Some("a text of several values")),
        (json!({ "finance": true }), Some("an object, which is not one value")),
        (json!([{ "name": "finance" }]), Some("an object, which is not one value")),
        (json!(["sales", ["finance"]]), Some("an array within an array")),
        (json!("Human Resources"), None),
        (json!("Finance"), None),
        (json!("CN=finance, OU=x"), None),
        (json!(["staff finance"]), None),
        (json!(["Finance"]), None),
        (json!(null), None),
        (json!([]), None),
    ] {
        let whole = identity(json!({ "groups": groups }));
        let session = Identity { claims: projection.project(&whole.claims), ..whole.clone() };
        for (kind, person) in [("whole", whole), ("session", session)] {
            let error = grant(&person, &rules).unwrap_err();
            let form = match &error {
                GrantError::ClaimForm { claim, doubt } => Some(format!("{claim} {doubt}")),
                GrantError::NotMapped => None,
                error @ (GrantError::UserKindConflict { .. }
                | GrantError::NoTeams
                | GrantError::NoAccountType
                | GrantError::ClaimMissing { .. }
                | GrantError::ClaimType { .. }
                | GrantError::ClaimSeparator { .. }) => panic!("{kind} {groups}: {error}"),
            };
            assert_eq!(form, expected.map(|form| format!("groups {form}")), "{kind} {groups}");
            let reason = if expected.is_some() { Reason::ClaimType } else { Reason::NotMapped };
            let detail = mapping_detail(&person, &rules, reason).unwrap_or_else(|| panic!("{kind} {groups}"));
            assert!(detail.contains("groups: "), "{detail}");
            assert_eq!(
                mapping_detail(&person, &rules, Reason::EmbedDisabled),
                None,
                "of another reason it says nothing"
            );
        }
    }
}
