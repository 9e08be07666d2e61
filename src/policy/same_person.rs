//! Two identities that disagree never act: the person whom a proxy in front has signed in, and the one of our session.

use super::Access;
use crate::{
    identity::{EmailAddress, Identity},
    request::{Asserted, Endpoint, Unsaid},
};

/// What a request asks for, as far as it says whether the two persons are compared.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// An endpoint of our own.
    Endpoint(&'a Endpoint),
    /// A part of the site with this rule.
    Route(&'a Access),
    /// A path whose readings lead to several routes: it is refused.
    Nowhere,
}

/// What follows for the session of this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonCheck {
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
pub enum Unproven {
    /// The proxy in front says nothing, or not one thing.
    Unsaid(Unsaid),
    /// Our session has no address that its provider vouches for. Signing in again would bring none either.
    NoAddress,
}

impl PersonCheck {
    /// The stable name, for metrics and log lines; none where all is as it should be.
    #[must_use]
    pub const fn trouble(self) -> Option<&'static str> {
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
    pub const fn is_session_good(self) -> bool {
        self.trouble().is_none()
    }

    /// Whether the sign-in has brought a session that is of use: an exempt one proves nothing.
    #[must_use]
    pub const fn is_proven(self) -> bool {
        matches!(self, Self::Unasked | Self::Same)
    }
}

/// Compares. `signed_in` is who the session of this request says.
#[must_use]
pub fn same_person(signed_in: Option<&Identity>, asserted: &Asserted, place: Place<'_>) -> PersonCheck {
    let (Some(identity), true) = (signed_in, *asserted != Asserted::Unasked) else {
        return PersonCheck::Unasked;
    };
    if place.is_exempt() {
        return PersonCheck::Exempt;
    }
    let said = match asserted {
        Asserted::Unasked => return PersonCheck::Unasked,
        Asserted::Unsaid(unsaid) => return PersonCheck::Nobody(Unproven::Unsaid(*unsaid)),
        Asserted::Said(value) => value.as_bytes(),
    };
    match &identity.email {
        Err(_) => PersonCheck::Nobody(Unproven::NoAddress),
        Ok(email) if is_address(email, said) => PersonCheck::Same,
        Ok(_) => PersonCheck::Differs,
    }
}

fn is_address(email: &EmailAddress, said: &[u8]) -> bool {
    email.as_str().as_bytes().eq_ignore_ascii_case(said)
}

impl Place<'_> {
    /// Whether nothing is compared there.
    ///
    /// `userinfo` is not exempt: it answers who somebody is, and must not tell one person of another.
    #[must_use]
    pub const fn is_exempt(self) -> bool {
        match self {
            Self::Endpoint(endpoint) => match endpoint {
                Endpoint::SignInStart
                | Endpoint::Callback
                | Endpoint::SignOut
                | Endpoint::Script
                | Endpoint::Style
                | Endpoint::Unknown => true,
                Endpoint::UserInfo | Endpoint::StableLink { .. } | Endpoint::EmbedApi { .. } | Endpoint::Events => {
                    false
                }
            },
            Self::Route(access) => match access {
                Access::Public => true,
                Access::Optional | Access::SignedIn | Access::When(_) => false,
            },
            Self::Nowhere => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::{
        policy::tests::{identity, in_group},
        reason::Reason,
    };

    fn ana() -> Identity {
        Identity { email: Ok(serde_json::from_str("\"Ana@example.com\"").unwrap()), ..identity(json!({})) }
    }

    fn said(text: &'static str) -> Asserted {
        Asserted::Said(HeaderValue::from_static(text))
    }

    /// What each place that compares makes of it; every exempt one makes `Exempt` of it where anything is asked.
    #[test]
    fn the_table_of_sessions_headers_and_places() {
        use PersonCheck::{Differs, Exempt, Nobody, Same, Unasked};
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
        let (name, rest) = (String::new(), String::new());
        let (link, api) =
            (Endpoint::StableLink { name: name.clone(), rest: rest.clone() }, Endpoint::EmbedApi { name, rest });
        let when = Access::When(in_group("crm"));
        let compared = [
            Place::Endpoint(&Endpoint::UserInfo),
            Place::Endpoint(&Endpoint::Events),
            Place::Endpoint(&link),
            Place::Endpoint(&api),
            Place::Route(&Access::Optional),
            Place::Route(&Access::SignedIn),
            Place::Route(&when),
            Place::Nowhere,
        ];
        let exempt = [
            Place::Endpoint(&Endpoint::SignInStart),
            Place::Endpoint(&Endpoint::Callback),
            Place::Endpoint(&Endpoint::SignOut),
            Place::Endpoint(&Endpoint::Script),
            Place::Endpoint(&Endpoint::Style),
            Place::Endpoint(&Endpoint::Unknown),
            Place::Route(&Access::Public),
        ];
        for (header, for_ana, for_nameless) in &rows {
            for place in compared {
                assert_eq!(same_person(Some(&ana), header, place), *for_ana, "{header:?} {place:?}");
                assert_eq!(same_person(Some(&nameless), header, place), *for_nameless, "{header:?} {place:?}");
                assert_eq!(same_person(None, header, place), Unasked, "{header:?} {place:?}");
            }
            for place in exempt {
                let expected = if *for_ana == Unasked { Unasked } else { Exempt };
                for session in [&ana, &nameless] {
                    assert_eq!(same_person(Some(session), header, place), expected, "{header:?} {place:?}");
                }
            }
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
