//! What every source of identities has in common: its name, and whose addresses it may vouch for.

use super::{ClaimPath, EmailDomain};
use crate::name::kind_of_name;

kind_of_name! {
    /// The name of a `[identity.NAME]` table.
    ProviderName
}

/// What must say that an address is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EmailVerification {
    /// The claim `email_verified` must be the boolean `true`. It speaks of the claim `email` only (OIDC Core 5.1): of an
    /// address at another place it proves nothing.
    Required,
    /// The claim at this path must be the boolean `true`: the flag of the place where the address is.
    Claim(ClaimPath),
    /// The operator vouches for the issuer: no claim is looked at.
    TrustedIssuer,
}

/// What becomes of somebody without a verified address in `email_domains`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outsiders {
    /// Their sign-in is refused.
    Refuse,
    /// They sign in, and get no embed.
    NoEmbed,
}

/// What a checked `[identity.NAME]` table says whatever its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceSettings {
    /// The table's name.
    pub(crate) name: ProviderName,
    /// What people read of it where they choose between several.
    pub(crate) label: String,
    /// Whose addresses this source may vouch for.
    pub(crate) email_domains: Vec<EmailDomain>,
    /// Where the e-mail address is.
    pub(crate) email: ClaimPath,
    /// What must say that it is verified.
    pub(crate) email_verified: EmailVerification,
    /// What becomes of everybody else.
    pub(crate) outsiders: Outsiders,
}
