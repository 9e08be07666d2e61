//! `check`: everything that is wrong with a configuration, or what is in it.

use std::{
    io::{self, Write},
    path::Path,
};

use crate::{
    config::{Config, Warning, WarningWeight},
    system::load_config,
};

/// What is wrong in the strict reading ends as what is wrong in any.
const WRONG: u8 = 2;

/// Checks a configuration file; problems and warnings go to `err`, the summary to `out`. Returns the exit code. `is_strict`: a
/// condition that can never hold is an error.
///
/// # Errors
/// Where `out` or `err` cannot be written.
pub(super) fn run(path: &Path, is_strict: bool, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    match load_config(path) {
        Ok(loaded) => {
            let file = path.display().to_string();
            let is_error = |warning: &Warning| is_strict && warning.weight == WarningWeight::Toothless;
            for warning in &loaded.warnings {
                let weight = if is_error(warning) { "error" } else { "warning" };
                writeln!(err, "{weight}: {}", warning.in_file(&file))?;
            }
            if loaded.warnings.iter().any(is_error) {
                return Ok(WRONG);
            }
            writeln!(out, "{}", summary(&loaded.config))?;
            if let Some(way) = &loaded.config.outbound {
                writeln!(out, "providers are asked through {way}")?;
            }
            Ok(0)
        }
        Err(error) => {
            writeln!(err, "{error}")?;
            Ok(error.exit_code())
        }
    }
}

fn summary(config: &Config) -> String {
    let counts = [
        (config.sites.len(), "site"),
        (config.catalogue.embeds.len(), "embed"),
        (config.mappings.len(), "mapping"),
        (config.providers.len(), "identity source"),
        (config.catalogue.organizations.len(), "Sigma organization"),
    ];
    let counts = counts.map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }));
    format!("ok: {}", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::cli::init;

    fn checked(path: &Path) -> (u8, String, String) {
        checked_as(path, false)
    }

    fn checked_as(path: &Path, is_strict: bool) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = run(path, is_strict, &mut out, &mut err).unwrap();
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    /// What `init` writes, filled in as it says; the secret of the environment is one that a test run has.
    fn filled() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let created = init::run(folder.path()).unwrap();
        let text = fs::read_to_string(&created.config).unwrap();
        let text = text.replace("\"…\"", "\"id\"").replace("OIDC_CLIENT_SECRET", "CARGO_PKG_NAME");
        fs::write(&created.config, text).unwrap();
        let secret = folder.path().join("sigma.secret");
        fs::write(&secret, "s3cret\n").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        folder
    }

    #[test]
    fn a_right_file_is_summed_up() {
        let folder = filled();
        let (code, out, err) = checked(&folder.path().join("gateway.toml"));
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(out, "ok: 1 site, 1 embed, 1 mapping, 1 identity source, 1 Sigma organization\n");
    }

    #[test]
    fn a_warning_is_told_and_no_error() {
        let folder = filled();
        let secret = folder.path().join("sigma.secret");
        fs::set_permissions(secret, fs::Permissions::from_mode(0o644)).unwrap();
        let (code, _, err) = checked(&folder.path().join("gateway.toml"));
        assert_eq!(code, 0);
        assert!(
            err.starts_with("warning: ")
                && err.contains("sigma.acme.secret: file \"sigma.secret\" can be read by others"),
            "{err}"
        );
    }

    #[test]
    fn a_condition_that_cannot_bite_is_a_warning_and_an_error_in_the_strict_reading() {
        let folder = filled();
        let path = folder.path().join("gateway.toml");
        let text = fs::read_to_string(&path).unwrap();
        let at = text.find("account_type = \"").unwrap() + "account_type = \"".len();
        let end = at + text[at..].find('"').unwrap();
        fs::write(&path, format!("{}veiw{}", &text[..at], &text[end..])).unwrap();
        let (code, out, err) = checked(&path);
        assert!(code == 0 && out.starts_with("ok: ") && err.starts_with("warning: "), "{code} {err}");
        let (code, out, err) = checked_as(&path, true);
        assert!(code == 2 && out.is_empty() && err.starts_with("error: ") && err.contains("one letter off"), "{err}");
        fs::write(&path, text).unwrap();
        fs::set_permissions(folder.path().join("sigma.secret"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(checked_as(&path, true).0, 0, "another warning is none the less a warning");
    }

    #[test]
    fn a_wrong_file_ends_with_2_and_every_problem() {
        let folder = tempfile::tempdir().unwrap();
        let created = init::run(folder.path()).unwrap();
        let (code, out, err) = checked(&created.config);
        assert_eq!((code, out.as_str()), (2, ""));
        let keys: Vec<_> = err.lines().filter_map(|line| line.split(": ").nth(1)).collect();
        assert_eq!(keys, ["sigma.acme.client_id", "sigma.acme.secret", "identity.corp.client_secret"]);
        assert!(!err.contains(&fs::read_to_string(created.key).unwrap()), "no secret in {err}");
    }
}
