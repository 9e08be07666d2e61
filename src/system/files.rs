//! The configuration file and the secrets it names, as disk and environment have them now.
//!
//! In: the path of the file. Out: a [`Snapshot`] of everything the configuration is made of; loading that is pure.
//! Always: bounded reads, regular files only. A secret file that others can write is refused: they could choose the
//! secret. What others can read is a warning.

use std::{
    collections::BTreeSet,
    fmt, fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    clock::since_epoch,
    environment::{environment, proxies},
};
use crate::{
    config::{Config, Draft, Problems, SecretSource, SecretValues, Warning},
    limits::{CERTIFICATES_BYTES_MAX, CONFIG_BYTES_MAX, LOGO_BYTES_MAX, SECRET_BYTES_MAX, WORDS_BYTES_MAX},
    secret::Secret,
    time::UnixSeconds,
};

/// A configuration that is right, and what it was made of.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What works, but probably not as meant.
    pub(crate) warnings: Vec<Warning>,
    /// What it was made of: for the reload to see whether anything has changed since.
    pub fingerprint: Fingerprint,
}

/// Why there is no configuration. Its `Display` lists everything that is wrong, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file itself cannot be read.
    #[error("{file}: {why}{}", way_out(why))]
    Unreadable {
        /// The file.
        file: String,
        /// Why, as one clause.
        why: String,
    },
    /// The file is wrong, or a secret it names.
    #[error("{}", problems.in_file(file))]
    Invalid {
        /// The file.
        file: String,
        /// Everything that is wrong.
        problems: Problems,
    },
}

/// A digest of the file and its secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// What the configuration is made of, at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    file: String,
    draft: Result<Draft, String>,
    secrets: SecretValues,
    folders: BTreeSet<PathBuf>,
    fingerprint: Fingerprint,
}

/// Reads and checks a configuration file and its secrets.
///
/// # Errors
/// See `LoadError`; the program ends with its exit code.
pub fn load_config(path: &Path) -> Result<Loaded, LoadError> {
    Snapshot::read(path).load()
}

impl LoadError {
    /// The program's exit code: 2, configuration or usage.
    #[must_use]
    pub(crate) const fn exit_code(&self) -> u8 {
        2
    }
}

impl Snapshot {
    /// Reads the file and every secret it names. What cannot be read is part of the snapshot.
    #[must_use]
    pub(crate) fn read(path: &Path) -> Self {
        let folder = folder_of(path);
        let text = read_text(path);
        let draft = text.as_ref().map(|text| Draft::parse(text)).map_err(Clone::clone);
        let sources = draft.as_ref().map(Draft::secret_sources).unwrap_or_default();
        let mut secrets = SecretValues::default();
        secrets.note_time(UnixSeconds(since_epoch().as_secs()));
        let mut folders = BTreeSet::from([folder.clone()]);
        for source in &sources {
            read_secret(source, &folder, &mut secrets);
            let (SecretSource::File(name)
            | SecretSource::Certificates(name)
            | SecretSource::Words(name)
            | SecretSource::Picture(name)) = source
            else {
                continue;
            };
            folders.insert(folder_of(&folder.join(name)));
        }
        secrets.note_proxies(proxies());
        let fingerprint = fingerprint(&text, &sources, &secrets);
        Self { file: path.display().to_string(), draft, secrets, folders, fingerprint }
    }

    /// Checks what was read.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub(crate) fn load(self) -> Result<Loaded, LoadError> {
        let Self { file, draft, secrets, fingerprint, .. } = self;
        let draft = draft.map_err(|why| LoadError::Unreadable { file: file.clone(), why })?;
        let (config, warnings) = draft.check(&secrets).map_err(|problems| LoadError::Invalid { file, problems })?;
        Ok(Loaded { config, warnings, fingerprint })
    }

    /// The digest of what was read.
    #[must_use]
    pub(crate) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The folders of the file and of its secrets.
    #[must_use]
    pub(crate) const fn folders(&self) -> &BTreeSet<PathBuf> {
        &self.folders
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(redacted)")
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let (text, _) = read_file(path, CONFIG_BYTES_MAX)?;
    Ok(text)
}

