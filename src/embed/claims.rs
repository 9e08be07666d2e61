//! The claims that Sigma is told, and no other (source: "JSON web token claims reference").

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Organization, SigningKey};
use crate::{
    policy::{EmbedGrant, Grant},
    time::UnixSeconds,
};

/// The claims of one token, in the order in which Sigma's samples write them.
///
/// An embed user's token is of version 1.1 with its `aud`, as in Sigma's own samples. An internal user's token is the
/// smallest that the claims reference allows: no version (which means 1.0, where `aud` has no meaning).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SigmaClaims {
    /// The version of the claims, a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ver: Option<&'static str>,
    /// Required by version 1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aud: Option<&'static str>,
    /// The user's e-mail address, byte for byte as it was verified.
    pub(crate) sub: String,
    /// The embed client id.
    pub(crate) iss: String,
    /// Makes the token work once.
    pub(crate) jti: String,
    /// When it was made.
    pub(crate) iat: UnixSeconds,
    /// The end of the token and of the embed session.
    pub(crate) exp: UnixSeconds,
    /// What only an embed user has: Sigma refuses these for an internal user.
    #[serde(flatten)]
    pub(crate) embed_user: Option<EmbedUserClaims>,
}

/// The claims of an embed user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EmbedUserClaims {
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    /// The account type: never left out, for Sigma takes a missing one as the highest.
    pub(crate) account_type: String,
    /// The teams; they overwrite what Sigma has stored.
    pub(crate) teams: Vec<String>,
    /// User attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) user_attributes: BTreeMap<String, String>,
}

/// How long a token lives and what makes it the only one of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) jti: String,
    pub(super) issued_at: UnixSeconds,
    pub(super) expires_at: UnixSeconds,
}

impl SigmaClaims {
    /// Signs them with the credential of their organization.
    #[must_use]
    pub(crate) fn sign(&self, key: &SigningKey) -> String {
        key.sign_payload(&serde_json::to_string(self).expect("texts, numbers and maps of texts always become JSON"))
    }

    /// The claims for a person and their grant; `names` are sent for an embed user if the organization wants them.
    pub(super) fn new(
        organization: &Organization,
        email: &str,
        grant: &Grant,
        names: Option<&(String, String)>,
        stamp: Stamp,
    ) -> Self {
        let names = names.filter(|_| organization.names);
        let embed_user = match grant {
            Grant::Internal => None,
            Grant::Embed(granted) => Some(EmbedUserClaims::new(granted, names)),
        };
        Self {
            ver: embed_user.is_some().then_some("1.1"),
            aud: embed_user.is_some().then_some("sigmacomputing"),
            sub: email.to_owned(),
            iss: organization.client_id.clone(),
            jti: stamp.jti,
            iat: stamp.issued_at,
            exp: stamp.expires_at,
            embed_user,
        }
    }
}

impl EmbedUserClaims {
    fn new(granted: &EmbedGrant, names: Option<&(String, String)>) -> Self {
        Self {
            first_name: names.map(|(given, _)| given.clone()),
            last_name: names.map(|(_, family)| family.clone()),
            account_type: granted.account_type.clone(),
            teams: granted.teams.clone(),
            user_attributes: granted.user_attributes.clone(),
        }
    }
}
