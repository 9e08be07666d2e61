//! The reference file `gateway.toml` and the table of keys are one.

use std::collections::BTreeSet;

use crate::config::{
    Draft, SecretSource,
    file::{
        Node, Value,
        keys::{KEYS, Presence, Shape},
    },
    json_schema,
    testing::{SMALL, check, config, problems, secrets, warnings},
};

const REFERENCE: &str = include_str!("../../../../gateway.toml");

#[test]
fn the_reference_file_is_right_and_gives_no_warning() {
    let (config, warnings) = check(REFERENCE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((config.sites.len(), config.catalogue.embeds.len(), config.mappings.len()), (1, 2, 2));
    assert_eq!(warnings, []);
}

#[test]
fn with_every_setting_in_force_only_what_is_not_built_yet_is_refused() {
    let found = problems(&in_force());
    let keys: Vec<&str> = found.iter().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(keys, ["sigma.acme.tenants"]);
    assert!(found.iter().all(|line| line.contains("not built yet")), "{found:?}");
}

#[test]
fn the_reference_file_shows_every_key_and_no_other() {
    let mut shown = BTreeSet::new();
    collect(&Node::parse(&in_force()).0.expect("the reference file is TOML"), "", &mut shown);
    let known: BTreeSet<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    assert_eq!(known.difference(&shown).collect::<Vec<_>>(), Vec::<&String>::new(), "keys that the file does not show");
    assert_eq!(shown.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "keys that are not in the table");
}

#[test]
fn the_reference_file_shows_every_default() {
    for key in KEYS {
        let Presence::Default(toml) = key.presence else { continue };
        let name = key.path.rsplit('.').next().expect("a path has a last part");
        let written =
            REFERENCE.contains(&format!("\n{name} = {toml} ")) || REFERENCE.contains(&format!("default {toml}\n"));
        assert!(written, "{} = {toml}", key.path);
    }
}

#[test]
fn each_choice_of_the_table_has_a_reader() {
    for key in KEYS {
        let Shape::Choice(built, _) = key.shape else { continue };
        let name = key.path.rsplit('.').next().expect("a path has a last part");
        let from = REFERENCE.find(&format!("\n{name} = \"")).expect("the reference file shows the key") + 1;
        let to = from + REFERENCE[from..].find('\n').expect("the line ends");
        for value in built {
            let text = format!("{}{name} = {value:?}{}", &REFERENCE[..from], &REFERENCE[to..]);
            let found = check(&text).err().map(|problems| problems.to_string()).unwrap_or_default();
            assert!(!found.contains("not understood"), "{} = {value:?}: {found}", key.path);
        }
    }
}

#[test]
fn the_table_of_keys_has_each_key_once() {
    let paths: BTreeSet<&str> = KEYS.iter().map(|key| key.path).collect();
    assert_eq!(paths.len(), KEYS.len());
}

#[test]
fn each_default_is_toml_and_right() {
    // The small file leaves every key with a default out: were one wrong, it would be refused.
    let config = config(SMALL);
    assert_eq!(config.session.max_age.as_secs(), 8 * 3_600);
    assert_eq!(config.sites[0].forward.as_ref().unwrap().waits.answer.as_secs(), 60);
    assert_eq!(warnings(SMALL), Vec::<String>::new());
}

#[test]
fn the_schema_has_a_property_for_each_key_with_its_default() {
    let schema = json_schema();
    assert_eq!(schema["properties"]["session"]["properties"]["max_age"]["default"], "8h");
    assert_eq!(schema["properties"]["sigma"]["additionalProperties"]["required"][0], "client_id");
    let route = &schema["properties"]["site"]["items"]["properties"]["route"]["items"];
    assert_eq!(route["required"], serde_json::json!(["path"]));
    assert_eq!(route["additionalProperties"], false);
    for key in KEYS.iter().filter(|key| matches!(key.presence, Presence::Default(_))) {
        let Presence::Default(toml) = key.presence else { continue };
        assert!(serde_json::from_str::<serde_json::Value>(toml).is_ok(), "{} = {toml} reads alike in JSON", key.path);
    }
}

#[test]
fn the_sources_of_secrets_are_named_once_each() {
    let sources = Draft::parse(REFERENCE).secret_sources();
    let file = |name: &str| SecretSource::File(name.to_owned());
    assert_eq!(
        sources,
        [file("session.key"), file("sigma.secret"), SecretSource::Env("OIDC_CLIENT_SECRET".to_owned())]
    );
    assert!(sources.iter().all(|source| secrets().get(source).is_ok()));
}

/// The reference file with its commented-out settings in force.
fn in_force() -> String {
    let is_setting = |line: &str| line.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if is_setting(rest) => format!("{rest}\n"),
        Some(_) | None => format!("{line}\n"),
    };
    let text: String = REFERENCE.lines().map(line).collect();
    // An upstream's own CA needs an upstream with TLS.
    text.replace("upstream = \"http://", "upstream = \"https://")
}

/// The paths of a file, as the table of keys spells them.
fn collect(node: &Node, pattern: &str, paths: &mut BTreeSet<String>) {
    for (name, child) in node.entries() {
        let path = if pattern.is_empty() { name.clone() } else { format!("{pattern}.{name}") };
        let known = KEYS.iter().find(|key| key.path == path);
        paths.insert(path.clone());
        match (known.map(|key| key.shape), &child.value) {
            (Some(Shape::Table), _) => collect(child, &path, paths),
            (Some(Shape::Keyed), _) => {
                child.entries().iter().for_each(|(_, each)| collect(each, &format!("{path}.*"), paths));
            }
            (Some(Shape::OneOrMore), Value::Table(_)) => collect(child, &format!("{path}[]"), paths),
            (Some(Shape::List), Value::Array(items)) => {
                items.iter().for_each(|item| collect(item, &format!("{path}[]"), paths));
            }
            _ => {}
        }
    }
}
