//! `demo`: a configuration, the stand-ins, and the same gateway that `serve` runs.

use std::{collections::HashMap, io::Write, process::ExitCode};

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::{exit::exit_code, serve::block_on};
use crate::{
    config::{Config, Draft, SecretSource, SecretValues},
    demo::{self, Ports, Secrets, StandInOptions, StandIns},
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
}

impl DemoArgs {
    pub(super) fn run(&self) -> ExitCode {
        exit_code(block_on(self.serve_until_signal()))
    }

    async fn serve_until_signal(&self) -> anyhow::Result<()> {
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        system::stop_on_signals(stop.clone(), kill.clone())?;
        let ports = Ports::from_base(self.port)?;
        let clock = Clock::default();
        let stand_in_clock = clock.clone();
        let options = StandInOptions::new(ports, demo::StandInClock::new(move || stand_in_clock.now()), system::seed());
        let config = self.config(&ports, &options.secrets)?;
        let stand_ins = StandIns::start(options).await.context("choose another base port with --port")?;
        let running =
            Start { config, file: None, clock, scribe: Scribe::to_stdout(), workers: system::workers() }.run();
        let running = running.context("choose another base port with --port")?;
        std::io::stdout().write_all(demo::banner(&ports).as_bytes())?;
        stop.cancelled().await;
        tokio::select! {
            () = async { tokio::join!(running.drain(), stand_ins.stop()); } => {}
            () = kill.cancelled() => {}
        }
        Ok(())
    }

    /// The demo's configuration, checked as any other.
    fn config(&self, ports: &Ports, secrets: &Secrets) -> anyhow::Result<Config> {
        let mut text = demo::config_text(ports);
        let mut values: HashMap<_, _> = secrets.values().into_iter().collect();
        if let Some(issuer) = &self.issuer {
            text = text.replace(&ports.issuer(), issuer);
            values.insert("oidc.secret", Secret::new("demo-secret".to_owned()));
        }
        let values: SecretValues =
            values.into_iter().map(|(file, secret)| (SecretSource::File(file.to_owned()), Ok(secret))).collect();
        Ok(Draft::parse(&text).check(&values)?.0)
    }
}