fn read_secret(source: &SecretSource, folder: &Path, secrets: &mut SecretValues) {
    let value = match source {
        SecretSource::Env(name) => environment(name),
        SecretSource::Certificates(name) => {
            read_protected(&folder.join(name), CERTIFICATES_BYTES_MAX).map(|(text, _)| text)
        }
        SecretSource::Words(name) => read_protected(&folder.join(name), WORDS_BYTES_MAX).map(|(text, _)| text),
        SecretSource::Picture(name) => {
            read_bytes(&folder.join(name), LOGO_BYTES_MAX).map(|(bytes, _)| STANDARD.encode(bytes))
        }
        SecretSource::File(name) => read_protected(&folder.join(name), SECRET_BYTES_MAX).map(|(text, mode)| {
            if mode & READABLE_BY_OTHERS != 0 {
                secrets.caution(source.clone(), format!("can be read by others (mode {mode:04o}): chmod o-r"));
            }
            without_line_end(&text).to_owned()
        }),
    };
    secrets.insert(source.clone(), value.map(Secret::new));
}

/// A file that nobody else can change.
fn read_protected(path: &Path, bytes_max: u64) -> Result<(String, u32), String> {
    let (text, mode) = read_file(path, bytes_max)?;
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Err(format!("can be written by others (mode {mode:04o}): chmod go-w"));
    }
    Ok((text, mode))
}

/// A whole regular file and its permission bits; the bits are those of the file that was read.
fn read_file(path: &Path, bytes_max: u64) -> Result<(String, u32), String> {
    let (bytes, mode) = read_bytes(path, bytes_max)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| format!("is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))?;
    Ok((text, mode))
}

fn read_bytes(path: &Path, bytes_max: u64) -> Result<(Vec<u8>, u32), String> {
    // Asked before opening: opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(|error| clause(&error))?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let file = fs::File::open(path).map_err(|error| clause(&error))?;
    let mode = file.metadata().map_err(|error| clause(&error))?.permissions().mode() & 0o7777;
    let mut bytes = Vec::new();
    let count = file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| clause(&error))?;
    if count as u64 > bytes_max {
        return Err(format!("is larger than {bytes_max} bytes"));
    }
    Ok((bytes, mode))
}

const NOT_THERE: &str = "does not exist";

/// What to write where the configuration itself is not there.
fn way_out(why: &str) -> &'static str {
    if why == NOT_THERE { "; `sigma-gateway init` writes one, `--config` names another" } else { "" }
}

fn clause(error: &io::Error) -> String {
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound {
        NOT_THERE.to_owned()
    } else if kind == io::ErrorKind::PermissionDenied {
        "may not be read by this user".to_owned()
    } else {
        format!("cannot be read: {error}")
    }
}

/// One trailing LF or CRLF is cut, for editors add it; nothing else is.
fn without_line_end(text: &str) -> &str {
    let text_without = text.strip_suffix('\n');
    text_without.map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))
}

