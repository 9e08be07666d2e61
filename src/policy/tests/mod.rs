//! What the tests of this stage share: identities, conditions and mappings in one line each.

mod grant;
mod kleene;

use serde_json::{Value, json};

use super::{Condition, Mapping, MappingName, Template, UserKind};
use crate::identity::{ClaimPath, Claims, GlobPattern, Identity, ProviderName, Question, Scalar, ValuePattern};

pub(crate) fn claims(value: Value) -> Claims {
    serde_json::from_value(value).expect("a JSON object")
}

pub(crate) fn corp() -> ProviderName {
    ProviderName::parse("corp").unwrap()
}

/// Ann, signed in by `corp`, with these claims.
pub(crate) fn identity(value: Value) -> Identity {
    Identity {
        provider: corp(),
        subject: "u-1".to_owned(),
        email: Ok(serde_json::from_value(json!("ann@example.com")).expect("an address")),
        claims: claims(value),
    }
}

pub(crate) fn path(text: &str) -> ClaimPath {
    ClaimPath::parse(text).expect("a claim path")
}

pub(crate) fn text(value: &str) -> ValuePattern {
    ValuePattern::Exact(Scalar::Text(value.to_owned()))
}

pub(crate) fn number(value: i64) -> ValuePattern {
    ValuePattern::Exact(Scalar::Number(value))
}

pub(crate) fn boolean(value: bool) -> ValuePattern {
    ValuePattern::Exact(Scalar::Boolean(value))
}

pub(crate) fn glob(pattern: &str) -> ValuePattern {
    ValuePattern::Glob(GlobPattern::parse(pattern).expect("a glob"))
}

pub(crate) fn claim(at: &str, patterns: Vec<ValuePattern>) -> Condition {
    Condition::Claim(Question::new(path(at), patterns))
}

pub(crate) fn in_group(group: &str) -> Condition {
    claim("groups", vec![text(group)])
}

/// A mapping for members of the group of the same name; it gives nothing yet.
pub(crate) fn mapping(name: &str) -> Mapping {
    Mapping {
        name: MappingName::parse(name).unwrap(),
        when: in_group(name),
        user: UserKind::Embed,
        teams: vec![],
        account_type: None,
        user_attributes: [].into(),
    }
}

/// A mapping that gives a team and an account type.
pub(crate) fn complete(name: &str, team: &str, account_type: &str) -> Mapping {
    Mapping { teams: vec![team.to_owned()], account_type: Some(account_type.to_owned()), ..mapping(name) }
}

pub(crate) fn internal(name: &str) -> Mapping {
    Mapping { user: UserKind::Internal, ..mapping(name) }
}

pub(crate) fn with_attribute(mapping: Mapping, name: &str, template: &str) -> Mapping {
    let template = Template::parse(template).expect("a template");
    let mut user_attributes = mapping.user_attributes.clone();
    user_attributes.insert(name.to_owned(), template);
    Mapping { user_attributes, ..mapping }
}
