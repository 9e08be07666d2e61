//! The truth table of `docs/CONDITIONS.md`, cell by cell: for whole claims, for what a session keeps, and under `not`.

use serde_json::Value;

use super::{config, identities::DOMAINS, mappings::when};
use crate::{
    config::Config,
    identity::{Claims, CookieName, Cookies, Identity, Session},
    policy::{Condition, Verdict},
    time::UnixSeconds,
};

const PAGE: &str = include_str!("../../../docs/CONDITIONS.md");
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
    let identity = Identity::from_claims(provider.settings(), claims, &rules.projection).expect("an identity");
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
