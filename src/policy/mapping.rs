//! Mapping: all rules that match add their teams; the first that sets an account type or an attribute wins.

use std::{collections::BTreeMap, sync::Arc};

use super::{Condition, RenderError, Template};
use crate::{
    identity::{Doubt, Identity, Projection, ProviderName},
    reason::Reason,
};

/// The name of a `[[mapping]]`: any text for people, except for what `embed.*.allow` reserves. A clone shares it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MappingName(Arc<str>);

/// The word of `embed.*.allow` for everybody who has a mapping.
pub(crate) const MAPPED: &str = "mapped";

/// Why a text is no name of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MappingNameError {
    /// There is nothing.
    #[error("empty")]
    Empty,
    /// `allow = "mapped"` and `allow = ["mapped"]` must not mean two things.
    #[error("a word that embed.*.allow reserves")]
    Reserved,
}

impl MappingName {
    /// Takes a text that can name a mapping, as it is.
    ///
    /// # Errors
    /// See [`MappingNameError`].
    pub(crate) fn parse(text: &str) -> Result<Self, MappingNameError> {
        match text {
            MAPPED => Err(MappingNameError::Reserved),
            _ if text.trim().is_empty() => Err(MappingNameError::Empty),
            _ => Ok(Self(text.into())),
        }
    }

    /// The name as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MappingName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of Sigma user a mapping makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    /// Created by Sigma from the claims.
    Embed,
    /// Has a Sigma account of its own; carries no teams, type, attributes or names.
    Internal,
}

/// A checked `[[mapping]]`.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// Its name.
    pub(crate) name: MappingName,
    /// Whom it matches.
    pub(crate) when: Condition,
    /// What kind of user it makes.
    pub(crate) user: UserKind,
    /// Sigma teams it adds.
    pub(crate) teams: Vec<String>,
    /// The account type it sets, if no earlier mapping did.
    pub(crate) account_type: Option<String>,
    /// The attributes it sets, if no earlier mapping did.
    pub(crate) user_attributes: BTreeMap<String, Template>,
}

/// What an embed user gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmbedGrant {
    /// Teams in the order of the mappings, each once; at least one.
    pub(crate) teams: Vec<String>,
    /// The account type: always one, for Sigma takes a missing one as the highest.
    pub(crate) account_type: String,
    /// User attributes.
    pub(crate) user_attributes: BTreeMap<String, String>,
}

/// What a person gets in Sigma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    /// As an embed user.
    Embed(EmbedGrant),
    /// As an internal user: `sub` only.
    Internal,
}

/// A grant and the mappings that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    /// What the person gets.
    pub(crate) grant: Grant,
    /// The mappings that matched, in configuration order.
    pub(crate) mappings: Vec<MappingName>,
}

/// Why a person gets nothing in Sigma.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantError {
    /// No mapping matches.
    #[error("no mapping matches")]
    NotMapped,
    /// No mapping matches, and one asks about a claim that is no value, or no list of values: a text of several, or objects.
    #[error("no mapping matches; claim {claim:?} cannot be compared: {doubt}")]
    ClaimForm {
        /// The claim.
        claim: String,
        /// What it is.
        doubt: Doubt,
    },
    /// Embed and internal mappings match together.
    #[error("mappings for embed and internal users match together: {embed:?} and {internal:?}")]
    UserKindConflict {
        /// The first embed mapping.
        embed: MappingName,
        /// The first internal mapping.
        internal: MappingName,
    },
    /// The mappings give no team.
    #[error("the mappings that match give no team")]
    NoTeams,
    /// The mappings set no account type.
    #[error("the mappings that match set no account type")]
    NoAccountType,
    /// A template names a claim that is not there.
    #[error("attribute {attribute:?} of mapping {mapping:?}: claim {claim:?} is missing")]
    ClaimMissing {
        /// The mapping.
        mapping: MappingName,
        /// The attribute.
        attribute: String,
        /// The claim.
        claim: String,
    },
    /// A template names a claim that is not a scalar.
    #[error("attribute {attribute:?} of mapping {mapping:?}: claim {claim:?} is not a text, number or boolean")]
    ClaimType {
        /// The mapping.
        mapping: MappingName,
        /// The attribute.
        attribute: String,
        /// The claim.
        claim: String,
    },
    /// A template joins claims by a control character, and one holds one itself.
    #[error(
        "attribute {attribute:?} of mapping {mapping:?}: claim {claim:?} holds a control character, which separates claims here"
    )]
    ClaimSeparator {
        /// The mapping.
        mapping: MappingName,
        /// The attribute.
        attribute: String,
        /// The claim.
        claim: String,
    },
}

