//! `serve`: the whole life of the process on one page.

use std::{path::Path, process::ExitCode};

use tokio_util::sync::CancellationToken;

use super::exit::exit_code;
use crate::{
    gateway::{Scribe, Start, StartError},
    system::{self, Clock},
};

/// Loads, binds, serves, waits for a signal, drains.
pub(super) fn run(path: &Path) -> ExitCode {
    let loaded = match system::load_config(path) {
        Ok(loaded) => loaded,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(error.exit_code());
        }
    };
    for warning in &loaded.warnings {
        eprintln!("warning: {}", warning.in_file(&path.display().to_string()));
    }
    let warnings: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    let start = Start {
        config: loaded.config,
        file: Some((path.to_owned(), loaded.fingerprint)),
        clock: Clock::default(),
        scribe: Scribe::to_stdout(),
        workers: system::workers(),
    };
    exit_code(block_on(async { serve_until_signal(start, &warnings).await }))
}

/// Starts, says so, and serves until SIGTERM or SIGINT.
async fn serve_until_signal(start: Start, warnings: &[String]) -> anyhow::Result<()> {
    let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
    system::stop_on_signals(stop.clone(), kill.clone())?;
    let running = start.run().map_err(clear)?;
    let proxy = running.shared.config.load().outbound.as_ref().map(ToString::to_string);
    running.shared.scribe.serving(running.address, [running.admin, running.redirect], proxy.as_deref(), warnings);
    stop.cancelled().await;
    running.shared.scribe.draining();
    tokio::select! {
        () = running.drain() => {}
        () = kill.cancelled() => {}
    }
    Ok(())
}

/// The error with the address that was wanted, as one sentence.
fn clear(error: StartError) -> anyhow::Error {
    anyhow::Error::from(error)
}

/// Runs a future on the runtime of the background work.
pub(super) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(future)
}
