//! `init`: the first configuration file and the session key, into the working directory.
//!
//! Asks for nothing and overwrites nothing: where one of the two is there already, neither is written.

use std::{
    fmt, fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// What was written. Its `Display` says what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Created {
    /// The configuration file.
    pub(super) config: PathBuf,
    /// The session key.
    pub(super) key: PathBuf,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum InitError {
    /// There is one already.
    #[error("{} exists already; nothing was written", .0.display())]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Randomness,
}

/// Writes `gateway.toml` and `session.key` into a directory.
///
/// # Errors
/// See [`InitError`]; what was written before the error is removed again.
pub(super) fn run(directory: &Path) -> Result<Created, InitError> {
    let created = Created { config: directory.join(CONFIG_NAME), key: directory.join(KEY_NAME) };
    for path in [&created.config, &created.key] {
        // A dangling link is there too: `create_new` would refuse it.
        if path.symlink_metadata().is_ok() {
            return Err(InitError::Exists(path.clone()));
        }
    }
    write_new(&created.key, session_key()?.as_bytes(), 0o600)?;
    write_new(&created.config, FIRST_FILE.as_bytes(), 0o644).inspect_err(|_| remove(&created.key))?;
    Ok(created)
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "wrote {} and {} (keep the key secret, and the same on every replica)",
            self.config.display(),
            self.key.display()
        )?;
        writeln!(f)?;
        writeln!(f, "next:")?;
        writeln!(f, "  1. fill in {CONFIG_NAME}: [sigma], [identity], [embed] and [[site]]")?;
        writeln!(f, "  2. put Sigma's embed secret into sigma.secret (mode 0600)")?;
        writeln!(f, "  3. set OIDC_CLIENT_SECRET in the gateway's environment")?;
        writeln!(f, "  4. sigma-gateway check")?;
        write!(f, "  5. sigma-gateway serve")
    }
}

/// 32 random bytes in base64, and a line end.
fn session_key() -> Result<Zeroizing<String>, InitError> {
    let mut bytes = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(bytes.as_mut()).map_err(|_| InitError::Randomness)?;
    Ok(Zeroizing::new(format!("{}\n", STANDARD.encode(*bytes))))
}

/// Writes a file that is not there yet; a file that could not be written whole is removed.
fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), InitError> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = opened.map_err(|error| {
        let is_there = error.kind() == io::ErrorKind::AlreadyExists;
        if is_there { InitError::Exists(path.to_owned()) } else { InitError::Write(path.to_owned(), error) }
    })?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        remove(path);
        InitError::Write(path.to_owned(), error)
    })
}

/// Removes what this run has written; that it cannot is not worth hiding the first error for.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

const CONFIG_NAME: &str = "gateway.toml";
const KEY_NAME: &str = "session.key";
const FIRST_FILE: &str = include_str!("first.toml");

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{
        config::{Draft, SecretSource, SecretValues},
        secret::Secret,
    };

    #[test]
    fn the_key_is_random_and_for_its_owner_only() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |directory: &Path| {
            let created = run(directory).unwrap();
            assert_eq!(fs::metadata(&created.key).unwrap().permissions().mode() & 0o777, 0o600);
            fs::read_to_string(created.key).unwrap()
        };
        let (first, second) = (key(first.path()), key(second.path()));
        assert_ne!(first, second);
        assert_eq!(STANDARD.decode(first.trim_end()).unwrap().len(), 32);
    }

    #[test]
    fn nothing_is_written_where_either_file_is_there() {
        for name in [CONFIG_NAME, KEY_NAME] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join(name), "mine").unwrap();
            let error = run(directory.path()).unwrap_err();
            assert!(matches!(&error, InitError::Exists(path) if path.ends_with(name)), "{error}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
            assert_eq!(fs::read_to_string(directory.path().join(name)).unwrap(), "mine");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = run(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(matches!(error, InitError::Write(path, _) if path.ends_with(KEY_NAME)));
    }

    #[test]
    fn the_first_file_lacks_only_what_its_placeholders_stand_for() {
        let secret = || Ok(Secret::new(session_key().unwrap().trim_end().to_owned()));
        let secrets = SecretValues::from_iter([
            (SecretSource::File("session.key".to_owned()), secret()),
            (SecretSource::File("sigma.secret".to_owned()), secret()),
            (SecretSource::Env("OIDC_CLIENT_SECRET".to_owned()), secret()),
        ]);
        let problems = Draft::parse(FIRST_FILE).check(&secrets).unwrap_err();
        let keys: Vec<&str> = problems.list().iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["sigma.acme.client_id"]);
        let (_, warnings) = Draft::parse(&FIRST_FILE.replace("\"…\"", "\"id\"")).check(&secrets).unwrap();
        assert_eq!(warnings, []);
    }
}
