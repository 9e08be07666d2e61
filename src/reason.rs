//! Why the gateway refused: a closed list of stable names that logs, metrics, headers and pages share.

/// A stable reason. Stages name it; `reply` alone turns it into a status and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Nobody is signed in, or the session is not good any more.
    NotSignedIn,
    /// The session is not of the person whom the proxy in front has signed in, or it cannot be told.
    IdentityConflict,
    /// The callback came without the cookie of its login attempt.
    AttemptMissing,
    /// The login attempt is older than ten minutes.
    AttemptExpired,
    /// The callback's `state` is not that of the attempt, or a parameter came twice.
    StateMismatch,
    /// The sign-in began with another provider, or another issuer or client of it.
    ProviderChanged,
    /// Three sign-ins in a row brought no session: the browser does not keep the cookie.
    LoginLoop,
    /// The provider answered the sign-in with an error.
    ProviderRefused,
    /// The provider did not exchange the code for tokens.
    TokenExchange,
    /// The ID token is not a well-formed signed JWT.
    TokenMalformed,
    /// The issuer is not the configured one.
    TokenIss,
    /// The token is not for this client.
    TokenAud,
    /// The token's nonce is not that of the attempt.
    TokenNonce,
    /// The token's algorithm is not one that the provider's keys are for.
    TokenAlg,
    /// No key of the provider verifies the signature.
    TokenSignature,
    /// The token is expired, or from the future.
    TokenTime,
    /// The provider sent a reference in place of the groups.
    GroupsOverage,
    /// No e-mail address among the claims, or a malformed one.
    EmailMissing,
    /// The provider does not say that the e-mail address is verified.
    EmailUnverified,
    /// The e-mail address is outside the domains this source may vouch for.
    EmailDomain,
    /// The claims that the rules need do not fit into one cookie.
    SessionTooLarge,
    /// No mapping matches this person.
    NotMapped,
    /// The mappings that match give no team.
    NoTeams,
    /// The mappings that match set no account type.
    NoAccountType,
    /// Embed-user and internal-user mappings match together.
    UserKindConflict,
    /// A claim that a template names is missing.
    ClaimMissing,
    /// A claim that a template names is not a single text, number or boolean.
    ClaimType,
    /// The person may not have this part of the host application.
    AccessDenied,
    /// An access rule needs a proof that the person lacks something, and the claims do not give it.
    ClaimUnknown,
    /// No embed of that name.
    EmbedUnknown,
    /// The embed is switched off.
    EmbedDisabled,
    /// The person's mappings are not among those that may see the embed, or the site may not show it.
    EmbedNotAllowed,
    /// The signed URL would be longer than the limit.
    UrlTooLong,
    /// The host application signs connections in, and none can be kept for this request.
    ConnectionBound,
    /// Another site asked.
    CrossSite,
    /// The browser asked for it as something that an embed cannot be.
    WrongDestination,
    /// The browser asked ahead of time.
    Prefetch,
    /// The Host header is missing, doubled, malformed or contradictory.
    BadHost,
    /// No site has this host name.
    UnknownHost,
    /// The path is malformed, or could be read in two ways.
    BadPath,
    /// A header that the gateway does not forward: a framing or upgrade fault.
    BadHeader,
    /// A method that the gateway does not forward.
    BadMethod,
    /// The endpoint does not take this method.
    MethodNotAllowed,
    /// The gateway has nothing under this path.
    NotFound,
    /// The body is over the limit.
    BodyTooLarge,
    /// Another site asked to sign out: the person confirms first.
    ConfirmSignOut,
    /// No connection to the host application.
    UpstreamUnreachable,
    /// The host application did not answer in time.
    UpstreamTimeout,
    /// The host application's answer is not valid HTTP.
    UpstreamBroken,
    /// All connections to the host application are in use.
    UpstreamBusy,
    /// The identity provider did not answer, or not with valid documents.
    ProviderUnreachable,
    /// The identity provider is asked for as many tokens as it may be at a time.
    ProviderBusy,
    /// The request has passed this gateway before.
    LoopDetected,
    /// A fault of the gateway itself.
    Internal,
}

