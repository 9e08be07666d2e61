//! Which keys an `[identity.NAME]` table of each type has: a key of another type would say nothing, and whoever wrote it
//! believes that it does.

use crate::config::{
    file::{
        Node,
        choices::SourceType,
        keys::{self, Presence, Shape},
    },
    reading::Check,
};

/// Refuses what the type does not have.
pub(super) fn refuse_foreign(table: &Node, of: SourceType, check: &mut Check<'_>) -> Option<()> {
    let (own, written) = (own_keys(of), table.child("type").and_then(Node::as_text).unwrap_or_default());
    let mut verdict = Some(());
    for (name, key) in keys::below(INSIDE) {
        let is_own = COMMON.contains(&name) || own.contains(&name);
        let Some(node) = table.child(name).filter(|node| !is_own && is_written(node, key)) else { continue };
        let fix = match (of, name) {
            (SourceType::Oidc, "audience") => "write client_id, and in audiences what may stand beside it".to_owned(),
            _ => format!("remove it; this type has {}", own.join(", ")),
        };
        verdict = check.refuse(node, format!("not a key of type {written:?}"), fix);
    }
    verdict
}

/// Whether the operator wrote it: what is not there has its default.
fn is_written(node: &Node, key: &keys::Key) -> bool {
    match (key.presence, key.shape) {
        (Presence::Default(toml), _) => *node != Node::of_default(node.key.clone(), node.line, toml),
        (Presence::Optional, Shape::Table) => {
            keys::below(key.path).any(|(name, key)| node.child(name).is_some_and(|node| is_written(node, key)))
        }
        (Presence::Optional | Presence::Required(_), _) => true,
    }
}

const INSIDE: &str = "identity.*";
const COMMON: &[&str] = &["type", "label", "email_domains", "outsiders", "email", "email_verified", "ca"];

/// What tables of a type have besides.
const fn own_keys(of: SourceType) -> &'static [&'static str] {
    match of {
        SourceType::Oidc => &[
            "issuer",
            "client_id",
            "client_secret",
            "client_key",
            "client_auth",
            "audiences",
            "scopes",
            "authorization",
            "response_mode",
            "userinfo",
            "sign_out",
            "metadata",
        ],
        SourceType::AwsAlb => &["issuer", "client_id", "signer", "forward"],
        SourceType::GoogleIap => &["audience", "hosted_domain", "tenant", "forward"],
        SourceType::CloudflareAccess => &["issuer", "audience", "max_age", "forward"],
        SourceType::AzureEasyAuth => &["issuer", "client_id", "max_age", "forward"],
        SourceType::Pomerium => &["issuer", "audience", "algorithms", "jwks", "forward"],
        SourceType::OAuth2Proxy => &["issuer", "client_id", "audiences", "algorithms", "jwks", "max_age", "forward"],
        SourceType::Bearer => &["issuer", "audience", "token_mark", "algorithms", "jwks", "max_age", "forward"],
        SourceType::Custom => &["header", "issuer", "audience", "algorithms", "jwks", "max_age", "forward"],
    }
}
