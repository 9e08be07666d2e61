//! The demo's `gateway.toml` and the secrets that it names.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Ports,
    certificates::{CA_FILE, CHAIN_FILE, KEY_FILE},
    documents::{PIPELINE, REVENUE, SLUG, workbook_url},
    page::fill,
};
use crate::{secret::Secret, seed::SeedStream};

/// Sigma's embed client id in the demo; 64 hex characters, as real ones are.
pub(crate) const SIGMA_CLIENT_ID: &str = "de30ac3e00000000000000000000000000000000000000000000000000000001";
/// The gateway's name at the provider.
pub(crate) const OIDC_CLIENT_ID: &str = "sigma-gateway";

/// The demo's secrets, new at every start.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Seals the gateway's cookies.
    pub session_key: Secret,
    /// Signs Sigma's tokens.
    pub sigma: Secret,
    /// The gateway's password at the provider.
    pub oidc_client: Secret,
}

impl Secrets {
    /// Draws new secrets.
    #[must_use]
    pub(crate) fn draw(random: &mut SeedStream) -> Self {
        let sigma: String = random.bytes::<64>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            session_key: Secret::new(STANDARD.encode(random.bytes::<32>())),
            sigma: Secret::new(sigma),
            // The punctuation needs form-encoding in `client_secret_basic` (RFC 6749 2.3.1): a client that forgets it fails.
            oidc_client: Secret::new(format!("demo:secret+%{}", random.token())),
        }
    }

    /// The secrets under the file names that [`config_text`] uses.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, Secret)> {
        vec![
            ("session.key", self.session_key.clone()),
            ("sigma.secret", self.sigma.clone()),
            ("oidc.secret", self.oidc_client.clone()),
        ]
    }
}

/// The demo's `gateway.toml`.
#[must_use]
pub fn config_text(ports: &Ports) -> String {
    let sigma = ports.sigma_url();
    let only_over_tls = |line: String| if ports.is_secure { line } else { String::new() };
    let head = fill(
        include_str!("assets/gateway.toml"),
        &[
            ("gateway_port", &ports.gateway.to_string()),
            ("admin_port", &ports.admin.to_string()),
            ("slug", SLUG),
            ("sigma_client_id", SIGMA_CLIENT_ID),
            ("sigma", &sigma),
            ("issuer", &ports.issuer()),
            ("tls", &only_over_tls(listen_tls())),
            ("provider_ca", &only_over_tls(provider_ca())),
            ("oidc_client_id", OIDC_CLIENT_ID),
            ("revenue", &workbook_url(&sigma, REVENUE)),
            ("pipeline", &workbook_url(&sigma, PIPELINE)),
            ("wildcard", &workbook_url(&sigma, "*")),
        ],
    );
    head + &site_text(ports, &ports.link_site(), "link") + &site_text(ports, &ports.signed_site(), "signed")
}

/// The same for a provider elsewhere: the demo's CA says nothing of it.
#[must_use]
pub(crate) fn without_provider_ca(config_text: &str) -> String {
    config_text.replace(&provider_ca(), "")
}

fn listen_tls() -> String {
    format!("tls = {{ certificate = \"{CHAIN_FILE}\", private_key = {{ file = \"{KEY_FILE}\" }} }}\n")
}

fn provider_ca() -> String {
    format!("ca = \"{CA_FILE}\"\n")
}

fn site_text(ports: &Ports, site: &str, deliver: &str) -> String {
    let values = [("site", site), ("upstream", &ports.upstream()), ("deliver", deliver)];
    fill(include_str!("assets/site.toml"), &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    fn parsed() -> toml::Table {
        config_text(&Ports::from_base(8080).unwrap()).parse().unwrap()
    }

    #[test]
    fn the_configuration_is_toml_without_a_placeholder_left() {
        let text = config_text(&Ports::from_base(8080).unwrap());
        assert!(!text.contains("{{"), "{text}");
        assert_eq!(parsed()["listen"]["address"].as_str(), Some("127.0.0.1:8080"));
    }

    #[test]
    fn both_deliveries_have_a_site_on_the_same_upstream() {
        let table = parsed();
        let sites = table["site"].as_array().unwrap();
        let of = |index: usize, key: &str| sites[index][key].as_str().unwrap().to_owned();
        assert_eq!((of(0, "url"), of(0, "deliver")), ("http://crm.localhost:8080".into(), "link".into()));
        assert_eq!((of(1, "url"), of(1, "deliver")), ("http://crm-signed.localhost:8080".into(), "signed".into()));
        assert_eq!(of(0, "upstream"), of(1, "upstream"));
        assert!(sites.iter().all(|site| site["insert"].is_array() && site["json"].is_array()));
    }

    #[test]
    fn over_tls_gateway_and_provider_have_certificates_and_else_neither() {
        let text = config_text(&Ports::from_base(8080).unwrap().over_tls());
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["listen"]["tls"]["certificate"].as_str(), Some("tls.pem"));
        assert_eq!(table["identity"]["login"]["ca"].as_str(), Some("ca.pem"));
        let elsewhere: toml::Table = without_provider_ca(&text).parse().unwrap();
        assert!(elsewhere["identity"]["login"].get("ca").is_none() && elsewhere["listen"].get("tls").is_some());
        assert!(parsed()["listen"].get("tls").is_none() && parsed()["identity"]["login"].get("ca").is_none());
    }

    #[test]
    fn every_secret_that_the_configuration_names_has_a_value() {
        let secrets = Secrets::draw(&mut Seed::new([1; 32]).into_stream());
        let text = config_text(&Ports::from_base(8080).unwrap());
        for (name, secret) in secrets.values() {
            assert!(text.contains(&format!("file = \"{name}\"")), "{name}");
            assert!(!secret.expose().is_empty());
        }
        assert_eq!(text.matches("file = ").count(), secrets.values().len());
    }
}
