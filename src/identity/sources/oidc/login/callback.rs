//! The parameters of a callback: each at most once, and one issuer behind all of them.

use url::form_urlencoded;

use super::error::LoginError;

/// The parameters of a callback that the gateway reads. Its `Debug` shows nothing.
pub(crate) struct CallbackParameters {
    state: String,
    code: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

impl CallbackParameters {
    /// Parses the query of a callback, without its `?`.
    ///
    /// # Errors
    /// [`LoginError::ParameterTwice`], or [`LoginError::StateMismatch`] where there is no `state`.
    pub(crate) fn parse(query: &str) -> Result<Self, LoginError> {
        let (mut state, mut code, mut error, mut issuer) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (slot, name) = match name.as_ref() {
                "state" => (&mut state, "state"),
                "code" => (&mut code, "code"),
                "error" => (&mut error, "error"),
                "iss" => (&mut issuer, "iss"),
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(LoginError::ParameterTwice { name });
            }
        }
        let state = state.filter(|state| !state.is_empty()).ok_or(LoginError::StateMismatch)?;
        Ok(Self { state, code, error, issuer })
    }

    /// Which attempt the callback claims to belong to.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// The code, if the response is of this issuer (RFC 9207 2.4, for errors too) and is not an error.
    pub(super) fn into_code(self, issuer: &str, must_name_issuer: bool) -> Result<String, LoginError> {
        let is_of_issuer = self.issuer.as_ref().map_or(!must_name_issuer, |found| found == issuer);
        if !is_of_issuer {
            return Err(LoginError::Issuer);
        }
        if let Some(error) = self.error {
            let code = ERRORS.into_iter().find(|known| *known == error).unwrap_or("other");
            return Err(LoginError::ProviderRefused { code });
        }
        self.code.filter(|code| !code.is_empty()).ok_or(LoginError::StateMismatch)
    }
}

impl std::fmt::Debug for CallbackParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackParameters(redacted)")
    }
}

/// RFC 6749 4.1.2.1 and OIDC Core 3.1.2.6: a closed list, so that nothing of the query reaches a log or a page.
const ERRORS: [&str; 16] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.example.com";

    fn code(query: &str, must_name_issuer: bool) -> Result<String, LoginError> {
        CallbackParameters::parse(query)?.into_code(ISSUER, must_name_issuer)
    }

    #[test]
    fn the_code_is_form_decoded() {
        assert_eq!(code("code=a%2Bb+c&state=s&session_state=x", false), Ok("a+b c".to_owned()));
    }

    #[test]
    fn no_parameter_may_come_twice() {
        for (query, name) in [
            ("state=a&state=a&code=c", "state"),
            ("state=a&code=c&code=d", "code"),
            ("state=a&co%64e=c&code=d", "code"),
            ("state=a&iss=x&iss=x", "iss"),
            ("state=a&error=x&error=y", "error"),
        ] {
            assert_eq!(code(query, false), Err(LoginError::ParameterTwice { name }));
        }
    }

    #[test]
    fn a_callback_needs_a_state_and_a_code() {
        for query in ["", "code=c", "state=&code=c", "state=s", "state=s&code=", "STATE=s&code=c"] {
            assert_eq!(code(query, false), Err(LoginError::StateMismatch), "{query}");
        }
    }

    #[test]
    fn the_issuer_of_the_response_is_compared_exactly_and_asked_for_where_it_was_announced() {
        assert!(code("state=s&code=c&iss=https%3A%2F%2Flogin.example.com", true).is_ok());
        assert!(code("state=s&code=c", false).is_ok());
        assert_eq!(code("state=s&code=c", true), Err(LoginError::Issuer));
        assert_eq!(code("state=s&error=access_denied", true), Err(LoginError::Issuer));
        for iss in ["https://login.example.com/", "https://LOGIN.example.com", "https://evil.test", ""] {
            assert_eq!(code(&format!("state=s&code=c&iss={iss}"), false), Err(LoginError::Issuer), "{iss}");
        }
    }

    #[test]
    fn an_error_of_the_provider_is_named_from_a_closed_list() {
        let refused = |code| Err(LoginError::ProviderRefused { code });
        assert_eq!(code("state=s&error=access_denied&code=c", false), refused("access_denied"));
        assert_eq!(code("state=s&error=%3Cscript%3E%0d%0a", false), refused("other"));
    }
}
