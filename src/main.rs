//! The `sigma-gateway` program.

/// A request allocates often and briefly: docs/PERFORMANCE.md has what this allocator saves of time and memory.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    sigma_gateway::cli::run()
}
