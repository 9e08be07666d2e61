//! `[[mapping]]` and conditions.

use serde_json::json;

use super::{SMALL, and, config, problems, refused, warnings, with};
use crate::{
    identity::{Claims, Scalar, ValuePattern},
    policy::{Condition, UserKind},
};

const WHEN: &str = "when = { groups = [\"finance\"] }";
const GIFTS: &str = "teams = [\"Finance\"]\naccount_type = \"View\"\n";

pub(super) fn when(toml: &str) -> String {
    with(WHEN, &format!("when = {toml}"))
}

fn condition(toml: &str) -> Condition {
    config(&when(toml)).mappings.remove(0).when
}

#[test]
fn keys_are_and_and_values_are_or() {
    let Condition::All(parts) = condition("{ groups = [\"a\", { glob = \"b-*\" }], level = 3, staff = true }") else {
        panic!("several keys are `All`")
    };
    assert_eq!(parts.len(), 3);
    let Condition::Claim(question) = &parts[0] else { panic!("a key is a claim") };
    assert_eq!(question.path().as_str(), "groups");
    assert!(matches!(question.patterns(), [ValuePattern::Exact(Scalar::Text(_)), ValuePattern::Glob(_)]));
    assert!(
        matches!(&parts[1], Condition::Claim(question) if matches!(question.patterns(), [ValuePattern::Exact(Scalar::Number(3))]))
    );
    assert!(
        matches!(&parts[2], Condition::Claim(question) if matches!(question.patterns(), [ValuePattern::Exact(Scalar::Boolean(true))]))
    );
}

#[test]
fn the_reserved_words_nest() {
    let Condition::Any(parts) =
        condition("{ any = [{ provider = \"corp\" }, { not = { all = [{ \"/realm_access/roles\" = \"x\" }] } }] }")
    else {
        panic!("`any` is `Any`")
    };
    assert!(matches!(&parts[0], Condition::Provider(names) if names[0].as_str() == "corp"));
    let Condition::Not(inner) = &parts[1] else { panic!("`not` is `Not`") };
    assert!(
        matches!(&**inner, Condition::All(parts) if matches!(&parts[0], Condition::Claim(question) if question.path().as_str() == "/realm_access/roles"))
    );
}

#[test]
fn a_glob_does_not_cross_a_slash_and_regards_case() {
    let Condition::Claim(question) = condition("{ groups = { glob = \"/partner/*\" } }") else { panic!("one claim") };
    let ValuePattern::Glob(glob) = &question.patterns()[0] else { panic!("a glob") };
    assert!(glob.is_match("/partner/a"));
    assert!(!glob.is_match("/partner/a/b") && !glob.is_match("/Partner/a"));
}

#[test]
fn a_condition_that_never_holds_or_is_no_condition_is_refused() {
    let fix = "name at least one value";
    refused(
        &when("{ groups = [] }"),
        &format!("gateway.toml:19: mapping[0].when.groups: an empty list never holds; {fix}"),
    );
    refused(
        &when("{ any = [] }"),
        "gateway.toml:19: mapping[0].when.any: found an array without conditions; write an array of tables: [{ … }, { … }]",
    );
    refused(
        &when("{ all = { a = 1 } }"),
        "gateway.toml:19: mapping[0].when.all: found a table without conditions; write an array of tables: [{ … }, { … }]",
    );
    refused(
        &when("{ not = \"a\" }"),
        "gateway.toml:19: mapping[0].when.not: found a text; write a table such as { groups = [\"finance\"] }",
    );
    refused(&when("\"finance\""), "gateway.toml:19: mapping[0].when: found a text; write when = { groups = [\"…\"] }");
    refused(
        &when("{ level = 1.5 }"),
        "gateway.toml:19: mapping[0].when.level: found a number that is not a 64-bit integer; write a text, an integer, a boolean or { glob = \"…\" }",
    );
    refused(
        &when("{ groups = { glub = \"a\" } }"),
        "gateway.toml:19: mapping[0].when.groups: not one glob; write { glob = \"finance-*\" }",
    );
    refused(
        &when("{ groups = { glob = \"a[\" } }"),
        "gateway.toml:19: mapping[0].when.groups: not a glob: unclosed character class; missing ']'; write { glob = \"finance-*\" }",
    );
    refused(
        &when("{ provider = \"crop\" }"),
        "gateway.toml:19: mapping[0].when.provider: there is no [identity.crop]; did you mean \"corp\"?",
    );
}

