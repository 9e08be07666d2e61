//! The five people who can sign in.

use serde_json::{Map, Value, json};

/// Somebody whom the provider stand-in knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// Short name; also the `sub` after `user-`.
    pub(crate) id: &'static str,
    /// First name.
    pub(crate) given_name: &'static str,
    /// Last name.
    pub(crate) family_name: &'static str,
    /// Directory groups.
    pub(crate) groups: &'static [&'static str],
    /// The sales region, for a user attribute.
    pub(crate) region: &'static str,
    /// What this person is here to show.
    pub(crate) role: &'static str,
    /// What this person gets in Sigma.
    pub(crate) sees: &'static str,
}

/// Everybody.
pub(crate) const PEOPLE: [Person; 5] = [
    Person {
        id: "ana",
        given_name: "Ana",
        family_name: "Ferreira",
        groups: &["crm-users", "finance"],
        region: "EMEA",
        role: "finance viewer",
        sees: "The Revenue workbook with team Finance, account type View and the attribute region = EMEA. Pipeline is not for her.",
    },
    Person {
        id: "ben",
        given_name: "Ben",
        family_name: "Okafor",
        groups: &["crm-users", "sales"],
        region: "AMER",
        role: "sales creator",
        sees: "Revenue and Pipeline with team Sales and account type Build.",
    },
    Person {
        id: "cara",
        given_name: "Cara",
        family_name: "Lind",
        groups: &["crm-users", "finance", "sales"],
        region: "APAC",
        role: "in both groups",
        sees: "Revenue and Pipeline with both teams, Sales and Finance; the first mapping that sets an account type wins: Build.",
    },
    Person {
        id: "dan",
        given_name: "Dan",
        family_name: "Weber",
        groups: &["crm-users"],
        region: "EMEA",
        role: "no mapping",
        sees: "The whole CRM, but in place of every embed a short text: not for you, and why.",
    },
    Person {
        id: "eve",
        given_name: "Eve",
        family_name: "Sato",
        groups: &["crm-users", "sigma-internal"],
        region: "APAC",
        role: "internal Sigma user",
        sees: "Revenue and Pipeline as herself: the token carries no teams, no account type and no attributes.",
    },
];

impl Person {
    /// The person with that short name.
    #[must_use]
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.id == id)
    }

    /// The address, at example.com.
    #[must_use]
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.id)
    }

    /// The stable identifier.
    #[must_use]
    pub(crate) fn subject(&self) -> String {
        format!("user-{}", self.id)
    }

    /// First and last name.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// What an ID token says about the person.
    #[must_use]
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "sub": self.subject(),
            "email": self.email(),
            "email_verified": true,
            "name": self.full_name(),
            "given_name": self.given_name,
            "family_name": self.family_name,
            "preferred_username": self.id,
            "groups": self.groups,
            "region": self.region,
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_their_short_name() {
        assert_eq!(Person::find("cara").map(Person::email).as_deref(), Some("cara@example.com"));
        assert_eq!(Person::find("mallory"), None);
    }
}
