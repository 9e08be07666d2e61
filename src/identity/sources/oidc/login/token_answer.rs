//! The token endpoint's answer (OIDC Core 3.1.3.3), read strictly as far as something is read: what nobody uses may be of any type.

use serde_json::Value;

use crate::{
    identity::{Claims, StrictJsonError},
    limits::{PROVIDER_ERROR_CHARS_MAX, PROVIDER_QUOTE_CHARS_MAX},
    secret::Secret,
};

/// What the token endpoint gave.
pub(crate) struct Tokens {
    /// The ID token, unverified.
    pub(crate) id_token: String,
    /// The access token, if there is one: `at_hash` is held against it, and UserInfo is asked with it.
    pub(crate) access_token: Option<Secret>,
    /// What the access token is called, where that is no bearer token (RFC 6749 7.1); cut and cleaned.
    pub(crate) other_type: Option<String>,
}

/// Why a token answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenAnswerError {
    /// An error (RFC 6749 5.2).
    #[error("token endpoint refuses the code: {status} {code}")]
    Refused {
        /// The status.
        status: u16,
        /// The error code, cut to its legal characters.
        code: String,
    },
    /// Not 200 (RFC 6749 5.1), and nothing that says why.
    #[error("token endpoint answers with status {0}")]
    Status(u16),
    /// Not one JSON object.
    #[error("token endpoint does not answer with a token answer: {0}")]
    Malformed(StrictJsonError),
    /// The scope `openid` was not granted, or this is no OpenID provider.
    #[error("token endpoint does not answer with an id token")]
    NoIdToken,
}

impl Tokens {
    /// Reads an answer.
    ///
    /// # Errors
    /// See [`TokenAnswerError`]; nothing of a token is in it.
    pub(crate) fn read(status: u16, body: &[u8]) -> Result<Self, TokenAnswerError> {
        let answer = Claims::parse_strict(body);
        if let Some(code) = answer.as_ref().ok().and_then(|answer| answer.text("error")) {
            let code: String = code.chars().take(PROVIDER_ERROR_CHARS_MAX).collect();
            let code = code.replace(|c: char| !c.is_ascii_lowercase() && c != '_', "?");
            return Err(TokenAnswerError::Refused { status, code });
        }
        if status != 200 {
            return Err(TokenAnswerError::Status(status));
        }
        let answer = answer.map_err(TokenAnswerError::Malformed)?;
        let text = |name| answer.text(name).filter(|text| !text.is_empty());
        Ok(Self {
            id_token: text("id_token").ok_or(TokenAnswerError::NoIdToken)?.to_owned(),
            access_token: text("access_token").map(|token| Secret::new(token.to_owned())),
            other_type: answer.0.get("token_type").and_then(other_type),
        })
    }
}

/// A type that is missing or null is the one that OIDC Core 3.1.3.3 has.
fn other_type(value: &Value) -> Option<String> {
    let is_quotable = |c: &char| c.is_ascii_graphic();
    match value {
        Value::Null => None,
        Value::String(text) if text.eq_ignore_ascii_case("bearer") => None,
        Value::String(text) => Some(text.chars().filter(is_quotable).take(PROVIDER_QUOTE_CHARS_MAX).collect()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some("no text".to_owned()),
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: u16, body: &Value) -> Result<Tokens, TokenAnswerError> {
        Tokens::read(status, body.to_string().as_bytes())
    }

    fn with(name: &str, value: Value) -> Tokens {
        let mut answer = json!({ "id_token": "a.b.c", "access_token": "at", "token_type": "Bearer" });
        answer[name] = value;
        read(200, &answer).unwrap()
    }

    /// Every JSON type, with values that no member has by right.
    fn every_type() -> [Value; 8] {
        [json!(null), json!(-1), json!(1.5), json!(u64::MAX), json!("3599"), json!([1]), json!({"a": 1}), json!(true)]
    }

    #[test]
    fn what_nobody_uses_may_be_of_any_type() {
        for name in ["expires_in", "scope", "refresh_token", "session_state", "not-before-policy", "error_uri", "x"] {
            for value in every_type() {
                let tokens = with(name, value.clone());
                assert_eq!(tokens.id_token, "a.b.c", "{name} {value}");
                assert_eq!(tokens.access_token.as_ref().map(Secret::expose), Some("at"), "{name} {value}");
            }
        }
    }

    #[test]
    fn an_access_token_that_is_no_text_is_none() {
        for value in [json!(null), json!(7), json!(""), json!(["at"]), json!({})] {
            assert!(with("access_token", value).access_token.is_none());
        }
    }

    #[test]
    fn a_token_is_a_bearer_token_unless_the_answer_says_what_else_it_is() {
        for value in [json!(null), json!("bearer"), json!("Bearer"), json!("BEARER")] {
            assert_eq!(with("token_type", value).other_type, None);
        }
        assert_eq!(with("token_type", json!("DPoP\n")).other_type.as_deref(), Some("DPoP"));
        assert_eq!(with("token_type", json!(7)).other_type.as_deref(), Some("no text"));
        assert_eq!(with("token_type", json!("x".repeat(999))).other_type.unwrap().len(), PROVIDER_QUOTE_CHARS_MAX);
    }

    #[test]
    fn without_an_id_token_there_is_nobody() {
        for value in [json!(null), json!(""), json!({}), json!(["a.b.c"]), json!(7)] {
            assert_eq!(read(200, &json!({ "id_token": value })).err(), Some(TokenAnswerError::NoIdToken));
        }
        assert_eq!(read(200, &json!({})).err(), Some(TokenAnswerError::NoIdToken));
    }

    #[test]
    fn an_answer_is_one_json_object_with_status_200_and_no_error() {
        let good = json!({ "id_token": "a.b.c" });
        for status in [201, 204, 302, 307, 400, 500] {
            assert_eq!(read(status, &good).err(), Some(TokenAnswerError::Status(status)));
        }
        for body in ["", "<html>", "{}{}", "\u{feff}{}", r#"{"id_token":"a","id_token":"b"}"#] {
            assert!(matches!(Tokens::read(200, body.as_bytes()), Err(TokenAnswerError::Malformed(_))), "{body}");
        }
        let error = |status, code: &str| Some(TokenAnswerError::Refused { status, code: code.to_owned() });
        let refused = |status, code: &str| read(status, &json!({ "error": code, "id_token": "a" })).err();
        assert_eq!(refused(400, "invalid_grant"), error(400, "invalid_grant"));
        assert_eq!(refused(200, "invalid_client"), error(200, "invalid_client"));
        assert_eq!(refused(401, "<script>"), error(401, "?script?"));
    }

    #[test]
    fn no_token_is_in_a_debug_text() {
        let shown = format!("{:?}", with("access_token", json!("marker")));
        assert!(!shown.contains("marker") && !shown.contains("a.b.c"), "{shown}");
    }
}
