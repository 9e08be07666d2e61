//! Who is signed in, as headers to the host application: those of one preset, those of the site's own, and a signed assertion.
//!
//! In: the settings of a site, and of whom they speak. Out: every header name with its value or none, so that whoever sets them
//! also takes away what somebody else brought. A claim is never put in the place of another one that is missing.

mod assertion;
mod preset;
mod value;

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(crate) use self::{
    assertion::AssertionSigner,
    preset::HeaderPreset,
    value::{HeaderEncoding, ValueFault},
};
use super::sender::Sender;
use crate::{
    identity::{ClaimPath, Claims, Identity, ProviderName, ValuePattern},
    policy::{RenderError, Template},
};

/// Which headers tell the host application who is signed in, and what each of them says.
#[derive(Debug, Clone)]
pub(crate) struct IdentityHeaders {
    preset: HeaderPreset,
    fields: Vec<IdentityField>,
    encoding: HeaderEncoding,
    forwarded: ForwardGroups,
    /// Where a session keeps more groups for another site: of whose people only those are told that some pattern matches.
    told_groups: Vec<(ProviderName, Vec<ValuePattern>)>,
    assertion: Option<AssertionSigner>,
}

/// Which of somebody's groups are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForwardGroups {
    /// Those that a rule names.
    Named,
    /// All that a session has room for.
    All,
}

/// A header, and what it says.
#[derive(Debug, Clone)]
struct IdentityField {
    name: HeaderName,
    says: FieldSays,
}

/// What a header says of somebody.
#[derive(Debug, Clone)]
enum FieldSays {
    /// The source's id of the person.
    Subject,
    /// The verified address.
    Email,
    /// The groups, joined by commas.
    Groups,
    /// The claim of these that is there first and is one value.
    Claim(Vec<ClaimPath>),
    /// A text with claims in it.
    Template(Template),
}

/// A header of the site's own: its name, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct OwnHeader {
    /// As it is written; the case of its letters has no meaning (RFC 9110 5.1).
    pub(crate) name: HeaderName,
    /// What it says.
    pub(crate) says: Template,
}

/// One header, as it is for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdentityLine<'h> {
    /// The name.
    pub(crate) name: &'h HeaderName,
    /// What it says; none: nothing, and whatever stands there goes.
    pub(crate) value: Option<HeaderValue>,
    /// Why that is nothing or not all, although there is something to say.
    pub(crate) fault: Option<ValueFault>,
}

impl From<HeaderPreset> for IdentityHeaders {
    /// The headers of a preset, and no others.
    fn from(preset: HeaderPreset) -> Self {
        let names = preset.names();
        let fields = names.into_iter().flat_map(|names| {
            let claims = names.name_claims.iter().filter_map(|claim| ClaimPath::parse(claim).ok()).collect();
            [
                IdentityField { name: names.user.clone(), says: FieldSays::Subject },
                IdentityField { name: names.email.clone(), says: FieldSays::Email },
                IdentityField { name: names.groups.clone(), says: FieldSays::Groups },
                IdentityField { name: names.name.clone(), says: FieldSays::Claim(claims) },
            ]
        });
        Self {
            preset,
            fields: fields.collect(),
            encoding: HeaderEncoding::Ascii,
            forwarded: ForwardGroups::Named,
            told_groups: Vec::new(),
            assertion: None,
        }
    }
}

impl IdentityHeaders {
    /// The same, where the preset's header of the user says this claim in place of `sub`.
    #[must_use]
    pub(crate) fn naming_users_by(mut self, claim: &ClaimPath) -> Self {
        for field in &mut self.fields {
            if matches!(field.says, FieldSays::Subject) {
                field.says = if claim.is_email() { FieldSays::Email } else { FieldSays::Claim(vec![claim.clone()]) };
            }
        }
        self
    }

