//! Why an embed URL is not opened: one variant per rule, with the documented text where there is one.

/// Why an embed URL is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The path is no workbook or Ask page of this organization.
    #[error("The page you're looking for does not exist.")]
    NotFound,
    /// No `:jwt`.
    #[error("Invalid embed request. \":jwt\" is missing.")]
    JwtMissing,
    /// More than one `:jwt`.
    #[error("Invalid embed request. \":jwt\" is there {0} times.")]
    JwtRepeated(usize),
    /// `%3Ajwt`: accepted or not is undocumented, so the safe reading is refused here.
    #[error("Invalid embed request. The \":\" of \"{0}\" is percent-encoded.")]
    KeyEncoded(String),
    /// A parameter with a colon that is not documented for signed embeds.
    #[error("Invalid embed request. Unknown URL parameter \"{0}\".")]
    ParameterUnknown(String),
    /// Not three segments of base64url with JSON objects inside.
    #[error("Invalid JWT.")]
    TokenMalformed,
    /// The header's `alg` is not HS256.
    #[error("Invalid JWT. Expected algorithm HS256, received \"{0}\".")]
    Algorithm(String),
    /// The header has no `kid`.
    #[error("Invalid input: expected string, received undefined \u{2192} at kid")]
    KidMissing,
    /// The `kid` is not the organization's client id.
    #[error("You don't have permission to access this page.")]
    KidUnknown,
    /// The signature is not that of the secret, taken as text.
    #[error("You don't have permission to access this page. Invalid embed signature.")]
    Signature,
    /// A required claim is not there.
    #[error("Invalid JWT. Required claim \"{0}\" is missing.")]
    ClaimMissing(&'static str),
    /// A claim has another type than documented.
    #[error("Invalid JWT. Claim \"{0}\" has the wrong type.")]
    ClaimType(String),
    /// A claim that the reference does not name.
    #[error("Invalid JWT. Unknown claim \"{0}\".")]
    ClaimUnknown(String),
    /// `sub` is no email address as Sigma takes it.
    #[error("You don't have permission to access this page. Invalid sub field in payload.")]
    Subject,
    /// `iss` is there and not the client id.
    #[error("Invalid JWT. \"iss\" is not the embed client ID.")]
    Issuer,
    /// `ver` is neither `"1.0"` nor `"1.1"`.
    #[error("Invalid JWT. \"ver\" must be \"1.0\" or \"1.1\".")]
    Version,
    /// Version 1.1 without `aud` = `sigmacomputing`.
    #[error("Invalid JWT. \"aud\" must be \"sigmacomputing\" in ver 1.1.")]
    Audience,
    /// An OAuth token in version 1.0.
    #[error("{0} is only supported in ver 1.1")]
    OauthVersion(&'static str),
    /// `exp` has passed.
    #[error("exp cannot be in the past")]
    Expired,
    /// `exp - iat` is more than 30 days, or nothing.
    #[error("Invalid JWT. \"exp\" must be after \"iat\" and cannot exceed 30 days.")]
    Lifetime,
    /// `iat` is in the future.
    #[error("Invalid JWT. \"iat\" is in the future.")]
    IssuedInFuture,
    /// An embed user without a team cannot be created.
    #[error("You don't have permission to access this page.")]
    NoTeams,
    /// A team does not exist.
    #[error("The specified team \"{0}\" does not exist.")]
    TeamUnknown(String),
    /// A user attribute does not exist.
    #[error("The user attribute \"{0}\" does not exist.")]
    AttributeUnknown(String),
    /// An internal user with claims that only embed users have.
    #[error("You don't have permission to access this page. Cannot update account type for internal users.")]
    InternalUserClaims,
    /// The token was used before.
    #[error("This embed URL was used already. Every signed URL opens once; ask for a new one.")]
    Replayed,
}

impl Refusal {
    /// The code of the `workbook:error` event (Sigma, common embed error codes).
    #[must_use]
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ENOENT",
            Self::KidUnknown | Self::Signature | Self::Subject | Self::NoTeams | Self::InternalUserClaims => "EACCES",
            Self::JwtMissing
            | Self::JwtRepeated(_)
            | Self::KeyEncoded(_)
            | Self::ParameterUnknown(_)
            | Self::TokenMalformed
            | Self::Algorithm(_)
            | Self::KidMissing
            | Self::ClaimMissing(_)
            | Self::ClaimType(_)
            | Self::ClaimUnknown(_)
            | Self::Issuer
            | Self::Version
            | Self::Audience
            | Self::OauthVersion(_)
            | Self::Expired
            | Self::Lifetime
            | Self::IssuedInFuture
            | Self::TeamUnknown(_)
            | Self::AttributeUnknown(_)
            | Self::Replayed => "EINVAL",
        }
    }

    /// A stable name, for counting.
    #[must_use]
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::JwtMissing => "jwt_missing",
            Self::JwtRepeated(_) => "jwt_repeated",
            Self::KeyEncoded(_) => "key_encoded",
            Self::ParameterUnknown(_) => "parameter_unknown",
            Self::TokenMalformed => "token_malformed",
            Self::Algorithm(_) => "algorithm",
            Self::KidMissing => "kid_missing",
            Self::KidUnknown => "kid_unknown",
            Self::Signature => "signature",
            Self::ClaimMissing(_) => "claim_missing",
            Self::ClaimType(_) => "claim_type",
            Self::ClaimUnknown(_) => "claim_unknown",
            Self::Subject => "subject",
            Self::Issuer => "issuer",
            Self::Version => "version",
            Self::Audience => "audience",
            Self::OauthVersion(_) => "oauth_version",
            Self::Expired => "expired",
            Self::Lifetime => "lifetime",
            Self::IssuedInFuture => "issued_in_future",
            Self::NoTeams => "no_teams",
            Self::TeamUnknown(_) => "team_unknown",
            Self::AttributeUnknown(_) => "attribute_unknown",
            Self::InternalUserClaims => "internal_user_claims",
            Self::Replayed => "replayed",
        }
    }
}
