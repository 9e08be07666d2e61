//! `demo`: a configuration, the stand-ins, and the same gateway that `serve` runs.

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::{exit::exit_code, serve::block_on};
use crate::{
    config::{Config, Draft, SecretSource, SecretValues},
    demo::{self, DemoCertificates, Ports, Secrets, StandInOptions, StandIns},
    gateway::{Scribe, Start},
    secret::Secret,
    system::{self, Clock},
};

/// The arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// The first of six ports in a row: gateway, provider, Sigma, application, start page, admin
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Sign in at this provider instead of the stand-in; client `sigma-gateway`, secret `demo-secret`
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Serve over https, by a CA made for this start whose certificate is written to this file (Safari needs it)
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
}

impl DemoArgs {
    pub(super) fn run(&self) -> ExitCode {
        exit_code(block_on(self.serve_until_signal()))
    }

    async fn serve_until_signal(&self) -> anyhow::Result<()> {
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        system::stop_on_signals(stop.clone(), kill.clone())?;
        let clock = Clock::default();
        let stand_in_clock = demo::StandInClock::new({
            let clock = clock.clone();
            move || clock.now()
        });
        let mut options = StandInOptions::new(Ports::from_base(self.port)?, stand_in_clock, system::seed());
        let mut values = secret_files(&options.secrets);
        if let Some(file) = &self.tls {
            let certificates = DemoCertificates::make(clock.now())?;
            fs::write(file, certificates.ca()).with_context(|| format!("{} cannot be written", file.display()))?;
            values.extend(certificate_files(&certificates));
            options = options.over_tls(certificates);
        }
        let ports = options.ports;
        let config = self.config(&ports, values)?;
        let stand_ins = StandIns::start(options).await.context("choose another base port with --port")?;
        let running =
            Start { config, file: None, clock, scribe: Scribe::to_stdout(), workers: system::workers() }.run();
        let running = running.context("choose another base port with --port")?;
        let note = self.tls.as_deref().map(demo::tls_note).unwrap_or_default();
        std::io::stdout().write_all((demo::banner(&ports) + &note).as_bytes())?;
        stop.cancelled().await;
        tokio::select! {
            () = async { tokio::join!(running.drain(), stand_ins.stop()); } => {}
            () = kill.cancelled() => {}
        }
        Ok(())
    }

    /// The demo's configuration, checked as any other.
    fn config(&self, ports: &Ports, mut values: Vec<(SecretSource, Secret)>) -> anyhow::Result<Config> {
        let mut text = demo::config_text(ports);
        if let Some(issuer) = &self.issuer {
            text = demo::without_provider_ca(&text).replace(&ports.issuer(), issuer);
            // The last one counts.
            values.push((SecretSource::File("oidc.secret".to_owned()), Secret::new("demo-secret".to_owned())));
        }
        let values: SecretValues = values.into_iter().map(|(source, secret)| (source, Ok(secret))).collect();
        Ok(Draft::parse(&text).check(&values)?.0)
    }
}

fn secret_files(secrets: &Secrets) -> Vec<(SecretSource, Secret)> {
    secrets.values().into_iter().map(|(file, secret)| (SecretSource::File(file.to_owned()), secret)).collect()
}

fn certificate_files(certificates: &DemoCertificates) -> Vec<(SecretSource, Secret)> {
    let (key_file, key) = certificates.key();
    let chains = certificates.chains().map(|(file, pem)| (SecretSource::Certificates(file.to_owned()), pem));
    chains.into_iter().chain([(SecretSource::File(key_file.to_owned()), key)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{seed::Seed, time::UnixSeconds};

    fn config(issuer: Option<&str>) -> Config {
        let args = DemoArgs { port: 8080, issuer: issuer.map(str::to_owned), tls: Some("ca.pem".into()) };
        let certificates = DemoCertificates::make(UnixSeconds(1_790_000_000)).unwrap();
        let mut values = secret_files(&Secrets::draw(&mut Seed::new([1; 32]).into_stream()));
        values.extend(certificate_files(&certificates));
        args.config(&Ports::from_base(8080).unwrap().over_tls(), values).unwrap()
    }

    #[test]
    fn over_tls_the_configuration_holds_with_our_provider_and_with_another() {
        assert_eq!(config(None).listen.tls.len(), 1);
        assert_eq!(config(Some("https://login.example.com")).listen.tls.len(), 1);
    }
}
