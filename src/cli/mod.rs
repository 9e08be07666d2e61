//! The command line: what an operator types, and the exit codes (0 fine, 1 runtime, 2 configuration or usage).

mod check;
#[cfg(feature = "demo")]
mod demo;
mod exit;
mod explain;
mod findings;
mod init;
mod inspect;
mod jwks;
mod person;
mod schema;
mod serve;
mod sign;
mod words;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use self::exit::exit_code;
use crate::{config::Config, system};

/// Puts signed Sigma embeds into existing applications.
#[derive(Debug, Parser)]
#[command(name = "sigma-gateway", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve, with the configuration of a file.
    Serve(ConfigFile),
    /// Write a first gateway.toml and a session key into this folder.
    Init,
    /// Say everything that is wrong with a configuration.
    Check {
        #[command(flatten)]
        file: ConfigFile,
        /// Take a condition that can never hold as an error.
        #[arg(long)]
        strict: bool,
    },
    /// Print the JSON Schema of the configuration.
    Schema,
    /// Print the public half of an identity's `client_key`, for its provider.
    Jwks {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        jwks: jwks::JwksArgs,
    },
    /// Print the texts of the gateway's pages in a language, as a file for [pages.words].
    Words {
        /// The language.
        language: words::WordsOf,
    },
    /// Say which mapping fires for somebody's claims, and what Sigma would be told. Mints nothing.
    Explain {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        explain: explain::ExplainArgs,
    },
    /// Print one signed URL for somebody's claims: a secret that works once.
    Sign {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        sign: sign::SignArgs,
    },
    /// Decode a signed URL or token; with a configuration, also check it, and end with 1 where it does not hold.
    Inspect {
        /// The configuration whose secret must have signed it.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        inspect: inspect::InspectArgs,
    },
    /// Run everything on this machine: the gateway, a provider, Sigma and an old application as stand-ins.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
}

/// Where the configuration is.
#[derive(Debug, Clone, clap::Args)]
struct ConfigFile {
    /// The configuration; paths inside it are relative to it.
    #[arg(long, value_name = "FILE", default_value = "gateway.toml")]
    config: PathBuf,
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let now = system::Clock::default().now();
    match Arguments::parse().command {
        Command::Serve(file) => serve::run(&file.config),
        Command::Init => exit_code(print_created()),
        Command::Check { file, strict } => {
            match check::run(&file.config, strict, &mut io::stdout(), &mut io::stderr()) {
                Ok(code) => ExitCode::from(code),
                Err(error) => exit_code(Err(error.into())),
            }
        }
        Command::Schema => exit_code(schema::run(&mut io::stdout()).map_err(Into::into)),
        Command::Jwks { file, jwks } => with_config(&file.config, |config| jwks.run(config, &mut io::stdout())),
        Command::Words { language } => exit_code(words::run(language, &mut io::stdout()).map_err(Into::into)),
        Command::Explain { file, explain } => with_config(&file.config, |config| explain.run(config)),
        Command::Sign { file, sign } => {
            with_config(&file.config, |config| sign.run(config, &mut system::seed().into_stream(), now))
        }
        Command::Inspect { config: Some(file), inspect } => with_config(&file, |config| inspect.run(Some(config), now)),
        Command::Inspect { config: None, inspect } => exit_code(inspect.run(None, now)),
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo.run(),
    }
}

/// Writes the first files into the working directory and says what to fill in.
fn print_created() -> anyhow::Result<()> {
    let created = init::run(Path::new("."))?;
    writeln!(io::stdout(), "{created}")?;
    Ok(())
}

/// Loads a configuration for a command; what is wrong with it goes to standard error, and the exit code is 2.
fn with_config(path: &Path, command: impl FnOnce(&Config) -> anyhow::Result<()>) -> ExitCode {
    match system::load_config(path) {
        Ok(loaded) => exit_code(command(&loaded.config)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}
