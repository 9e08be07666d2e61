//! The `sigma-gateway` program.

fn main() -> std::process::ExitCode {
    sigma_gateway::cli::run()
}
