//! The truth table of `docs/CONDITIONS.md`, cell by cell: for whole claims, for what a session keeps, and under `not`.

use serde_json::Value;

use crate::{
    config::{
        Config,
        testing::{DOMAINS, condition, config, problems, refused, warnings, when},
    },
    identity::{Claims, CookieName, Cookies, Identity, Scalar, Session, ValuePattern},
    policy::{Condition, Verdict},
    time::UnixSeconds,
};

const PAGE: &str = include_str!("../../../../docs/CONDITIONS.md");
const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

/// One cell: claims, a condition, and what it is.
struct Case {
    claims: String,
    condition: String,
    expected: String,
}

/// The cells of every table of the page whose first column is `claims`.
fn cases() -> Vec<Case> {
    let (mut cases, mut conditions) = (Vec::new(), None);
    for line in PAGE.lines() {
        let cells = cells(line);
        match (cells.split_first(), &conditions) {
            (None, _) => conditions = None,
            (Some((first, rest)), None) if first == "claims" => conditions = Some(rest.to_vec()),
            (Some((first, _)), _) if first.starts_with("---") => {}
            (Some((claims, rest)), Some(conditions)) => {
                assert_eq!(rest.len(), conditions.len(), "{line}");
                cases.extend(conditions.iter().zip(rest).map(|(condition, expected)| Case {
                    claims: claims.clone(),
                    condition: condition.clone(),
                    expected: expected.clone(),
                }));
            }
            (Some(_), None) => {}
        }
    }
    cases
}

fn cells(line: &str) -> Vec<String> {
    let Some(row) = line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) else { return Vec::new() };
    let row = row.replace("\\|", "\u{1}");
    row.split('|').map(|cell| cell.trim().trim_matches('`').replace('\u{1}', "|")).collect()
}

fn whole(config: &Config, claims: &Claims) -> Identity {
    let session = session(config, claims);
    Identity { claims: claims.clone(), ..session }
}

/// Who a session is of, after it went through the cookie.
fn session(config: &Config, claims: &Claims) -> Identity {
    let rules = &config.session;
    let provider = config.providers.values().next().expect("a provider");
    let identity = Identity::from_claims(provider.settings(), claims, rules.projection_of(&provider.settings().name))
        .expect("an identity");
    let sealed = Session::begin(identity, rules, NOW).seal(rules, "crm.example.com", [7; 12]).expect("it fits");
    let cookie = format!("{}={sealed}", CookieName::Session).parse().expect("a header");
    let headers = http::HeaderMap::from_iter([(http::header::COOKIE, cookie)]);
    Session::read(&Cookies::of(&headers), rules, "crm.example.com", NOW).session.expect("a session").identity
}

#[test]
fn the_truth_table_of_the_docs_holds_for_whole_claims_for_sessions_and_under_not() {
    let cases = cases();
    assert!(cases.len() > 150, "the page has the table: {}", cases.len());
    let mut wrong = Vec::new();
    for Case { claims, condition, expected } in &cases {
        let text = when(condition).replace(DOMAINS, &format!("{DOMAINS}\noutsiders = \"no-embed\""));
        let config = config(&text);
        let condition_read = &config.mappings[0].when;
        let mut members: Value = serde_json::from_str(claims).unwrap_or_else(|error| panic!("{claims}: {error}"));
        members["sub"] = "u-1".into();
        let claims_read = serde_json::from_value(members).expect("claims");
        for (kind, identity) in [("whole", whole(&config, &claims_read)), ("session", session(&config, &claims_read))] {
            let found = condition_read.verdict(&identity);
            let not = Condition::Not(Box::new(condition_read.clone()));
            let turned = match found {
                Verdict::True => Verdict::False,
                Verdict::False => Verdict::True,
                Verdict::Unknown => Verdict::Unknown,
            };
            assert_eq!(not.verdict(&identity), turned, "not {condition} of {claims}");
            assert_eq!(condition_read.holds(&identity), found == Verdict::True, "only true grants");
            assert_eq!(
                condition_read.doubts(&identity).is_empty(),
                found != Verdict::Unknown,
                "{condition} of {claims}"
            );
            if found.as_str() != expected {
                wrong.push(format!("{kind}: {condition} of {claims}: {} instead of {expected}", found.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
