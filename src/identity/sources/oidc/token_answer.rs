//! The answer of a token endpoint (RFC 6749 5.1 and 5.2): what is read of it is read strictly, and what nothing uses is not read.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{provider_words::ProviderWords, tokens::Tokens};
use crate::{
    identity::{
        cause::{kind, quoted, told},
        strict_json::{StrictJsonError, parse_object},
    },
    secret::Secret,
};

/// An answer as it came. Its `Debug` shows no body.
#[derive(Clone, Copy)]
pub(crate) struct TokenAnswer<'a> {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its `Content-Encoding`: none was asked for.
    pub(crate) encoding: Option<&'a str>,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// Why there are no tokens. Of the answer it tells the status, and the provider's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenAnswerError {
    /// RFC 6749 5.2, whatever the status.
    #[error("token endpoint refuses the code with status {}: {words}", .status.as_u16())]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it says.
        words: ProviderWords,
    },
    /// RFC 6749 5.1 has 200. Redirects are not followed.
    #[error("token endpoint answers with status {}, and no error of oauth", .0.as_u16())]
    Status(StatusCode),
    /// The body is compressed.
    #[error("token endpoint answers with content-encoding {0}, which nobody asked for")]
    Encoding(String),
    /// Not one JSON object.
    #[error("token endpoint: {0}")]
    Json(StrictJsonError),
    /// OIDC Core 3.1.3.3.
    #[error("token endpoint answers without an id token: `id_token` is {0} (was the scope `openid` granted?)")]
    IdToken(&'static str),
}

impl TokenAnswer<'_> {
    /// The tokens; `sent` is what an answer may repeat of the request, and nobody is told.
    ///
    /// # Errors
    /// See [`TokenAnswerError`].
    pub(crate) fn tokens(self, sent: &[&str]) -> Result<Tokens, TokenAnswerError> {
        let is_ok = self.status == StatusCode::OK;
        let encoding = self.encoding.filter(|encoding| is_ok && !encoding.eq_ignore_ascii_case("identity"));
        if let Some(encoding) = encoding {
            return Err(TokenAnswerError::Encoding(quoted(encoding)));
        }
        let mut members = match parse_object(self.body) {
            Ok(members) => members,
            Err(error) if is_ok => return Err(TokenAnswerError::Json(error)),
            Err(_) => return Err(TokenAnswerError::Status(self.status)),
        };
        let words = words(&members, sent);
        // Beside a token, a description alone is no error: RFC 6749 5.2 asks for `error`.
        let has_error = members.get("error").and_then(Value::as_str).is_some_and(|error| !error.is_empty());
        let is_error = has_error || !is_ok || !members.get("id_token").is_some_and(Value::is_string);
        if is_error && !words.is_empty() {
            return Err(TokenAnswerError::Refused { status: self.status, words });
        }
        if !is_ok {
            return Err(TokenAnswerError::Status(self.status));
        }
        let id_token = match members.remove("id_token") {
            Some(Value::String(id_token)) => id_token,
            other => return Err(TokenAnswerError::IdToken(kind(other.as_ref()))),
        };
        let access_token = members.remove("access_token").and_then(|token| token.as_str().map(str::to_owned));
        let access_token = access_token.filter(|token| !token.is_empty()).map(Secret::new);
        let other_type = members.get("token_type").filter(|value| !is_bearer(value)).map(|value| told(Some(value)));
        Ok(Tokens { id_token, access_token, other_type })
    }
}

/// RFC 6749 5.1 asks for a type, in any letters; one that is missing or null is the one that OIDC Core 3.1.3.3 has.
fn is_bearer(token_type: &Value) -> bool {
    token_type.is_null() || token_type.as_str().is_some_and(|text| text.eq_ignore_ascii_case("bearer"))
}

fn words(members: &Map<String, Value>, sent: &[&str]) -> ProviderWords {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    ProviderWords::of(text("error"), text("error_description"), sent)
}

