//! An answer that came by form (OAuth 2.0 Form Post Response Mode), on its way to the callback.
//!
//! The provider's page posts it from another site, so that no `Lax` cookie comes along: neither the attempt nor the session is
//! there to decide by. What was posted waits in a short cookie of its own, sealed, until our own page has asked for the callback.

use url::form_urlencoded::{self, Serializer};

use super::LoginError;
use crate::{
    identity::{AttemptId, CookieName, Cookies, Purpose, SealKeys},
    limits::{COOKIE_BYTES_MAX, POSTED_WORDS_CHARS_MAX},
};

/// The parameters of a posted answer that a callback reads, in their order, as a query. Its `Debug` shows nothing.
pub(crate) struct PostedAnswer {
    id: AttemptId,
    query: String,
}

impl PostedAnswer {
    /// Takes the body of a form. Nothing of it is judged here: what comes twice stays twice.
    #[must_use]
    pub(crate) fn of_form(body: &[u8]) -> Self {
        let (mut query, mut state) = (Serializer::new(String::new()), None);
        for (name, value) in form_urlencoded::parse(body) {
            match name.as_ref() {
                "state" => state = state.or_else(|| Some(value.to_string())),
                "code" | "iss" | "error" => {}
                "error_description" => {
                    let cut: String = value.chars().take(POSTED_WORDS_CHARS_MAX).collect();
                    query.append_pair(&name, &cut);
                    continue;
                }
                // Apple's `user`, `session_state`, and what else nobody reads.
                _ => continue,
            }
            query.append_pair(&name, &value);
        }
        Self { id: AttemptId::of_state(&state.unwrap_or_default()), query: query.finish() }
    }

    /// The cookie in which it waits; none where it is larger than a cookie.
    #[must_use]
    pub(crate) fn seal(&self, keys: &SealKeys, site: &str, nonce: [u8; 12]) -> Option<(CookieName, String)> {
        let name = self.id.posted();
        let value = keys.seal(Purpose::PostedAnswer, site, self.query.as_bytes(), nonce);
        (name.to_string().len() + 1 + value.len() <= COOKIE_BYTES_MAX).then_some((name, value))
    }

    /// What the query of the callback says, which goes on from here.
    #[must_use]
    pub(crate) fn reference(&self) -> String {
        format!("{PARAMETER}={}", self.id)
    }

    /// Which posted answer the query of a callback stands for; none where it is an answer itself.
    #[must_use]
    pub(crate) fn referred_to(query: &str) -> Option<AttemptId> {
        AttemptId::parse(query.strip_prefix(PARAMETER)?.strip_prefix('=')?)
    }

    /// The query that was posted.
    ///
    /// # Errors
    /// [`LoginError::AttemptMissing`] where it is gone, or that of another attempt, [`LoginError::AttemptSealed`] where it does not open.
    pub(crate) fn open(id: &AttemptId, cookies: &Cookies, keys: &SealKeys, site: &str) -> Result<String, LoginError> {
        let mut error = LoginError::AttemptMissing;
        for value in cookies.values_of(&id.posted()) {
            match keys.open(Purpose::PostedAnswer, site, value) {
                Ok(plain) => {
                    let answer = Self::of_form(&plain);
                    if answer.id == *id {
                        return Ok(answer.query);
                    }
                }
                Err(_) => error = LoginError::AttemptSealed,
            }
        }
        Err(error)
    }
}

impl std::fmt::Debug for PostedAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostedAnswer(redacted)")
    }
}

const PARAMETER: &str = "posted";

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::COOKIE};

    use super::*;
    use crate::identity::testing::{SITE, seal_keys};

    fn cookies(pairs: &[(CookieName, String)]) -> Cookies {
        let line = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        Cookies::of(&HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&line).unwrap())]))
    }

    /// What the callback reads of a form.
    fn read(form: &str) -> Option<String> {
        let answer = PostedAnswer::of_form(form.as_bytes());
        let jar = cookies(&[answer.seal(&seal_keys(), SITE, [1; 12])?]);
        let id = PostedAnswer::referred_to(&answer.reference()).unwrap();
        PostedAnswer::open(&id, &jar, &seal_keys(), SITE).ok()
    }

    #[test]
    fn what_a_callback_reads_comes_through_and_nothing_else() {
        let form = "code=a%2Bb+c&user=%7B%22name%22%3A1%7D&state=s&session_state=x&iss=https%3A%2F%2Fa.example";
        assert_eq!(read(form).as_deref(), Some("code=a%2Bb+c&state=s&iss=https%3A%2F%2Fa.example"));
        assert_eq!(read("state=s&state=t&code=c").as_deref(), Some("state=s&state=t&code=c"), "twice stays twice");
        assert_eq!(
            read("error=user_cancelled_authorize&state=s").as_deref(),
            Some("error=user_cancelled_authorize&state=s")
        );
        assert_eq!(read("").as_deref(), Some(""));
    }

    #[test]
    fn an_answer_that_is_no_cookie_is_refused_and_its_words_are_cut() {
        assert!(read(&format!("state=s&code={}", "c".repeat(2_700))).is_some());
        assert!(read(&format!("state=s&code={}", "c".repeat(2_900))).is_none());
        let words = read(&format!("state=s&error=e&error_description={}", "d".repeat(7_000))).unwrap();
        assert_eq!(words.len(), "state=s&error=e&error_description=".len() + POSTED_WORDS_CHARS_MAX);
    }

    #[test]
    fn an_answer_opens_for_its_own_attempt_site_and_keys_alone() {
        let answer = PostedAnswer::of_form(b"state=s&code=c");
        let sealed = answer.seal(&seal_keys(), SITE, [1; 12]).unwrap();
        let jar = cookies(std::slice::from_ref(&sealed));
        let open = |id: &AttemptId, jar: &Cookies, site| PostedAnswer::open(id, jar, &seal_keys(), site);
        assert_eq!(open(&answer.id, &jar, SITE).as_deref(), Ok("state=s&code=c"));
        assert_eq!(open(&answer.id, &jar, "erp.example.com"), Err(LoginError::AttemptSealed));
        assert_eq!(open(&AttemptId::of_state("other"), &jar, SITE), Err(LoginError::AttemptMissing));
        assert_eq!(open(&answer.id, &Cookies::default(), SITE), Err(LoginError::AttemptMissing));
        let session = seal_keys().seal(Purpose::Session, SITE, b"state=s&code=c", [1; 12]);
        let jar = cookies(&[(sealed.0, session)]);
        assert_eq!(open(&answer.id, &jar, SITE), Err(LoginError::AttemptSealed), "another purpose");
    }

    #[test]
    fn only_the_one_parameter_refers_to_an_answer() {
        assert!(PostedAnswer::referred_to("posted=0123456789abcdef").is_some());
        for query in [
            "",
            "posted=",
            "posted=0123456789ABCDEF",
            "posted=0123456789abcdef&code=a",
            "code=a&posted=0123456789abcdef",
        ] {
            assert!(PostedAnswer::referred_to(query).is_none(), "{query}");
        }
    }

    #[test]
    fn any_number_of_answers_takes_a_few_cookies() {
        let names: std::collections::HashSet<String> =
            (0..200).map(|state| AttemptId::of_state(&state.to_string()).posted().to_string()).collect();
        assert_eq!(names.len(), crate::limits::POSTED_ANSWERS_MAX, "{names:?}");
    }
}
