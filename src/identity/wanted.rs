//! Which claims somebody reads of a provider's people, whoever they are.

use super::{ClaimPath, Claims, Projection};

/// The claims that conditions, templates and headers read. An ID token that lacks one is to be completed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WantedClaims(Vec<Vec<ClaimPath>>);

impl WantedClaims {
    /// What is kept of these claims, but for what only the token itself can say.
    #[must_use]
    pub(crate) fn of(projection: &Projection, of_the_sign_in: &[&str]) -> Self {
        let is_of_person =
            |path: &&ClaimPath| path.steps().first().is_some_and(|first| !of_the_sign_in.contains(&first.as_str()));
        Self(projection.paths().filter(is_of_person).map(|path| vec![path.clone()]).collect())
    }

    /// Any of these is read, the first that is there.
    pub(crate) fn add_one_of(&mut self, paths: Vec<ClaimPath>) {
        self.0.push(paths);
    }

    /// Whether one of them is not there. Null is nothing.
    #[must_use]
    pub(crate) fn is_missing_in(&self, claims: &Claims) -> bool {
        let has = |path| claims.at(path).is_some_and(|value| !value.is_null());
        !self.0.iter().all(|paths| paths.iter().any(has))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keep;
    use super::*;

    fn path(text: &str) -> ClaimPath {
        ClaimPath::parse(text).unwrap()
    }

    #[test]
    fn each_claim_must_be_there_and_of_alternatives_one() {
        let mut projection = Projection::default();
        for name in ["groups", "/realm_access/roles", "acr"] {
            projection.keep(path(name), Keep::Whole);
        }
        let mut wanted = WantedClaims::of(&projection, &["acr"]);
        wanted.add_one_of(vec![path("name"), path("preferred_username")]);
        let is_missing = |text: &str| wanted.is_missing_in(&Claims::parse_strict(text.as_bytes()).unwrap());
        assert!(!is_missing(r#"{"groups":[],"realm_access":{"roles":"x"},"name":false}"#));
        assert!(!is_missing(r#"{"groups":{},"realm_access":{"roles":0},"preferred_username":""}"#));
        assert!(is_missing(r#"{"groups":[],"realm_access":{"roles":"x"}}"#));
        assert!(is_missing(r#"{"groups":null,"realm_access":{"roles":"x"},"name":"x"}"#));
        assert!(is_missing(r#"{"groups":[],"realm_access":"roles","name":"x"}"#));
        assert!(!WantedClaims::default().is_missing_in(&Claims::default()));
    }
}
