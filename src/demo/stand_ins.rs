//! All four servers together: bound first, then started, so that a taken port starts nothing.

use std::time::Duration;

use super::{
    DemoCertificates, DemoError, HostApp, HostAppOptions, OIDC_CLIENT_ID, Ports, ProviderOptions, ProviderStandIn,
    SIGMA_CLIENT_ID, Secrets, SigmaOptions, SigmaOrganization, SigmaStandIn, StandInClock,
    documents::SLUG,
    people::PEOPLE,
    serve::{BoundPort, bind, port_of},
    start_page::StartPage,
};
use crate::seed::{Seed, SeedStream};

/// How to start the stand-ins.
#[derive(Debug)]
pub struct StandInOptions {
    /// The ports; `gateway` and `admin` are only printed and linked.
    pub(crate) ports: Ports,
    /// The time.
    pub(crate) clock: StandInClock,
    /// The secrets that gateway, provider and Sigma share.
    pub(crate) secrets: Secrets,
    /// What exists in Sigma.
    pub(crate) organization: SigmaOrganization,
    /// The pause between two pieces of the CRM's slow report.
    pub(crate) slow_pause: Duration,
    /// What they show over TLS.
    certificates: Option<DemoCertificates>,
    random: SeedStream,
}

impl StandInOptions {
    /// The demo as `demo` starts it: new secrets, the teams Finance and Sales, eve as internal user.
    #[must_use]
    pub fn new(ports: Ports, clock: StandInClock, seed: Seed) -> Self {
        let mut random = seed.into_stream();
        let secrets = Secrets::draw(&mut random);
        let internal = PEOPLE.iter().filter(|person| person.groups.contains(&"sigma-internal"));
        let organization = SigmaOrganization {
            slug: SLUG.to_owned(),
            client_id: SIGMA_CLIENT_ID.to_owned(),
            secret: secrets.sigma.clone(),
            teams: ["Finance", "Sales"].map(str::to_owned).into(),
            user_attributes: ["region".to_owned()].into(),
            internal_users: internal.map(super::Person::email).collect(),
        };
        Self { ports, clock, secrets, organization, slow_pause: Duration::from_millis(400), certificates: None, random }
    }

    /// The same over TLS.
    #[must_use]
    pub(crate) fn over_tls(self, certificates: DemoCertificates) -> Self {
        Self { ports: self.ports.over_tls(), certificates: Some(certificates), ..self }
    }
}

/// The running stand-ins.
pub struct StandIns {
    /// The OpenID provider.
    pub provider: ProviderStandIn,
    /// Sigma.
    pub sigma: SigmaStandIn,
    /// The host application.
    pub(crate) crm: HostApp,
    start: StartPage,
    ports: Ports,
    secrets: Secrets,
}

impl StandIns {
    /// Binds four ports and serves.
    ///
    /// # Errors
    /// When a port cannot be bound; then none is served.
    pub async fn start(options: StandInOptions) -> Result<Self, DemoError> {
        let StandInOptions { ports, clock, secrets, organization, slow_pause, certificates, random } = options;
        let provider = bind(ports.provider, "the OpenID provider stand-in").await?;
        let sigma = bind(ports.sigma, "the Sigma stand-in").await?;
        let crm = bind(ports.crm, "the host application").await?;
        let start = bind(ports.start, "the start page").await?;
        let ports = Ports {
            provider: port_of(&provider),
            sigma: port_of(&sigma),
            crm: port_of(&crm),
            start: port_of(&start),
            ..ports
        };
        let provider_options = ProviderOptions {
            client_id: OIDC_CLIENT_ID.to_owned(),
            client_secret: secrets.oidc_client.clone(),
            sites: sites(&ports),
            clock: clock.clone(),
            random,
        };
        let crm_options = HostAppOptions { sigma: ports.sigma_url(), slow_pause };
        let over_tls = |listener| BoundPort::with_tls(listener, certificates.as_ref().map(DemoCertificates::acceptor));
        Ok(Self {
            provider: ProviderStandIn::serve(over_tls(provider), provider_options),
            sigma: SigmaStandIn::serve(over_tls(sigma), SigmaOptions { organization, clock }),
            crm: HostApp::serve(crm, crm_options),
            start: StartPage::serve(over_tls(start), ports),
            ports,
            secrets,
        })
    }

    /// The real ports.
    #[must_use]
    pub const fn ports(&self) -> Ports {
        self.ports
    }