    /// The same with headers of the site's own beside the preset's.
    #[must_use]
    pub(crate) fn with_own(mut self, own: Vec<OwnHeader>) -> Self {
        self.fields.extend(own.into_iter().map(|OwnHeader { name, says }| {
            let is_groups = says.only_claim().is_some_and(|claim| claim.is_member(GROUPS));
            IdentityField { name, says: if is_groups { FieldSays::Groups } else { FieldSays::Template(says) } }
        }));
        self
    }

    /// The same, written so.
    #[must_use]
    pub(crate) fn encoded(self, encoding: HeaderEncoding) -> Self {
        Self { encoding, ..self }
    }

    /// The same with an assertion.
    #[must_use]
    pub(crate) fn with_assertion(self, assertion: Option<AssertionSigner>) -> Self {
        Self { assertion, ..self }
    }

    /// The same to the application at this origin: an assertion that names no audience is for it alone.
    #[must_use]
    pub(crate) fn to(&self, origin: &str) -> Self {
        let assertion = self.assertion.as_ref().map(|assertion| assertion.to(origin));
        Self { assertion, ..self.clone() }
    }

    /// The same, telling so many groups.
    #[must_use]
    pub(crate) fn forwarding(self, forwarded: ForwardGroups) -> Self {
        Self { forwarded, ..self }
    }

    /// Whether it is told of groups that no rule names.
    #[must_use]
    pub(crate) fn forwards_all_groups(&self) -> bool {
        self.forwarded == ForwardGroups::All && self.tellers_of_groups().next().is_some()
    }

    /// From here on, of this provider's people only groups are told that some pattern matches.
    pub(crate) fn tell_only_groups(&mut self, provider: &ProviderName, named: &[ValuePattern]) {
        self.told_groups.push((provider.clone(), named.to_vec()));
    }

    /// The names of the headers that have groups.
    pub(crate) fn tellers_of_groups(&self) -> impl Iterator<Item = &HeaderName> {
        let with_groups = self.fields.iter().filter(|field| matches!(field.says, FieldSays::Groups));
        with_groups.map(|field| &field.name).chain(self.assertion.as_ref().map(AssertionSigner::header))
    }

    /// Whether one of them has this name.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        self.names().any(|ours| ours == name)
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &HeaderName> {
        let assertion = self.assertion.as_ref().map(AssertionSigner::header);
        self.fields.iter().map(|field| &field.name).chain(assertion)
    }

    /// What signs the assertion.
    #[must_use]
    pub(crate) const fn assertion(&self) -> Option<&AssertionSigner> {
        self.assertion.as_ref()
    }

    /// The claims that a session must keep for them; groups are kept by rules of their own.
    pub(crate) fn read_claims(&self) -> impl Iterator<Item = &ClaimPath> {
        self.fields.iter().flat_map(|field| field.says.claims())
    }

    /// The claims that are worth a question to UserInfo where an ID token lacks them: of each list one. They are those of headers that
    /// the operator has asked for.
    pub(crate) fn wanted_claims(&self) -> impl Iterator<Item = Vec<ClaimPath>> {
        let of_preset = self.preset.names().map(|names| &names.name);
        let is_asked_for = move |field: &&IdentityField| self.preset.is_chosen() || of_preset != Some(&field.name);
        self.fields.iter().filter(is_asked_for).flat_map(|field| field.says.wanted())
    }

