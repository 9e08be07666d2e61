//! `[[mapping]]`.

use crate::{
    config::testing::{
        GIFTS, WHEN, and, condition, config, of_two, problems, refused, toothless, warnings, when, with,
    },
    identity::ProviderName,
    policy::{Condition, UserKind},
};

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
fn the_provider_of_all_mappings_is_set_once_and_each_may_name_another() {
    let defaults = "[mapping_defaults]\nprovider = \"corp\"\n";
    let first = |when: &str| config(&of_two(when, defaults)).mappings.remove(0).when;
    let person = |provider: &str| crate::identity::Identity {
        provider: ProviderName::parse(provider).unwrap(),
        ..crate::policy::tests::identity(serde_json::json!({ "groups": ["finance"] }))
    };
    let finance = first("when = { groups = \"finance\" }");
    assert!(finance.holds(&person("corp")) && !finance.holds(&person("partner")));
    let other = first("when = { provider = \"partner\", groups = \"finance\" }");
    assert!(other.holds(&person("partner")) && !other.holds(&person("corp")));
    assert_eq!(warnings(&of_two("when = { groups = \"finance\" }", defaults)), Vec::<String>::new());
    let unknown = problems(&of_two("when = {}", "[mapping_defaults]\nprovider = \"crop\"\n"));
    assert!(unknown[0].contains("mapping_defaults.provider: there is no [identity.crop]"), "{unknown:?}");
}

#[test]
fn an_account_type_one_letter_off_sigmas_own_is_told() {
    let of = |name: &str| toothless(&with("account_type = \"View\"", &format!("account_type = {name:?}")));
    for (name, own) in [("view", "View"), ("Veiw", "View"), ("Views", "View"), ("Biuld", "Build")] {
        let message = format!("one letter off {own:?}, a type of Sigma's own: Sigma knows a type by its very name");
        assert_eq!(of(name), [format!("mapping[0].account_type: {message}")], "{name}");
    }
    for name in ["View", "Build", "Partner", "Viewer EMEA"] {
        assert_eq!(of(name), [""; 0], "{name}");
    }
}