impl GrantError {
    /// The stable reason.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::NotMapped => Reason::NotMapped,
            Self::UserKindConflict { .. } => Reason::UserKindConflict,
            Self::NoTeams => Reason::NoTeams,
            Self::NoAccountType => Reason::NoAccountType,
            Self::ClaimMissing { .. } => Reason::ClaimMissing,
            Self::ClaimForm { .. } | Self::ClaimType { .. } | Self::ClaimSeparator { .. } => Reason::ClaimType,
        }
    }
}

impl Mapping {
    /// Adds to `projection` what the mapping looks at of a provider's people.
    pub(crate) fn project_of(&self, provider: &ProviderName, projection: &mut Projection) {
        if self.when.of_provider(provider) != Some(false) {
            self.when.project_of(provider, projection);
            self.user_attributes.values().for_each(|template| template.project(projection));
        }
    }
}

/// Maps a person by today's rules.
///
/// # Errors
/// See [`GrantError`]: the host application stays open, the embeds say why they are not for this person.
pub(crate) fn grant(identity: &Identity, mappings: &[Mapping]) -> Result<Granted, GrantError> {
    #[cfg(test)]
    crate::identity::reads::CountedRead::Rules.count();
    let matched: Vec<&Mapping> = mappings.iter().filter(|mapping| mapping.when.holds(identity)).collect();
    if matched.is_empty() {
        return Err(not_mapped(identity, mappings));
    }
    let grant = match user_kind(&matched)? {
        UserKind::Internal => Grant::Internal,
        UserKind::Embed => Grant::Embed(embed_grant(identity, &matched)?),
    };
    Ok(Granted { grant, mappings: matched.into_iter().map(|mapping| mapping.name.clone()).collect() })
}

/// Why no mapping matches: a claim of another form is another thing to mend than a person without a group.
fn not_mapped(identity: &Identity, mappings: &[Mapping]) -> GrantError {
    let mut doubts = mappings.iter().flat_map(|mapping| mapping.when.doubts(identity));
    match doubts.find(|(_, doubt)| doubt.is_of_form()) {
        Some((path, doubt)) => GrantError::ClaimForm { claim: path.as_str().to_owned(), doubt },
        None => GrantError::NotMapped,
    }
}

/// The one kind of user that all mappings agree on: Sigma refuses embed claims for an internal user.
fn user_kind(matched: &[&Mapping]) -> Result<UserKind, GrantError> {
    let first = |kind| matched.iter().find(|mapping| mapping.user == kind);
    match (first(UserKind::Embed), first(UserKind::Internal)) {
        (None, None) => Err(GrantError::NotMapped),
        (Some(_), None) => Ok(UserKind::Embed),
        (None, Some(_)) => Ok(UserKind::Internal),
        (Some(embed), Some(internal)) => {
            Err(GrantError::UserKindConflict { embed: embed.name.clone(), internal: internal.name.clone() })
        }
    }
}

fn embed_grant(identity: &Identity, matched: &[&Mapping]) -> Result<EmbedGrant, GrantError> {
    let teams = teams(matched);
    if teams.is_empty() {
        return Err(GrantError::NoTeams);
    }
    // Sigma takes a missing account type as the highest one; an empty one is as good as missing.
    let account_type = matched
        .iter()
        .filter_map(|mapping| mapping.account_type.clone())
        .find(|account_type| !account_type.is_empty())
        .ok_or(GrantError::NoAccountType)?;
    Ok(EmbedGrant { teams, account_type, user_attributes: user_attributes(identity, matched)? })
}

fn teams(matched: &[&Mapping]) -> Vec<String> {
    let mut teams = Vec::new();
    for team in matched.iter().flat_map(|mapping| &mapping.teams) {
        if !team.is_empty() && !teams.contains(team) {
            teams.push(team.clone());
        }
    }
    teams
}

/// The first mapping that sets an attribute wins; templates of later ones are not looked at.
fn user_attributes(identity: &Identity, matched: &[&Mapping]) -> Result<BTreeMap<String, String>, GrantError> {
    let mut attributes = BTreeMap::new();
    for mapping in matched {
        for (name, template) in &mapping.user_attributes {
            if !attributes.contains_key(name) {
                let value = template.render(&identity.claims).map_err(|error| claim_error(mapping, name, error))?;
                attributes.insert(name.clone(), value);
            }
        }
    }
    Ok(attributes)
}

fn claim_error(mapping: &Mapping, attribute: &str, error: RenderError) -> GrantError {
    let (mapping, attribute) = (mapping.name.clone(), attribute.to_owned());
    match error {
        RenderError::Missing(claim) => GrantError::ClaimMissing { mapping, attribute, claim },
        RenderError::Type(claim) => GrantError::ClaimType { mapping, attribute, claim },
        RenderError::Separator(claim) => GrantError::ClaimSeparator { mapping, attribute, claim },
    }
}
