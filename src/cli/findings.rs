//! What Sigma would refuse of a token, or take otherwise than meant (source: "JSON web token claims reference").

use serde_json::{Map, Value};

use crate::{embed::UnverifiedToken, limits::SIGMA_TOKEN_AGE_MAX, time::UnixSeconds};

/// Claims that only an embed user may carry.
const EMBED_USER_CLAIMS: [&str; 5] = ["first_name", "last_name", "user_attributes", "account_type", "teams"];

/// One thing about a token that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// Sigma refuses the token.
    Refused(String),
    /// Sigma takes the token, perhaps otherwise than meant.
    Note(String),
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(text) => write!(f, "refused: {text}"),
            Self::Note(text) => write!(f, "note: {text}"),
        }
    }
}

/// Everything there is to say about a token at that moment; its signature is not looked at.
pub(super) fn findings(token: &UnverifiedToken, now: UnixSeconds) -> Vec<Finding> {
    let claims = &token.claims;
    [header(&token.header), subject(claims), times(claims, now), version(claims), user(claims)].concat()
}

fn refused(text: &str) -> Finding {
    Finding::Refused(text.to_owned())
}

fn note(text: &str) -> Finding {
    Finding::Note(text.to_owned())
}

fn header(header: &Map<String, Value>) -> Vec<Finding> {
    let mut found = Vec::new();
    if header.get("alg") != Some(&Value::from("HS256")) {
        found.push(refused("alg: expected \"HS256\""));
    }
    if !has_text(header, "kid") {
        found.push(refused("kid: missing from the header; expected the embed client id"));
    }
    found
}

fn subject(claims: &Map<String, Value>) -> Vec<Finding> {
    let mut found = Vec::new();
    match claims.get("sub").and_then(Value::as_str) {
        Some(sub) if sub.contains('@') && !sub.contains(char::is_whitespace) => {}
        Some(_) => found.push(refused("sub: expected an e-mail address without white space")),
        None => found.push(refused("sub: missing; expected an e-mail address")),
    }
    if !has_text(claims, "jti") {
        found.push(refused("jti: missing; expected a text that no other token has"));
    }
    found
}

fn times(claims: &Map<String, Value>, now: UnixSeconds) -> Vec<Finding> {
    let seconds = |name: &str| claims.get(name).and_then(Value::as_u64);
    let mut found = Vec::new();
    for name in ["iat", "exp"] {
        if seconds(name).is_none() {
            found.push(Finding::Refused(format!("{name}: expected a number of seconds since 1970")));
        }
    }
    if seconds("exp").is_some_and(|exp| exp <= now.0) {
        found.push(refused("exp: in the past"));
    }
    if seconds("iat").is_some_and(|iat| iat > now.0) {
        found.push(note("iat: in the future"));
    }
    let lifetime = seconds("exp").zip(seconds("iat")).map(|(exp, iat)| exp.saturating_sub(iat));
    if lifetime.is_some_and(|lifetime| lifetime > SIGMA_TOKEN_AGE_MAX.as_secs()) {
        found.push(refused("exp: more than 30 days after iat"));
    }
    found
}

fn version(claims: &Map<String, Value>) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_1_1 = match claims.get("ver") {
        None => false,
        Some(version) if version == "1.0" => false,
        Some(version) if version == "1.1" => true,
        Some(_) => {
            found.push(refused("ver: expected the text \"1.0\" or \"1.1\""));
            false
        }
    };
    if is_1_1 && claims.get("aud") != Some(&Value::from("sigmacomputing")) {
        found.push(refused("aud: version 1.1 expects \"sigmacomputing\""));
    }
    for name in ["oauth_token", "connection_oauth_tokens"] {
        if claims.contains_key(name) && !is_1_1 {
            found.push(Finding::Refused(format!("{name}: only supported in ver \"1.1\"")));
        }
    }
    found
}

