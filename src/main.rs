//! The `sigma-gateway` program.

/// Requests allocate much and briefly: this is where a fifth of the processor time beside the kernel's went before.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    sigma_gateway::cli::run()
}