fn fingerprint(text: &Result<String, String>, sources: &[SecretSource], secrets: &SecretValues) -> Fingerprint {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        // The length first, so that no two lists of parts read alike.
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    part(text.as_ref().map_or_else(String::as_bytes, String::as_bytes));
    for source in sources {
        part(secrets.get(source).map_or_else(str::as_bytes, |secret| secret.expose().as_bytes()));
        part(secrets.caution_of(source).unwrap_or_default().as_bytes());
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Fingerprint(digest)
}

/// Group or others.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Others only: `root:gateway` with mode 0640 is the usual way to hand a secret to a service.
const READABLE_BY_OTHERS: u32 = 0o004;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn secret(name: &str, content: &[u8], mode: u32) -> (Result<String, String>, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        read(&SecretSource::File(name.to_owned()), folder.path())
    }

    fn read(source: &SecretSource, folder: &Path) -> (Result<String, String>, Option<String>) {
        let mut secrets = SecretValues::default();
        read_secret(source, folder, &mut secrets);
        let value = secrets.get(source).map(|secret| secret.expose().to_owned()).map_err(str::to_owned);
        (value, secrets.caution_of(source).map(str::to_owned))
    }

    #[test]
    fn one_line_end_of_a_secret_file_is_cut_and_nothing_else() {
        let cases =
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), (" a \n", " a "), ("\n", "")];
        for (content, expected) in cases {
            assert_eq!(secret("s", content.as_bytes(), 0o600), (Ok(expected.to_owned()), None), "{content:?}");
        }
    }

    #[test]
    fn a_secret_that_others_can_write_is_refused() {
        for mode in [0o620, 0o602, 0o666] {
            let (value, _) = secret("s", b"a", mode);
            assert_eq!(value, Err(format!("can be written by others (mode {mode:04o}): chmod go-w")));
        }
    }

    #[test]
    fn a_secret_that_others_can_read_is_a_warning_and_one_of_the_group_is_not() {
        assert_eq!(secret("s", b"a", 0o604).1.as_deref(), Some("can be read by others (mode 0604): chmod o-r"));
        assert_eq!(secret("s", b"a", 0o640), (Ok("a".to_owned()), None));
    }

    #[test]
    fn a_file_of_certificates_may_be_read_by_all_and_written_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tls.pem");
        fs::write(&path, "a\n").unwrap();
        let read_with = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            read(&SecretSource::Certificates("tls.pem".to_owned()), folder.path())
        };
        assert_eq!(read_with(0o644), (Ok("a\n".to_owned()), None));
        assert_eq!(read_with(0o664).0, Err("can be written by others (mode 0664): chmod go-w".to_owned()));
    }

    #[test]
    fn what_is_no_readable_text_file_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| SecretSource::File(name.to_owned());
        assert_eq!(read(&file("gone"), folder.path()).0, Err("does not exist".to_owned()));
        assert_eq!(read(&file("."), folder.path()).0, Err("is not a regular file".to_owned()));
        assert_eq!(read(&file("/dev/null"), folder.path()).0, Err("is not a regular file".to_owned()));
        assert_eq!(secret("s", b"ab\xff", 0o600).0, Err("is not UTF-8 (byte 2)".to_owned()));
        let large = vec![b'a'; usize::try_from(SECRET_BYTES_MAX).unwrap() + 1];
        assert_eq!(secret("s", &large, 0o600).0, Err("is larger than 65536 bytes".to_owned()));
        assert!(secret("s", &large[1..], 0o600).0.is_ok());
    }

    #[test]
    fn the_file_behind_a_link_counts() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "a").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o666)).unwrap();
        symlink(&target, folder.path().join("s")).unwrap();
        assert!(read(&SecretSource::File("s".to_owned()), folder.path()).0.is_err());
    }

    #[test]
    fn a_secret_of_the_environment_is_taken_as_it_is() {
        let name = SecretSource::Env("CARGO_PKG_NAME".to_owned());
        assert_eq!(read(&name, Path::new(".")).0, Ok("sigma-gateway".to_owned()));
        let unset = SecretSource::Env("SIGMA_GATEWAY_TEST_UNSET".to_owned());
        assert_eq!(read(&unset, Path::new(".")).0, Err("is not set".to_owned()));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = load_config(Path::new("/nowhere/gateway.toml")).unwrap_err();
        let told = "/nowhere/gateway.toml: does not exist; `sigma-gateway init` writes one, `--config` names another";
        assert_eq!(error.to_string(), told);
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn a_wrong_file_is_told_whole_each_line_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        fs::write(&path, "[listen]\nport = 80\n[session]\nkeys = [{ file = \"session.key\" }]\n").unwrap();
        let error = load_config(&path).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        let place = path.display();
        assert_eq!(lines.len(), 5, "{error}");
        assert!(lines[0].starts_with(&format!("{place}: identity: missing")), "{error}");
        assert!(lines[3].starts_with(&format!("{place}:2: listen.port: unknown key")), "{error}");
        assert!(lines[4].contains("session.keys[0]: file \"session.key\" does not exist"), "{error}");
    }

    #[test]
    fn the_fingerprint_follows_the_file_and_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        let fingerprint = || Snapshot::read(&path).fingerprint();
        let missing = fingerprint();
        fs::write(&path, "[session]\nkeys = [{ file = \"session.key\" }]\n").unwrap();
        let without_secret = fingerprint();
        fs::write(folder.path().join("session.key"), "a").unwrap();
        let with_secret = fingerprint();
        assert!(missing != without_secret && without_secret != with_secret);
        assert!(with_secret == fingerprint());
    }

    #[test]
    fn the_folders_of_the_file_and_of_its_secrets_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        fs::write(&path, "[session]\nkeys = [{ file = \"session.key\" }, { file = \"/run/keys/other.key\" }]\n")
            .unwrap();
        let folders = Snapshot::read(&path).folders().clone();
        assert_eq!(folders, BTreeSet::from([folder.path().to_owned(), PathBuf::from("/run/keys")]));
        assert_eq!(folder_of(Path::new("gateway.toml")), Path::new("."));
    }
}