#[test]
fn an_empty_condition_is_everybody_with_a_warning() {
    assert!(matches!(condition("{}"), Condition::All(parts) if parts.is_empty()));
    assert_eq!(
        warnings(&when("{}")),
        ["gateway.toml:19: mapping[0].when: an empty condition: the mapping matches everybody who signs in"]
    );
    refused(
        &with(&format!("{WHEN}\n"), ""),
        "gateway.toml:17: mapping[0].when: missing; write when = { groups = [\"…\"] }, or when = {} for everybody",
    );
}

#[test]
fn an_internal_mapping_carries_nothing() {
    let internal = and("[[mapping]]\nname = \"staff\"\nwhen = { groups = \"staff\" }\nuser = \"internal\"\n");
    assert_eq!(config(&internal).mappings[1].user, UserKind::Internal);
    let rest = "an internal user carries none; remove it, or write user = \"embed\"";
    refused(&format!("{internal}teams = [\"a\"]\n"), &format!("gateway.toml:30: mapping[1].teams: {rest}"));
    refused(
        &format!("{internal}account_type = \"View\"\n"),
        &format!("gateway.toml:30: mapping[1].account_type: {rest}"),
    );
    refused(
        &format!("{internal}user_attributes = {{ a = \"b\" }}\n"),
        &format!("gateway.toml:30: mapping[1].user_attributes: {rest}"),
    );
}

#[test]
fn an_embed_mapping_for_which_nothing_sets_type_or_teams_is_a_warning() {
    let bare = with(GIFTS, "");
    assert_eq!(
        warnings(&bare),
        [
            "gateway.toml:17: mapping[0]: no mapping sets account_type: who matches is refused (no_account_type)",
            "gateway.toml:17: mapping[0]: no mapping gives a team: who matches is refused (no_teams)",
        ]
    );
    let everybody = format!("{bare}[[mapping]]\nname = \"all\"\nwhen = {{ groups = \"all\" }}\n{GIFTS}");
    assert_eq!(warnings(&everybody), Vec::<String>::new());
}

#[test]
fn a_mapping_has_a_name_of_its_own() {
    let named = |name| and(&format!("[[mapping]]\nname = \"{name}\"\nwhen = {{ a = 1 }}\n"));
    assert_eq!(config(&named("other")).mappings.len(), 2);
    refused(&named("finance"), "gateway.toml:27: mapping[1].name: the name of an earlier mapping; choose another name");
    refused(
        &named("mapped"),
        "gateway.toml:27: mapping[1].name: a word that embed.*.allow reserves; choose another name",
    );
}

#[test]
fn attributes_are_templates() {
    let attributes = |toml| with(GIFTS, &format!("{GIFTS}user_attributes = {toml}\n"));
    assert!(config(&attributes("{ region = \"{region}\" }")).mappings[0].user_attributes.contains_key("region"));
    refused(
        &attributes("{ region = \"{region\" }"),
        "gateway.toml:22: mapping[0].user_attributes.region: template \"{region\": expected text with {claim} in it, every brace closed or doubled; write text with {claim} in it, every brace closed or doubled",
    );
    refused(
        &attributes("{ region = 7 }"),
        "gateway.toml:22: mapping[0].user_attributes.region: found an integer; write a text in quotes",
    );
}

#[test]
fn a_session_keeps_what_conditions_access_rules_and_templates_look_at() {
    let text = with(GIFTS, &format!("{GIFTS}user_attributes = {{ region = \"{{region}}\" }}\n"));
    let text = format!("{text}[[site.route]]\npath = \"/crm/\"\naccess = {{ when = {{ crm = true }} }}\n");
    let claims = json!({
        "groups": ["finance", "other"], "crm": true, "region": "EMEA", "preferred_username": "ann", "given_name": "Ann",
        "phone_number": "1",
    });
    let kept = serde_json::to_value(projected(&text, claims)).expect("claims are JSON");
    let expected = json!({ "groups": ["finance"], "crm": true, "region": "EMEA", "preferred_username": "ann" });
    assert_eq!(kept, expected);
}

#[test]
fn names_are_kept_only_where_an_organization_is_sent_names() {
    let text = with("client_id = \"id\"", "client_id = \"id\"\nnames = true");
    let claims = || json!({ "given_name": "Ann", "family_name": "Ng" });
    assert_eq!(projected(&text, claims()).0.len(), 2);
    assert_eq!(projected(SMALL, claims()).0.len(), 0);
}