    /// The secrets, for the gateway.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Tells provider and start page where the gateway listens, when the system chose its ports.
    pub fn set_gateway_ports(&mut self, gateway: u16, admin: u16) {
        self.ports = Ports { gateway, admin, ..self.ports };
        self.provider.set_sites(sites(&self.ports));
        self.start.set_ports(self.ports);
    }

    /// Ends all four gracefully.
    pub async fn stop(self) {
        tokio::join!(self.provider.stop(), self.sigma.stop(), self.crm.stop(), self.start.stop());
    }
}

fn sites(ports: &Ports) -> Vec<String> {
    vec![ports.link_site(), ports.signed_site()]
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;
    use crate::demo::{
        config_text,
        testing::{clock, get},
    };

    fn options(ports: Ports) -> StandInOptions {
        StandInOptions::new(ports, clock(), Seed::new([5; 32]))
    }

    #[tokio::test]
    async fn four_servers_start_on_ports_that_the_configuration_names() {
        let mut stand_ins = StandIns::start(options(Ports::ephemeral())).await.unwrap();
        stand_ins.set_gateway_ports(18_080, 18_085);
        let ports = stand_ins.ports();
        let config: toml::Table = config_text(&ports).parse().unwrap();
        assert_eq!(config["identity"]["login"]["issuer"].as_str(), Some(stand_ins.provider.issuer()));
        assert_eq!(config["sigma"]["acme"]["base_url"].as_str(), Some(ports.sigma_url().as_str()));
        assert_eq!(config["site"][0]["upstream"].as_str(), Some(ports.upstream().as_str()));
        for port in [ports.provider, ports.sigma, ports.crm, ports.start] {
            assert!(get(port, "/").await.status.as_u16() < 500);
        }
        let start = get(ports.start, "/").await.text();
        assert!(start.contains("http://crm-signed.localhost:18080/dashboard"));
        let callback = "http%3A%2F%2Fcrm-signed.localhost%3A18080%2Foauth2%2Fcallback";
        let asked = format!("/authorize?client_id=sigma-gateway&redirect_uri={callback}");
        assert_eq!(get(ports.provider, &asked).await.status, 303, "the callback is registered");
        stand_ins.stop().await;
    }

    #[tokio::test]
    async fn over_tls_provider_sigma_and_start_page_speak_nothing_else() {
        let certificates = DemoCertificates::make(clock().now()).unwrap();
        let stand_ins = StandIns::start(options(Ports::ephemeral()).over_tls(certificates)).await.unwrap();
        let ports = stand_ins.ports();
        assert_eq!(stand_ins.provider.issuer(), ports.issuer());
        assert!(ports.issuer().starts_with("https://"));
        for port in [ports.provider, ports.sigma, ports.start] {
            assert!(!answers_plainly(port).await, "{port}");
        }
        assert!(answers_plainly(ports.crm).await, "the application behind the gateway");
        stand_ins.stop().await;
    }

    async fn answers_plainly(port: u16) -> bool {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a.localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        // What is no handshake may also end in a reset.
        let _ended = stream.read_to_end(&mut answer).await;
        answer.starts_with(b"HTTP/1.1 ")
    }

    #[tokio::test]
    async fn a_taken_port_starts_nothing_and_says_what_wanted_it() {
        let taken = bind(0, "the test").await.unwrap();
        let ports = Ports { sigma: port_of(&taken), ..Ports::ephemeral() };
        let error = StandIns::start(options(ports)).await.err().unwrap();
        assert!(
            matches!(error, DemoError::Bind { port, wanted_for: "the Sigma stand-in", .. } if port == ports.sigma),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_stopped_stand_in_gives_its_port_back() {
        let stand_ins = StandIns::start(options(Ports::ephemeral())).await.unwrap();
        let ports = stand_ins.ports();
        stand_ins.stop().await;
        assert!(bind(ports.crm, "the test").await.is_ok());
    }

    #[test]
    fn every_team_and_attribute_of_the_configuration_exists_in_sigma() {
        let organization = options(Ports::ephemeral()).organization;
        let config: toml::Table = config_text(&Ports::ephemeral()).parse().unwrap();
        for mapping in config["mapping"].as_array().unwrap() {
            let teams = mapping.get("teams").and_then(|teams| teams.as_array()).into_iter().flatten();
            assert!(teams.into_iter().all(|team| organization.teams.contains(team.as_str().unwrap())));
            let attributes = mapping.get("user_attributes").and_then(|table| table.as_table()).into_iter().flatten();
            assert!(attributes.into_iter().all(|(name, _)| organization.user_attributes.contains(name)));
        }
        assert_eq!(organization.internal_users, ["eve@example.com".to_owned()].into());
    }
}