impl Reason {
    /// Every reason, for tables and tests.
    pub const ALL: &[Self] = &[
        Self::NotSignedIn,
        Self::IdentityConflict,
        Self::AttemptMissing,
        Self::AttemptExpired,
        Self::StateMismatch,
        Self::ProviderChanged,
        Self::LoginLoop,
        Self::ProviderRefused,
        Self::TokenExchange,
        Self::TokenMalformed,
        Self::TokenIss,
        Self::TokenAud,
        Self::TokenNonce,
        Self::TokenAlg,
        Self::TokenSignature,
        Self::TokenTime,
        Self::GroupsOverage,
        Self::EmailMissing,
        Self::EmailUnverified,
        Self::EmailDomain,
        Self::SessionTooLarge,
        Self::NotMapped,
        Self::NoTeams,
        Self::NoAccountType,
        Self::UserKindConflict,
        Self::ClaimMissing,
        Self::ClaimType,
        Self::AccessDenied,
        Self::ClaimUnknown,
        Self::EmbedUnknown,
        Self::EmbedDisabled,
        Self::EmbedNotAllowed,
        Self::UrlTooLong,
        Self::ConnectionBound,
        Self::CrossSite,
        Self::WrongDestination,
        Self::Prefetch,
        Self::BadHost,
        Self::UnknownHost,
        Self::BadPath,
        Self::BadHeader,
        Self::BadMethod,
        Self::MethodNotAllowed,
        Self::NotFound,
        Self::BodyTooLarge,
        Self::ConfirmSignOut,
        Self::UpstreamUnreachable,
        Self::UpstreamTimeout,
        Self::UpstreamBroken,
        Self::UpstreamBusy,
        Self::ProviderUnreachable,
        Self::ProviderBusy,
        Self::LoopDetected,
        Self::Internal,
    ];

    /// The stable name, as logs, metrics and the `Sigma-Gateway` header show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::IdentityConflict => "identity_conflict",
            Self::AttemptMissing => "attempt_missing",
            Self::AttemptExpired => "attempt_expired",
            Self::StateMismatch => "state_mismatch",
            Self::ProviderChanged => "provider_changed",
            Self::LoginLoop => "login_loop",
            Self::ProviderRefused => "provider_refused",
            Self::TokenExchange => "token_exchange",
            Self::TokenMalformed => "token_malformed",
            Self::TokenIss => "token_iss",
            Self::TokenAud => "token_aud",
            Self::TokenNonce => "token_nonce",
            Self::TokenAlg => "token_alg",
            Self::TokenSignature => "token_signature",
            Self::TokenTime => "token_time",
            Self::GroupsOverage => "groups_overage",
            Self::EmailMissing => "email_missing",
            Self::EmailUnverified => "email_unverified",
            Self::EmailDomain => "email_domain",
            Self::SessionTooLarge => "session_too_large",
            Self::NotMapped => "not_mapped",
            Self::NoTeams => "no_teams",
            Self::NoAccountType => "no_account_type",
            Self::UserKindConflict => "user_kind_conflict",
            Self::ClaimMissing => "claim_missing",
            Self::ClaimType => "claim_type",
            Self::AccessDenied => "access_denied",
            Self::ClaimUnknown => "claim_unknown",
            Self::EmbedUnknown => "embed_unknown",
            Self::EmbedDisabled => "embed_disabled",
            Self::EmbedNotAllowed => "embed_not_allowed",
            Self::UrlTooLong => "url_too_long",
            Self::ConnectionBound => "connection_bound",
            Self::CrossSite => "cross_site",
            Self::WrongDestination => "wrong_destination",
            Self::Prefetch => "prefetch",
            Self::BadHost => "bad_host",
            Self::UnknownHost => "unknown_host",
            Self::BadPath => "bad_path",
            Self::BadHeader => "bad_header",
            Self::BadMethod => "bad_method",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotFound => "not_found",
            Self::BodyTooLarge => "body_too_large",
            Self::ConfirmSignOut => "confirm_sign_out",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamBroken => "upstream_broken",
            Self::UpstreamBusy => "upstream_busy",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderBusy => "provider_busy",
            Self::LoopDetected => "loop_detected",
            Self::Internal => "internal",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
