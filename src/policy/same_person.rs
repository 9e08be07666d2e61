//! Two identities that disagree never act: the person whom a proxy in front has signed in, and the one of our session.

use crate::{
    identity::{EmailAddress, Identity},
    request::{Asserted, Unsaid},
};

/// What follows for the session of this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonCheck {
    /// The site compares nothing, or nobody is signed in here.
    Unasked,
    /// Nothing depends on the session here, or signing in and out does: it counts as it is.
    Exempt,
    /// Both say the same address.
    Same,
    /// The two cannot be compared: this request is from nobody, and the session stays.
    Nobody(Unproven),
    /// Somebody else is signed in at the proxy: the session ends, and this request is from nobody.
    Differs,
}

/// Why the two cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// The proxy in front says nothing, or not one thing.
    Unsaid(Unsaid),
    /// Our session has no address that its provider vouches for. Signing in again would bring none either.
    NoAddress,
}

impl PersonCheck {
    /// The stable name, for metrics and log lines; none where all is as it should be.
    #[must_use]
    pub(crate) const fn trouble(self) -> Option<&'static str> {
        match self {
            Self::Unasked | Self::Exempt | Self::Same => None,
            Self::Nobody(Unproven::Unsaid(Unsaid::Missing)) => Some("missing"),
            Self::Nobody(Unproven::Unsaid(Unsaid::Doubled)) => Some("doubled"),
            Self::Nobody(Unproven::Unsaid(Unsaid::Empty)) => Some("empty"),
            Self::Nobody(Unproven::NoAddress) => Some("no_address"),
            Self::Differs => Some("differs"),
        }
    }

    /// Whether the session counts for this request.
    #[must_use]
    pub(crate) const fn is_session_good(self) -> bool {
        self.trouble().is_none()
    }

    /// Whether the sign-in has brought a session that is of use: an exempt one proves nothing.
    #[must_use]
    pub(crate) const fn is_proven(self) -> bool {
        matches!(self, Self::Unasked | Self::Same)
    }
}

/// Compares, at a place that compares; `signed_in` is who the session of the request says.
#[must_use]
pub(crate) fn same_person(signed_in: &Identity, asserted: &Asserted) -> PersonCheck {
    let said = match asserted {
        Asserted::Unasked => return PersonCheck::Unasked,
        Asserted::Unsaid(unsaid) => return PersonCheck::Nobody(Unproven::Unsaid(*unsaid)),
        Asserted::Said(value) => value.as_bytes(),
    };
    match &signed_in.email {
        Err(_) => PersonCheck::Nobody(Unproven::NoAddress),
        Ok(email) if is_address(email, said) => PersonCheck::Same,
        Ok(_) => PersonCheck::Differs,
    }
}

/// Whom somebody names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    /// Who names them; none: nobody that is known.
    pub(crate) issuer: Option<&'a str>,
    /// Whom.
    pub(crate) identity: &'a Identity,
}

/// Whether two names are proven to be of one person: by the subject where one issuer gives both, else by the verified addresses.
/// What cannot be compared is not the same.
#[must_use]
pub(crate) fn is_one_person(one: Named<'_>, other: Named<'_>) -> bool {
    if one.issuer.is_some() && one.issuer == other.issuer {
        return one.identity.subject == other.identity.subject;
    }
    match (&one.identity.email, &other.identity.email) {
        (Ok(one), Ok(other)) => is_address(one, other.as_str().as_bytes()),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
    }
}

