//! What the proxies in front differ in: one variant each, with what the operator says of it.

use std::time::Duration;

use crate::{
    identity::ClaimPath,
    limits::{ASSERTION_LIFETIME_MAX, SHORT_ASSERTION_LIFETIME_MAX},
};

/// Who attaches the assertion, and what it must say besides issuer, audience, end and subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Preset {
    /// An Application Load Balancer of AWS: the JOSE header has what is trusted, there is no `aud`, and the text is padded.
    AwsAlb {
        /// The ARNs of the load balancers. Keys of a region are shared by all of AWS's customers (ALBeast), so this is the check.
        signers: Vec<String>,
        /// The client id of the listener's rule.
        client_id: String,
    },
    /// Google's Identity-Aware Proxy.
    GoogleIap(IapPeople),
    /// Cloudflare Access: one key signs for all applications of a team, and for the team's own session.
    CloudflareAccess,
    /// The ID token that the authentication of Azure App Service and Container Apps passes on.
    AzureEasyAuth {
        /// The client id of the app registration.
        client_id: String,
        /// The tenant: a GUID.
        tenant: String,
    },
    /// Pomerium: the audience is the host of the route.
    Pomerium,
    /// The ID token that oauth2-proxy passes on, which its provider has signed.
    OAuth2Proxy {
        /// Its client id there.
        client_id: String,
    },
    /// An access token of an API client (RFC 9068).
    Bearer(TokenMark),
    /// What the operator says, all of it.
    Custom,
}

/// Whom the Identity-Aware Proxy lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IapPeople {
    /// Google accounts.
    Google {
        /// The Workspace domain that they must be of, where the operator says one.
        hosted_domain: Option<String>,
    },
    /// People of Identity Platform: of this project, and of this tenant of it or of none.
    IdentityPlatform {
        /// The project.
        project: String,
        /// The tenant.
        tenant: Option<String>,
    },
}

/// What tells an access token from an ID token of the same issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenMark {
    /// RFC 9068 2.1: `typ` of the header.
    Typ,
    /// A claim that no ID token of the issuer has so.
    Claim {
        /// Where it is.
        path: ClaimPath,
        /// What it says, or one of the words or texts that it says.
        value: String,
    },
}

impl Preset {
    /// What it is called in `[identity.NAME] type`.
    #[cfg(test)]
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::AwsAlb { .. } => "aws-alb",
            Self::GoogleIap(_) => "google-iap",
            Self::CloudflareAccess => "cloudflare-access",
            Self::AzureEasyAuth { .. } => "azure-easy-auth",
            Self::Pomerium => "pomerium",
            Self::OAuth2Proxy { .. } => "oauth2-proxy",
            Self::Bearer(_) => "bearer",
            Self::Custom => "custom",
        }
    }

    /// How long an assertion may live in all; where nothing says when it was made: from now.
    pub(super) const fn lifetime_max(&self) -> Duration {
        match self {
            Self::AwsAlb { .. } | Self::GoogleIap(_) | Self::Pomerium => SHORT_ASSERTION_LIFETIME_MAX,
            Self::CloudflareAccess
            | Self::AzureEasyAuth { .. }
            | Self::OAuth2Proxy { .. }
            | Self::Bearer(_)
            | Self::Custom => ASSERTION_LIFETIME_MAX,
        }
    }

    /// Whether an assertion says when it was made.
    pub(super) const fn says_when(&self) -> bool {
        match self {
            Self::GoogleIap(_)
            | Self::CloudflareAccess
            | Self::AzureEasyAuth { .. }
            | Self::Pomerium
            | Self::OAuth2Proxy { .. }
            | Self::Bearer(_) => true,
            Self::AwsAlb { .. } | Self::Custom => false,
        }
    }

    /// Whether every assertion names its key.
    pub(super) const fn names_its_key(&self) -> bool {
        match self {
            Self::AwsAlb { .. }
            | Self::GoogleIap(_)
            | Self::CloudflareAccess
            | Self::AzureEasyAuth { .. }
            | Self::Pomerium => true,
            Self::OAuth2Proxy { .. } | Self::Bearer(_) | Self::Custom => false,
        }
    }
}