    /// Every header, with what it says of the sender; on behalf of nobody each says nothing.
    pub(crate) fn all<'h>(&'h self, sender: Sender<'h>) -> impl Iterator<Item = IdentityLine<'h>> {
        let line = move |field: &'h IdentityField| {
            let said = sender.visitor.map(|visitor| self.said(&field.says, &visitor.identity));
            let (value, fault) = said.unwrap_or_default();
            IdentityLine { name: &field.name, value, fault }
        };
        let assertion = self.assertion.as_ref().map(move |assertion| {
            let said =
                sender.visitor.map(|visitor| assertion.said(visitor, self.groups_of(&visitor.identity), &sender));
            let (value, fault) = said.unwrap_or_default();
            IdentityLine { name: assertion.header(), value, fault }
        });
        self.fields.iter().map(line).chain(assertion)
    }

    /// Adds what they say of the sender; what could not be said is told.
    pub(super) fn add(
        &self,
        headers: &mut HeaderMap,
        sender: Sender<'_>,
        mut untold: impl FnMut(&HeaderName, ValueFault),
    ) {
        for IdentityLine { name, value, fault } in self.all(sender) {
            if let Some(fault) = fault {
                untold(name, fault);
            }
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }

    fn said(&self, says: &FieldSays, identity: &Identity) -> (Option<HeaderValue>, Option<ValueFault>) {
        let written = |text: &str| match value::value(text, self.encoding) {
            _ if text.is_empty() => (None, None),
            Ok(value) => (Some(value), None),
            Err(fault) => (None, Some(fault)),
        };
        match says {
            FieldSays::Subject => written(&identity.subject),
            FieldSays::Email => identity.email.as_ref().map_or((None, None), |email| written(email.as_str())),
            FieldSays::Groups => value::joined(self.groups_of(identity), self.encoding),
            FieldSays::Claim(paths) => {
                let found = || paths.iter().filter_map(|path| claim(&identity.claims, path));
                match found().find_map(Result::ok) {
                    Some(text) => written(&text),
                    None => (None, found().find_map(Result::err)),
                }
            }
            FieldSays::Template(template) => match template.render(&identity.claims) {
                Ok(text) => written(&text),
                Err(RenderError::Missing(_)) => (None, None),
                Err(RenderError::Type(_)) => (None, Some(ValueFault::Kind)),
                Err(RenderError::Separator(_)) => (None, Some(ValueFault::Characters)),
            },
        }
    }

    /// The groups that are told of somebody. One text is one group, as the rules have it.
    fn groups_of<'i>(&'i self, identity: &'i Identity) -> impl Iterator<Item = &'i str> {
        let groups = match identity.claims.0.get(GROUPS) {
            Some(Value::Array(groups)) => groups.as_slice(),
            Some(group @ Value::String(_)) => std::slice::from_ref(group),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => &[],
        };
        let named = self.told_groups.iter().find(|(provider, _)| *provider == identity.provider);
        let is_told =
            move |group: &&Value| named.is_none_or(|(_, named)| named.iter().any(|pattern| pattern.matches(group)));
        groups.iter().filter(is_told).filter_map(Value::as_str).filter(|group| !group.is_empty())
    }
}

impl FieldSays {
    fn claims(&self) -> impl Iterator<Item = &ClaimPath> {
        let (of_claim, of_template) = match self {
            Self::Claim(paths) => (paths.as_slice(), None),
            Self::Template(template) => (&[][..], Some(template)),
            Self::Subject | Self::Email | Self::Groups => (&[][..], None),
        };
        of_claim.iter().chain(of_template.into_iter().flat_map(Template::paths))
    }

    fn wanted(&self) -> Vec<Vec<ClaimPath>> {
        match self {
            Self::Claim(paths) => vec![paths.clone()],
            Self::Template(template) => template.paths().map(|path| vec![path.clone()]).collect(),
            Self::Subject | Self::Email | Self::Groups => Vec::new(),
        }
    }
}

/// The text of a claim; a number as JSON writes it. None: it is not there.
fn claim<'c>(claims: &'c Claims, path: &ClaimPath) -> Option<Result<Cow<'c, str>, ValueFault>> {
    match claims.at(path)? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Ok(Cow::Borrowed(text))),
        Value::Number(number) => {
            Some(number.as_i64().map(|number| Cow::Owned(number.to_string())).ok_or(ValueFault::Kind))
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Some(Err(ValueFault::Kind)),
    }
}

/// The claim of everybody's groups.
pub(crate) const GROUPS: &str = "groups";

#[cfg(test)]
mod tests;