impl std::fmt::Debug for TokenAnswer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<(String, Option<String>), String> {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = TokenAnswer { status, encoding: None, body: body.as_bytes() };
        let tokens = answer.tokens(&["the-code"]).map_err(|error| error.to_string())?;
        Ok((tokens.id_token, tokens.access_token.map(|token| token.expose().to_owned())))
    }

    #[test]
    fn what_nothing_uses_is_not_read() {
        for more in [
            r#""expires_in":"3599""#,
            r#""expires_in":-1.5,"scope":["openid"],"token_type":null"#,
            r#""token_type":"DPoP","refresh_token":{},"x":[1]"#,
            r#""error":null"#,
            r#""error":"","error_description":"""#,
            r#""error":false,"error_description":"Success""#,
        ] {
            let body = format!(r#"{{"id_token":"a.b.c","access_token":"at",{more}}}"#);
            assert_eq!(read(200, &body), Ok(("a.b.c".to_owned(), Some("at".to_owned()))), "{more}");
        }
        for access_token in ["", r#","access_token":null"#, r#","access_token":7"#] {
            let body = format!(r#"{{"id_token":"a.b.c"{access_token}}}"#);
            assert_eq!(read(200, &body), Ok(("a.b.c".to_owned(), None)), "{access_token}");
        }
    }

    #[test]
    fn members_that_nothing_uses_may_be_of_any_type() {
        for name in ["expires_in", "scope", "refresh_token", "session_state", "not-before-policy", "error_uri", "x"] {
            for value in ["null", "-1", "1.5", "18446744073709551616", "\"3599\"", "[1]", "{\"a\":1}", "true"] {
                let body = format!(r#"{{"id_token":"a.b.c","access_token":"at","{name}":{value}}}"#);
                assert_eq!(read(200, &body), Ok(("a.b.c".to_owned(), Some("at".to_owned()))), "{name} {value}");
            }
        }
    }

    #[test]
    fn a_token_is_a_bearer_token_unless_the_answer_says_what_else_it_is() {
        let other = |token_type: &str| {
            let body = format!(r#"{{"id_token":"a.b.c","token_type":{token_type}}}"#);
            let answer = TokenAnswer { status: StatusCode::OK, encoding: None, body: body.as_bytes() };
            answer.tokens(&[]).unwrap().other_type
        };
        for token_type in ["null", r#""bearer""#, r#""Bearer""#, r#""BEARER""#] {
            assert_eq!(other(token_type), None);
        }
        assert_eq!(other(r#""DPoP""#).as_deref(), Some(r#""DPoP""#));
        assert_eq!(other("7").as_deref(), Some("a number"));
    }

    #[test]
    fn an_error_is_one_whatever_the_status_and_is_told_with_it() {
        let said = r#"{"error":"invalid_client","error_description":"bad secret of the-code"}"#;
        for status in [200, 400, 401, 500] {
            let expected =
                format!(r#"token endpoint refuses the code with status {status}: invalid_client: "bad secret of […]""#);
            assert_eq!(read(status, said), Err(expected));
        }
        for (status, body) in [(403, "<html>"), (500, r#"{"errorCode":"E9"}"#), (400, r#"{"error":17}"#), (307, "")] {
            let expected = format!("token endpoint answers with status {status}, and no error of oauth");
            assert_eq!(read(status, body), Err(expected));
        }
        let described = r#"{"error_description":"client is disabled"}"#;
        for status in [200, 400] {
            assert!(
                read(status, described).unwrap_err().ends_with(r#"no error code: "client is disabled""#),
                "{status}"
            );
        }
        assert!(read(200, r#"{"id_token":"a.b.c","error":"invalid_grant"}"#).is_err(), "an error beside a token");
        let good = r#"{"id_token":"a.b.c"}"#;
        assert_eq!(read(201, good), Err("token endpoint answers with status 201, and no error of oauth".to_owned()));
    }

    #[test]
    fn an_answer_without_an_id_token_or_that_can_be_read_in_two_ways_is_none() {
        let refused = |body: &str| read(200, body).unwrap_err();
        for (body, kind) in [("{}", "missing"), (r#"{"id_token":null}"#, "null"), (r#"{"id_token":{}}"#, "an object")] {
            assert!(refused(body).contains(&format!("`id_token` is {kind} ")), "{body}");
        }
        assert!(refused(r#"{"id_token":"a","id_token":"b"}"#).ends_with(r#"found "id_token" twice"#));
        assert!(refused("\u{feff}{}").contains("expected json"));
        assert!(refused("[{}]").ends_with("expected a json object, found an array"));
        assert!(refused("access_token=secret&id_token=secret").contains("expected json"));
    }

    #[test]
    fn a_compressed_answer_is_not_read() {
        let answer = TokenAnswer { status: StatusCode::OK, encoding: Some("gzip"), body: b"{}" };
        assert_eq!(answer.tokens(&[]).unwrap_err(), TokenAnswerError::Encoding("\"gzip\"".to_owned()));
        let plain = TokenAnswer { encoding: Some("Identity"), ..answer };
        assert_eq!(plain.tokens(&[]).unwrap_err(), TokenAnswerError::IdToken("missing"));
    }

    #[test]
    fn nothing_of_an_answer_is_in_a_debug_text() {
        let body = br#"{"id_token":"marker","access_token":"marker"}"#;
        let answer = TokenAnswer { status: StatusCode::OK, encoding: None, body };
        for shown in [format!("{answer:?}"), format!("{:?}", answer.tokens(&[]).unwrap())] {
            assert!(!shown.contains("marker"), "{shown}");
        }
    }
}
