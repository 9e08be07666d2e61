//! The parameters of a callback: each at most once, and one issuer behind all of them.

use url::form_urlencoded;

use super::{
    super::provider_words::ProviderWords,
    error::{FailedLogin, LoginError},
};
use crate::identity::cause::quoted;

/// The parameters of a callback that the gateway reads. Its `Debug` shows nothing.
pub(crate) struct CallbackParameters {
    state: String,
    code: Option<String>,
    error: Option<String>,
    description: Option<String>,
    issuer: Option<String>,
}

impl CallbackParameters {
    /// Parses the query of a callback, without its `?`.
    ///
    /// # Errors
    /// [`LoginError::ParameterTwice`], or [`LoginError::StateMissing`]; with what it says of an error all the same.
    pub(crate) fn parse(query: &str) -> Result<Self, FailedLogin> {
        let (mut state, mut code, mut error, mut description, mut issuer) = (None, None, None, None, None);
        let mut twice = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (slot, name) = match name.as_ref() {
                "state" => (&mut state, "state"),
                "code" => (&mut code, "code"),
                "error" => (&mut error, "error"),
                "iss" => (&mut issuer, "iss"),
                // Words decide nothing.
                "error_description" => {
                    description.get_or_insert_with(|| value.into_owned());
                    continue;
                }
                _ => continue,
            };
            if slot.is_some() {
                twice = twice.or(Some(LoginError::ParameterTwice { name }));
            }
            slot.get_or_insert_with(|| value.into_owned());
        }
        let parameters = Self { state: state.unwrap_or_default(), code, error, description, issuer };
        match twice.or_else(|| parameters.state.is_empty().then_some(LoginError::StateMissing)) {
            Some(error) => Err(FailedLogin::saying(error, parameters.words())),
            None => Ok(parameters),
        }
    }

    /// Which attempt the callback claims to belong to.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// What the callback says of an error: a stranger's words until its `state` opens an attempt of this browser.
    #[must_use]
    pub(crate) fn words(&self) -> Option<ProviderWords> {
        let error = self.error.as_deref()?;
        // A parameter without a value says as much as one that is not there (RFC 6749 3.1).
        let is_said = [Some(error), self.description.as_deref()].into_iter().flatten().any(|text| !text.is_empty());
        let secrets = [self.state.as_str(), self.code.as_deref().unwrap_or_default()];
        is_said.then(|| ProviderWords::of(Some(error), self.description.as_deref(), &secrets))
    }

    /// The code, if the response is of this issuer (RFC 9207 2.4, for errors too) and is not an error.
    pub(super) fn into_code(self, issuer: &str, must_name_issuer: bool) -> Result<String, LoginError> {
        let is_of_issuer = self.issuer.as_ref().map_or(!must_name_issuer, |found| found == issuer);
        if !is_of_issuer {
            return Err(LoginError::Issuer { found: self.issuer.as_deref().map(quoted) });
        }
        if let Some(words) = self.words() {
            return Err(LoginError::ProviderRefused { words });
        }
        self.code.filter(|code| !code.is_empty()).ok_or(LoginError::CodeMissing)
    }
}

impl std::fmt::Debug for CallbackParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackParameters(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.example.com";

    fn code(query: &str, must_name_issuer: bool) -> Result<String, LoginError> {
        CallbackParameters::parse(query).map_err(|bad| bad.error)?.into_code(ISSUER, must_name_issuer)
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
    fn what_a_callback_of_no_attempt_says_of_an_error_is_kept() {
        for query in [
            "error=access_denied&error_description=Locked.",
            "state=&error=access_denied&error_description=Locked.",
            "error=access_denied&state=a&state=b&error_description=Locked.",
        ] {
            let words = CallbackParameters::parse(query).unwrap_err().words.map(|words| words.to_string());
            assert_eq!(words.as_deref(), Some(r#"access_denied: "Locked.""#), "{query}");
        }
        assert_eq!(CallbackParameters::parse("code=c&error_description=x").unwrap_err().words, None);
    }

    #[test]
    fn an_error_without_a_value_is_none() {
        assert_eq!(code("code=c&state=s&error=&error_description=", false), Ok("c".to_owned()));
        assert_eq!(code("code=c&state=s&error_description=fine", false), Ok("c".to_owned()));
        assert_eq!(code("state=s&error=", false), Err(LoginError::CodeMissing));
    }

    #[test]
    fn a_callback_needs_a_state_and_a_code() {
        for query in ["", "code=c", "state=&code=c", "STATE=s&code=c"] {
            assert_eq!(code(query, false), Err(LoginError::StateMissing), "{query}");
        }
        for query in ["state=s", "state=s&code=", "state=s&access_token=t"] {
            assert_eq!(code(query, false), Err(LoginError::CodeMissing), "{query}");
        }
        for error in [LoginError::StateMissing, LoginError::CodeMissing] {
            assert_eq!(error.reason(), LoginError::StateMismatch.reason());
        }
    }

    #[test]
    fn the_issuer_of_the_response_is_compared_exactly_and_asked_for_where_it_was_announced() {
        assert!(code("state=s&code=c&iss=https%3A%2F%2Flogin.example.com", true).is_ok());
        assert!(code("state=s&code=c", false).is_ok());
        assert_eq!(code("state=s&code=c", true), Err(LoginError::Issuer { found: None }));
        assert_eq!(code("state=s&error=access_denied", true), Err(LoginError::Issuer { found: None }));
        for iss in ["https://login.example.com/", "https://LOGIN.example.com", "https://evil.test", ""] {
            let refused = Err(LoginError::Issuer { found: Some(format!("{iss:?}")) });
            assert_eq!(code(&format!("state=s&code=c&iss={iss}"), false), refused, "{iss}");
        }
        let told = |query| code(query, true).unwrap_err().to_string();
        assert_eq!(told("state=s&iss=x"), r#"callback is of another issuer: `iss` is "x""#);
        assert!(told("state=s").starts_with("callback does not name its issuer: `iss` is missing"));
    }

    #[test]
    fn an_error_of_the_provider_is_kept_in_its_own_words() {
        let refused = |query: &str| match code(query, false) {
            Err(error @ LoginError::ProviderRefused { .. }) => (error.to_string(), error.words_on_page().unwrap()),
            other => panic!("{other:?}"),
        };
        let (told, page) = refused("state=s&error=access_denied&error_description=Not+assigned.&code=c");
        assert_eq!(told, r#"provider refused the sign-in: access_denied: "Not assigned.""#);
        assert_eq!(page, "access_denied: Not assigned.");
        let (told, page) = refused("state=s&error=%3Cscript%3E%0d%0a");
        assert_eq!((told.as_str(), page.as_str()), (r#"provider refused the sign-in: "<script>""#, "<script>"));
        let (told, _) = refused("state=marker&error=a&error_description=of+marker+and+marked&code=marked");
        assert!(!told.contains("mark"), "{told}");
        let (told, _) = refused("state=s&error=&error_description=x");
        assert_eq!(told, r#"provider refused the sign-in: no error code: "x""#);
    }
}