fn is_address(email: &EmailAddress, said: &[u8]) -> bool {
    email.as_str().as_bytes().eq_ignore_ascii_case(said)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::{policy::tests::identity, reason::Reason};

    fn ana() -> Identity {
        Identity { email: Ok(serde_json::from_str("\"Ana@example.com\"").unwrap()), ..identity(json!({})) }
    }

    fn said(text: &'static str) -> Asserted {
        Asserted::Said(HeaderValue::from_static(text))
    }

    #[test]
    fn the_table_of_sessions_and_headers() {
        use PersonCheck::{Differs, Nobody, Same, Unasked};
        let (ana, nameless) = (ana(), Identity { email: Err(Reason::EmailUnverified), ..ana() });
        let unsaid = |why| (Asserted::Unsaid(why), Nobody(Unproven::Unsaid(why)), Nobody(Unproven::Unsaid(why)));
        // the header, for ana, for a session without an address
        let rows = [
            (Asserted::Unasked, Unasked, Unasked),
            unsaid(Unsaid::Missing),
            unsaid(Unsaid::Doubled),
            unsaid(Unsaid::Empty),
            (said("ana@example.com"), Same, Nobody(Unproven::NoAddress)),
            (said("ANA@EXAMPLE.COM"), Same, Nobody(Unproven::NoAddress)),
            (said("bo@example.com"), Differs, Nobody(Unproven::NoAddress)),
            (said("ana@example.com.evil.test"), Differs, Nobody(Unproven::NoAddress)),
            (said("ana"), Differs, Nobody(Unproven::NoAddress)),
            (said("ana @example.com"), Differs, Nobody(Unproven::NoAddress)),
        ];
        for (header, for_ana, for_nameless) in &rows {
            assert_eq!(same_person(&ana, header), *for_ana, "{header:?}");
            assert_eq!(same_person(&nameless, header), *for_nameless, "{header:?}");
        }
    }

    #[test]
    fn one_person_is_one_subject_of_one_issuer_or_one_verified_address_of_two() {
        let named = |subject: &str, email: Option<&str>| Identity {
            subject: subject.to_owned(),
            email: email.map(|email| serde_json::from_value(json!(email)).unwrap()).ok_or(Reason::EmailUnverified),
            ..ana()
        };
        let rows = [
            // issuers, subjects, addresses, whether it is one person
            (("a", "a"), ("1", "1"), (Some("ana@example.com"), Some("ana@example.com")), true),
            (("a", "a"), ("1", "1"), (Some("ana@example.com"), Some("bo@example.com")), true),
            (("a", "a"), ("1", "1"), (None, None), true),
            (("a", "a"), ("1", "2"), (Some("ana@example.com"), Some("ana@example.com")), false),
            (("a", "b"), ("1", "1"), (Some("ana@example.com"), Some("bo@example.com")), false),
            (("a", "b"), ("1", "2"), (Some("ana@example.com"), Some("ANA@Example.COM")), true),
            (("a", "b"), ("1", "1"), (Some("ana@example.com"), None), false),
            (("a", "b"), ("1", "1"), (None, Some("ana@example.com")), false),
            (("a", "b"), ("1", "1"), (None, None), false),
            // An issuer that nobody knows is no one's.
            (("", ""), ("1", "1"), (None, None), false),
            (("", ""), ("1", "2"), (Some("ana@example.com"), Some("ana@example.com")), true),
            (("a", "a/"), ("1", "1"), (None, None), false),
        ];
        for ((one, other), (first, second), (email, its), expected) in rows {
            let (first, second) = (named(first, email), named(second, its));
            let known = |issuer: &'static str| Some(issuer).filter(|issuer| !issuer.is_empty());
            let one = Named { issuer: known(one), identity: &first };
            let other = Named { issuer: known(other), identity: &second };
            assert_eq!([is_one_person(one, other), is_one_person(other, one)], [expected; 2], "{one:?} {other:?}");
        }
    }

    #[test]
    fn only_who_is_compared_and_the_same_ends_a_count_of_rounds() {
        for (check, is_good, is_proven) in [
            (PersonCheck::Unasked, true, true),
            (PersonCheck::Same, true, true),
            (PersonCheck::Exempt, true, false),
            (PersonCheck::Differs, false, false),
            (PersonCheck::Nobody(Unproven::NoAddress), false, false),
        ] {
            assert_eq!((check.is_session_good(), check.is_proven()), (is_good, is_proven), "{check:?}");
        }
    }
}
