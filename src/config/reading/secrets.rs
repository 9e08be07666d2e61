//! What secrets and files held, and keys made of them.

use super::check::Check;
use crate::{
    config::{
        SecretSource,
        file::{Node, secret_source},
    },
    identity::JwsKey,
    secret::Secret,
};

impl Check<'_> {
    /// A secret that is there and not empty.
    pub(in crate::config) fn secret(&mut self, node: &Node) -> Option<Secret> {
        let secret = self.secret_text(node)?;
        if secret.expose().trim() != secret.expose() {
            self.warn(node, "begins or ends with white space, which is part of the secret");
        }
        Some(secret)
    }

    /// A secret in a form of its own, in which white space at the ends means nothing.
    pub(super) fn secret_text(&mut self, node: &Node) -> Option<Secret> {
        let source = secret_source(node)?;
        let fix = match source {
            SecretSource::File(_) => "put the secret there, readable by the gateway only",
            SecretSource::Env(_) => "set it in the gateway's environment",
            SecretSource::Certificates(_) => "put the certificates there, in PEM",
            SecretSource::Words(_) | SecretSource::Picture(_) => "put the file there",
        };
        let secret = self.held(node, &source, fix)?;
        if secret.expose().trim().is_empty() {
            return self.refuse(node, format!("{source} is empty"), "put the secret there");
        }
        if let Some(clause) = self.secrets.caution_of(&source) {
            self.warn(node, format!("{source} {clause}"));
        }
        Some(secret)
    }

    /// What a source held.
    pub(in crate::config) fn held(&mut self, node: &Node, source: &SecretSource, fix: &str) -> Option<Secret> {
        match self.secrets.get(source) {
            Ok(held) => Some(held.clone()),
            Err(why) => self.refuse(node, format!("{source} {why}"), fix),
        }
    }

    /// A key of the gateway's own, to sign with.
    pub(in crate::config) fn signing_key(&mut self, node: &Node) -> Option<JwsKey> {
        let pem = self.secret_text(node)?;
        let source = secret_source(node)?;
        match JwsKey::parse(pem.expose()) {
            Ok(key) => Some(key),
            Err(error) => self.refuse(node, format!("{source}: {error}"), MAKE_A_KEY),
        }
    }
}

/// How a key to sign with is made.
pub(in crate::config) const MAKE_A_KEY: &str =
    "make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";
