//! Mapping: all rules that match add their teams; the first that sets an account type or an attribute wins.

use std::collections::BTreeMap;

use super::{Condition, Template};
use crate::{identity::Identity, reason::Reason};

/// The name of a `[[mapping]]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MappingName(pub String);

/// What kind of Sigma user a mapping makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// Created by Sigma from the claims.
    Embed,
    /// Has a Sigma account of its own; carries no teams, type, attributes or names.
    Internal,
}

/// A checked `[[mapping]]`.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Its name.
    pub name: MappingName,
    /// Whom it matches.
    pub when: Condition,
    /// What kind of user it makes.
    pub user: UserKind,
    /// Sigma teams it adds.
    pub teams: Vec<String>,
    /// The account type it sets, if no earlier mapping did.
    pub account_type: Option<String>,
    /// The attributes it sets, if no earlier mapping did.
    pub user_attributes: BTreeMap<String, Template>,
}

/// What an embed user gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedGrant {
    /// Teams in the order of the mappings, each once; at least one.
    pub teams: Vec<String>,
    /// The account type: always one, for Sigma takes a missing one as the highest.
    pub account_type: String,
    /// User attributes.
    pub user_attributes: BTreeMap<String, String>,
}

/// What a person gets in Sigma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// As an embed user.
    Embed(EmbedGrant),
    /// As an internal user: `sub` only.
    Internal,
}

/// A grant and the mappings that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// What the person gets.
    pub grant: Grant,
    /// The mappings that matched, in configuration order.
    pub mappings: Vec<MappingName>,
}

/// Why a person gets nothing in Sigma.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// No mapping matches.
    #[error("no mapping matches")]
    NotMapped,
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
}

impl GrantError {
    /// The stable reason.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::NotMapped => Reason::NotMapped,
            Self::UserKindConflict { .. } => Reason::UserKindConflict,
            Self::NoTeams => Reason::NoTeams,
            Self::NoAccountType => Reason::NoAccountType,
            Self::ClaimMissing { .. } => Reason::ClaimMissing,
            Self::ClaimType { .. } => Reason::ClaimType,
        }
    }
}

/// Maps a person by today's rules.
///
/// # Errors
/// See [`GrantError`]: the host application stays open, the embeds say why they are not for this person.
pub fn grant(_identity: &Identity, _mappings: &[Mapping]) -> Result<Granted, GrantError> {
    todo!()
}
