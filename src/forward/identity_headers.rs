//! Who is signed in, as headers of one preset.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::IdentityHeaders;
use crate::identity::{Claims, EmailAddress, Identity};

/// Header names of one preset.
struct Names {
    user: HeaderName,
    email: HeaderName,
    groups: HeaderName,
    name: HeaderName,
    /// The claims that may fill `name`, the better one first.
    name_claims: &'static [&'static str],
}

impl IdentityHeaders {
    /// The claims that the header with the person's name is filled from, the better one first: a session must keep them.
    #[must_use]
    pub(crate) fn name_claims(self) -> &'static [&'static str] {
        names(self).map_or(&[], |names| names.name_claims)
    }

    /// The claims of which one is worth a question to UserInfo: of headers that the operator has asked for. Those that are sent
    /// to every application may be read by nobody.
    #[must_use]
    pub(crate) fn wanted_claims(self) -> &'static [&'static str] {
        match self {
            Self::XForwarded | Self::None => &[],
            Self::XAuthRequest | Self::Remote => self.name_claims(),
        }
    }
}

/// Adds the identity headers. A value that a header cannot hold safely is left out.
pub(super) fn add(headers: &mut HeaderMap, preset: IdentityHeaders, identity: &Identity) {
    let Some(names) = names(preset) else { return };
    let groups = groups(&identity.claims);
    let values = [
        (&names.user, Some(identity.subject.as_str())),
        (&names.email, identity.email.as_ref().ok().map(EmailAddress::as_str)),
        (&names.groups, groups.as_deref()),
        (&names.name, names.name_claims.iter().find_map(|claim| text(&identity.claims, claim))),
    ];
    for (name, value) in values {
        let value = value.filter(|text| is_safe(text)).and_then(|text| HeaderValue::from_str(text).ok());
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
}

/// Every header of the preset, with what it says of somebody, or nothing.
pub(crate) fn all(
    preset: IdentityHeaders,
    identity: Option<&Identity>,
) -> impl Iterator<Item = (HeaderName, Option<HeaderValue>)> {
    let mut said = HeaderMap::new();
    if let Some(identity) = identity {
        add(&mut said, preset, identity);
    }
    let names = names(preset).map(|names| [&names.user, &names.email, &names.groups, &names.name]);
    names.into_iter().flatten().map(move |name| (name.clone(), said.remove(name)))
}

/// Visible ASCII only: servers disagree about every other byte.
fn is_safe(text: &str) -> bool {
    let is_padded = |bytes: &[u8]| bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ');
    !text.is_empty() && !is_padded(text.as_bytes()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Joined by commas; a group whose own name has a comma would read as two groups and is left out.
fn groups(claims: &Claims) -> Option<String> {
    let groups = match claims.0.get("groups")? {
        Value::Array(groups) => groups.as_slice(),
        // One text is one group, as the rules have it.
        group @ Value::String(_) => std::slice::from_ref(group),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let mut joined = String::new();
    for group in groups.iter().filter_map(Value::as_str).filter(|group| is_safe(group) && !group.contains(',')) {
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(group);
    }
    (!joined.is_empty()).then_some(joined)
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.0.get(name).and_then(Value::as_str)
}

const fn names(preset: IdentityHeaders) -> Option<&'static Names> {
    match preset {
        IdentityHeaders::XForwarded => Some(&X_FORWARDED),
        IdentityHeaders::XAuthRequest => Some(&X_AUTH_REQUEST),
        IdentityHeaders::Remote => Some(&REMOTE),
        IdentityHeaders::None => None,
    }
}

static X_FORWARDED: Names = Names {
    user: HeaderName::from_static("x-forwarded-user"),
    email: HeaderName::from_static("x-forwarded-email"),
    groups: HeaderName::from_static("x-forwarded-groups"),
    name: HeaderName::from_static("x-forwarded-preferred-username"),
    name_claims: &["preferred_username"],
};
static X_AUTH_REQUEST: Names = Names {
    user: HeaderName::from_static("x-auth-request-user"),
    email: HeaderName::from_static("x-auth-request-email"),
    groups: HeaderName::from_static("x-auth-request-groups"),
    name: HeaderName::from_static("x-auth-request-preferred-username"),
    name_claims: &["preferred_username"],
};
static REMOTE: Names = Names {
    user: HeaderName::from_static("remote-user"),
    email: HeaderName::from_static("remote-email"),
    groups: HeaderName::from_static("remote-groups"),
    name: HeaderName::from_static("remote-name"),
    name_claims: &["name", "preferred_username"],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::ProviderName, reason::Reason, request::is_managed};

    #[test]
    fn one_text_is_one_group_and_no_other_value_is_one() {
        let of = |value: Value| {
            let Value::Object(claims) = serde_json::json!({ "groups": value }) else { return None };
            groups(&Claims::from(claims))
        };
        assert_eq!(of("finance".into()).as_deref(), Some("finance"));
        for value in ["a,admin".into(), 7.into(), true.into(), serde_json::json!({ "admin": true }), "".into()] {
            assert_eq!(of(value), None);
        }
    }

    fn ann() -> Identity {
        let claims = serde_json::json!({
            "groups": ["finance", "a,admin", "crm", 7, "x\ny", ""],
            "preferred_username": "ann",
            "name": "Ann Example",
        });
        Identity {
            provider: ProviderName::parse("corp").unwrap(),
            subject: "s-1".to_owned(),
            email: Ok(serde_json::from_str("\"ann@example.com\"").unwrap()),
            claims: serde_json::from_value(claims).unwrap(),
        }
    }

    fn added(preset: IdentityHeaders, identity: &Identity) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        add(&mut headers, preset, identity);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_preset_has_its_names_and_none_has_none() {
        let x_forwarded = [
            ("x-forwarded-user", "s-1"),
            ("x-forwarded-email", "ann@example.com"),
            ("x-forwarded-groups", "finance,crm"),
            ("x-forwarded-preferred-username", "ann"),
        ];
        assert_eq!(added(IdentityHeaders::XForwarded, &ann()), pairs(&x_forwarded));
        assert_eq!(
            added(IdentityHeaders::XAuthRequest, &ann())[2],
            pairs(&[("x-auth-request-groups", "finance,crm")])[0]
        );
        assert_eq!(added(IdentityHeaders::Remote, &ann())[3], pairs(&[("remote-name", "Ann Example")])[0]);
        assert_eq!(added(IdentityHeaders::None, &ann()), []);
    }

    #[test]
    fn what_is_unverified_or_unsafe_in_a_header_is_left_out() {
        let odd = Identity { email: Err(Reason::EmailUnverified), subject: "s\r\nx: y".to_owned(), ..ann() };
        let names: Vec<_> = added(IdentityHeaders::XForwarded, &odd).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["x-forwarded-groups", "x-forwarded-preferred-username"]);
    }

    #[test]
    fn no_client_can_bring_a_name_of_any_preset() {
        for preset in [IdentityHeaders::XForwarded, IdentityHeaders::XAuthRequest, IdentityHeaders::Remote] {
            let names = names(preset).unwrap();
            let names = [&names.user, &names.email, &names.groups, &names.name];
            assert!(names.into_iter().all(|name| is_managed(name.as_str())));
        }
    }
}