#[test]
fn the_name_is_kept_that_a_site_sends_in_its_identity_headers() {
    for (preset, kept) in [
        ("x-forwarded", json!({ "preferred_username": "ann" })),
        ("x-auth-request", json!({ "preferred_username": "ann" })),
        ("remote", json!({ "preferred_username": "ann", "name": "Ann Ng" })),
        ("none", json!({})),
    ] {
        let text = format!("{SMALL}identity_headers = \"{preset}\"\n");
        let claims = json!({ "preferred_username": "ann", "name": "Ann Ng", "nickname": "a" });
        assert_eq!(serde_json::to_value(projected(&text, claims)).expect("claims are JSON"), kept, "{preset}");
    }
}

/// What a session keeps of claims.
fn projected(text: &str, claims: serde_json::Value) -> Claims {
    config(text).session.projection.project(&serde_json::from_value(claims).expect("claims are an object"))
}

#[test]
fn joined_claims_without_a_separator_that_neither_can_hold_are_a_warning() {
    let joined =
        |template: &str| warnings(&with(GIFTS, &format!("{GIFTS}user_attributes = {{ key = \"{template}\" }}\n")));
    let message = "gateway.toml:22: mapping[0].user_attributes.key: joins {a} and {b} without a separator that neither can hold: two people with other claims may get the same value; write an attribute for each claim, or a control character between them, such as \\u001F (a claim that holds one is then refused)";
    assert_eq!(joined("{a}-{b}"), [message]);
    for template in ["{a}{b}", "{a}, {b}", "x{a}|{b}y", "{a}\\u001F{b}{c}", "{email}{sub}"] {
        assert_eq!(joined(template).len(), 1, "{template}");
    }
    for template in ["{a}", "x-{a}-y", "{a}\\u001F{b}", "{a}\\n{b}\\n{c}", "{a}-{/a}", "plain"] {
        assert_eq!(joined(template), Vec::<String>::new(), "{template}");
    }
}

#[test]
fn a_claim_named_absent_is_read_as_before_and_a_warning() {
    for toml in ["{ absent = \"yes\" }", "{ absent = \"empty\" }", "{ groups = \"a\", absent = [\"empty\"] }"] {
        let found = warnings(&when(toml));
        assert!(found.len() == 1 && found[0].contains("when.absent: read as a claim named \"absent\""), "{found:?}");
    }
    let Condition::Claim(question) = condition("{ absent = \"yes\" }") else { panic!("a claim") };
    assert_eq!(question.path().as_str(), "absent");
    assert_eq!(warnings(&when("{ \"/absent\" = \"yes\" }")), Vec::<String>::new());
    assert_eq!(warnings(&when("{ groups = \"a\", absent = \"empty\" }")), Vec::<String>::new());
}

#[test]
fn a_slip_with_absent_is_refused_and_told_what_to_write() {
    for (toml, fix) in [
        ("{ groups = \"a\", absent = \"unknown\" }", "leave it out"),
        ("{ groups = \"a\", absent = true }", "absent = \"empty\""),
        ("{ groups = \"a\", absent = false }", "\"/absent\" = false"),
        ("{ groups = \"a\", absent = \"Empty\" }", "absent = \"empty\""),
        ("{ groups = \"a\", absent = \"emtpy\" }", "absent = \"empty\""),
        ("{ any = [{ groups = \"a\" }], absent = \"empty\" }", "beside the claims"),
        ("{ not = { groups = \"a\" }, absent = \"empty\" }", "beside the claims"),
    ] {
        let found = problems(&when(toml));
        assert!(found.len() == 1 && found[0].contains("when.absent: ") && found[0].contains(fix), "{toml}: {found:?}");
    }
    for toml in ["{ groups = \"a\", absent = \"yes\" }", "{ absent = true }", "{ groups = \"a\", absent = 7 }"] {
        assert_eq!(warnings(&when(toml)).len(), 1, "{toml}");
    }
    assert_eq!(warnings(&when("{ groups = \"a\", \"/absent\" = true }")), Vec::<String>::new());
}

#[test]
fn a_condition_that_holds_for_nobody_or_everybody_is_a_warning() {
    for (toml, message) in [
        ("{ not = {} }", "when.not: of an empty condition: true for nobody"),
        ("{ all = [{ groups = \"a\" }, { not = {} }] }", "true for nobody"),
        ("{ any = [{ groups = \"a\" }, {}] }", "when.any[1]: an empty condition: true for everybody"),
    ] {
        let found = warnings(&when(toml));
        assert!(found.len() == 1 && found[0].contains(message), "{toml}: {found:?}");
    }
    assert_eq!(warnings(&when("{ not = { groups = \"a\" } }")), Vec::<String>::new());
}
