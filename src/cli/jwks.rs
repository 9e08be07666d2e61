//! `sigma-gateway jwks`: what a provider is told of the keys of `private_key_jwt`.

use std::io::Write;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::{
    config::Config,
    identity::{JwsKey, OidcSettings, ProviderName},
};

/// The arguments of `jwks`.
#[derive(Debug, clap::Args)]
pub(super) struct JwksArgs {
    /// The [identity.NAME] whose `client_key` it is
    #[arg(long, value_name = "NAME")]
    identity: String,
}

impl JwksArgs {
    /// Prints the public keys as a JSON Web Key Set.
    ///
    /// # Errors
    /// Where there is no such identity, or it has no key.
    pub(super) fn run(&self, config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
        let name = ProviderName::parse(&self.identity).ok();
        let source = name.and_then(|name| config.providers.get(&name));
        let settings = source.with_context(|| format!("there is no [identity.{}]", self.identity))?.oidc();
        let Some(set) = settings.and_then(key_set) else {
            bail!("[identity.{}] has no client_key", self.identity);
        };
        writeln!(out, "{set:#}")?;
        Ok(())
    }
}

fn key_set(settings: &OidcSettings) -> Option<Value> {
    let keys: Vec<Value> = settings.credentials.keys.iter().map(JwsKey::jwk).collect();
    (!keys.is_empty()).then(|| json!({ "keys": keys }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::person::tests::provider,
        identity::{
            Source,
            testing::{client_key_pem, rsa_key_pem},
        },
    };

    #[test]
    fn the_public_keys_are_told_and_nothing_secret() {
        let Source::Oidc(mut settings) = provider("corp") else { panic!("oidc") };
        assert_eq!(key_set(&settings), None);
        settings.credentials.keys = [client_key_pem(), rsa_key_pem()].map(|pem| JwsKey::parse(pem).unwrap()).to_vec();
        let set = key_set(&settings).unwrap();
        let kinds: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["kty"].clone()).collect();
        assert_eq!(kinds, ["EC", "RSA"]);
        for key in set["keys"].as_array().unwrap() {
            let secret = ["d", "p", "q", "dp", "dq", "qi"].iter().find(|name| key.get(**name).is_some());
            assert_eq!(secret, None, "{key}");
        }
    }
}
