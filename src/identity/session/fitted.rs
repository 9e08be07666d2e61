//! A session whose groups are more than a cookie has room for.

use super::{
    rules::SessionRules,
    session::{Session, SessionError},
};
use crate::identity::Identity;

impl Session {
    /// Seals the session; where it does not fit into a cookie, with as many as fit of the texts that no rule names. Gives also how many do
    /// not.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub(crate) fn seal_as_fits(
        &self,
        rules: &SessionRules,
        site: &str,
        nonce: [u8; 12],
    ) -> Result<(String, usize), SessionError> {
        let projection = rules.projection_of(&self.identity.provider);
        let sealed_with = |texts_max| {
            let claims = projection.with_texts(&self.identity.claims, texts_max);
            Self { identity: Identity { claims, ..self.identity.clone() }, ..*self }.seal(rules, site, nonce)
        };
        let error = match self.seal(rules, site, nonce) {
            Ok(text) => return Ok((text, 0)),
            Err(error) => error,
        };
        let all = projection.unnamed_texts(&self.identity.claims);
        if error != SessionError::TooLarge || all == 0 {
            return Err(error);
        }
        // The most that fit: one text more is never smaller.
        let (mut text, mut fits, mut too_many) = (sealed_with(0)?, 0, all);
        while fits + 1 < too_many {
            let between = fits.midpoint(too_many);
            match sealed_with(between) {
                Ok(sealed) => (text, fits) = (sealed, between),
                Err(_) => too_many = between,
            }
        }
        Ok((text, all - fits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{
            ClaimPath, Claims, Keep,
            session::session::tests::{kept, open, rules},
            testing::{ISSUER, NOW, SITE, settings},
        },
        limits::COOKIE_BYTES_MAX,
    };

    #[test]
    fn of_texts_that_no_rule_names_a_session_keeps_as_many_as_fit_and_says_how_many_do_not() {
        let mut rules = rules(&["finance"]);
        rules.projections.values_mut().next().unwrap().keep(ClaimPath::parse("groups").unwrap(), Keep::EveryText);
        let with = |count: usize| {
            let groups: Vec<String> =
                (0..count).map(|number| format!("{number:036}")).chain(["finance".to_owned()]).collect();
            let claims =
                serde_json::json!({ "sub": "7", "email": "Ann@example.com", "email_verified": true, "groups": groups });
            let claims = Claims::parse_strict(claims.to_string().as_bytes()).unwrap();
            let identity = Identity::from_claims(&settings(ISSUER).source, &claims, kept(&rules)).unwrap();
            Session::begin(identity, &rules, NOW)
        };
        let groups = |text: &str| open(text, &rules).unwrap().identity.claims.0["groups"].as_array().unwrap().clone();
        let (text, left_out) = with(20).seal_as_fits(&rules, SITE, [7; 12]).unwrap();
        assert_eq!((left_out, groups(&text).len()), (0, 21));
        let (text, left_out) = with(200).seal_as_fits(&rules, SITE, [7; 12]).unwrap();
        let kept = groups(&text);
        assert!(kept.len() > 50 && kept.contains(&"finance".into()), "{}", kept.len());
        assert_eq!(kept.len() + left_out, 201);
        assert!(kept.contains(&format!("{:036}", 0).into()) && !kept.contains(&format!("{:036}", 199).into()));
        let one_more = format!("{:036}", kept.len() - 1);
        let mut fuller = open(&text, &rules).unwrap();
        fuller.identity.claims.0["groups"].as_array_mut().unwrap().push(one_more.into());
        assert_eq!(fuller.seal(&rules, SITE, [7; 12]), Err(SessionError::TooLarge), "as many as fit");
        let mut named = with(0);
        named.identity.subject = "s".repeat(COOKIE_BYTES_MAX);
        assert_eq!(named.seal_as_fits(&rules, SITE, [7; 12]).map(drop), Err(SessionError::TooLarge));
    }
}