fn user(claims: &Map<String, Value>) -> Vec<Finding> {
    if !EMBED_USER_CLAIMS.iter().any(|name| claims.contains_key(*name)) {
        return vec![note(
            "an internal user: no teams, account_type, user_attributes or names; for an embed user Sigma would take the \
             missing account_type as the highest one",
        )];
    }
    let mut found = Vec::new();
    if !has_text(claims, "account_type") {
        found.push(note("account_type: missing or no text; Sigma then gives an embed user the highest type"));
    }
    match claims.get("teams") {
        Some(Value::Array(teams)) if teams.is_empty() => {
            found.push(note("teams: empty; nothing is shared with somebody without a team"));
        }
        Some(Value::Array(teams)) if teams.iter().all(Value::is_string) => {}
        Some(_) => found.push(refused("teams: expected an array of texts")),
        None => found.push(note("teams: missing; Sigma creates an embed user only with teams")),
    }
    match claims.get("user_attributes") {
        None => {}
        Some(Value::Object(attributes)) if attributes.values().all(Value::is_string) => {}
        Some(_) => found.push(refused("user_attributes: expected an object of texts")),
    }
    found
}

fn has_text(object: &Map<String, Value>, name: &str) -> bool {
    object.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;
    use crate::embed::{inspect, tests::NOW};

    /// A token whose payload is a good one with these members changed; null removes one.
    fn token(header: &Value, changes: &Value) -> UnverifiedToken {
        let mut claims = json!({
            "ver": "1.1", "aud": "sigmacomputing", "sub": "ann@example.com", "iss": "c", "jti": "j",
            "iat": NOW.0, "exp": NOW.0 + 3600, "account_type": "View", "teams": ["Finance"],
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims.as_object_mut().expect("an object").insert(name.clone(), value.clone());
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        inspect(&format!("{}.{}.", part(header), part(&claims))).expect("a token")
    }

    fn found(changes: &Value) -> Vec<String> {
        let header = json!({ "alg": "HS256", "kid": "c" });
        findings(&token(&header, changes), NOW).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_token_has_no_findings() {
        assert_eq!(found(&json!({})), Vec::<String>::new());
        assert_eq!(found(&json!({ "user_attributes": { "a": "b" }, "ver": null, "aud": null })), Vec::<String>::new());
    }

    #[test]
    fn every_fault_is_found() {
        for (changes, expected) in [
            (json!({ "sub": null }), "refused: sub: missing"),
            (json!({ "sub": "a b@example.com" }), "refused: sub: expected"),
            (json!({ "jti": null }), "refused: jti"),
            (json!({ "iat": "1" }), "refused: iat"),
            (json!({ "exp": null }), "refused: exp: expected"),
            (json!({ "exp": NOW.0 }), "refused: exp: in the past"),
            (json!({ "exp": NOW.0 + 30 * 86_400 + 1 }), "refused: exp: more than 30 days"),
            (json!({ "iat": NOW.0 + 9 }), "note: iat: in the future"),
            (json!({ "ver": 1.1 }), "refused: ver"),
            (json!({ "aud": "https://sigmacomputing.com/iam" }), "refused: aud"),
            (json!({ "ver": "1.0", "oauth_token": "x" }), "refused: oauth_token"),
            (json!({ "account_type": null }), "note: account_type: missing"),
            (json!({ "teams": "Finance" }), "refused: teams"),
            (json!({ "teams": [] }), "note: teams: empty"),
            (json!({ "teams": null }), "note: teams: missing"),
            (json!({ "user_attributes": { "a": 1 } }), "refused: user_attributes"),
            (json!({ "teams": null, "account_type": null }), "note: an internal user"),
        ] {
            let found = found(&changes);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{changes}: {found:?}");
        }
    }

    #[test]
    fn a_header_without_key_id_or_with_another_algorithm_is_refused() {
        let found = findings(&token(&json!({ "alg": "none" }), &json!({})), NOW);
        assert_eq!(found[0], refused("alg: expected \"HS256\""));
        assert!(matches!(&found[1], Finding::Refused(text) if text.starts_with("kid")));
    }
}
