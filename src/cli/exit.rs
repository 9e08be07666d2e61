//! How a command ends.

use std::process::ExitCode;

/// 0, or the error on standard error and 1.
pub(super) fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sigma-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}
