//! The command line: what an operator types, and the exit codes (0 fine, 1 runtime, 2 configuration or usage).

mod check;
mod demo;
mod explain;
mod init;
mod inspect;
mod schema;
mod serve;
mod sign;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

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
    Check(ConfigFile),
    /// Print the JSON Schema of the configuration.
    Schema,
    /// Say which mapping fires for somebody's claims, and what Sigma would be told. Mints nothing.
    Explain(explain::Arguments),
    /// Print one signed URL for somebody's claims: a secret that works once.
    Sign(sign::Arguments),
    /// Decode a signed URL or token.
    Inspect(inspect::Arguments),
    /// Run everything on this machine: the gateway, a provider, Sigma and an old application as stand-ins.
    Demo(demo::Arguments),
}

/// Where the configuration is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration; paths inside it are relative to it.
    #[arg(long, value_name = "FILE", default_value = "gateway.toml")]
    config: PathBuf,
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(file) => serve::run(&file.config),
        Command::Init => init::run(),
        Command::Check(file) => check::run(&file.config),
        Command::Schema => schema::run(),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
    }
}
