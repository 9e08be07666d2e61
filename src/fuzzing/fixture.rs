//! The gateway that the properties are held against: one configuration, one moment.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    config::{Config, Draft, SecretSource, SecretValues, Site},
    identity::{OidcSettings, Source},
    secret::Secret,
    time::UnixSeconds,
};

/// The moment of every reading.
pub(super) const NOW: UnixSeconds = UnixSeconds(1_700_000_000);

/// The configuration.
pub(super) static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let draft = Draft::parse(include_str!("gateway.toml"));
    let secrets = secrets(draft.secret_sources());
    draft.check(&secrets).expect("the file is right, as every replay proves").0
});

/// A value for each source that a configuration names: a session key for a file whose name says so.
pub(super) fn secrets(sources: Vec<SecretSource>) -> SecretValues {
    let value = |source: &SecretSource| match source {
        SecretSource::File(name) if name.ends_with(".key") => Ok(Secret::new(session_key())),
        SecretSource::File(_) | SecretSource::Env(_) => Ok(Secret::new(PLAIN_SECRET.to_owned())),
        SecretSource::Certificates(_) | SecretSource::Words(_) | SecretSource::Picture(_) => {
            Err("does not exist".to_owned())
        }
    };
    let mut values: SecretValues = sources.into_iter().map(|source| (source.clone(), value(&source))).collect();
    values.note_time(NOW);
    values
}

/// What every secret but the session keys is.
pub(super) const PLAIN_SECRET: &str = "s3cret-of-a-property";

/// Nobody's key: made of a word.
pub(super) fn session_key() -> String {
    STANDARD.encode(digest(&SHA256, b"fuzzing"))
}

/// The first site, whose application reads paths as they stand.
pub(super) fn plain_site() -> &'static Arc<Site> {
    CONFIG.sites.first().expect("the configuration has sites")
}

/// The second site, whose application runs on Windows.
pub(super) fn windows_site() -> &'static Arc<Site> {
    CONFIG.sites.last().expect("the configuration has sites")
}

/// The settings of the only provider.
pub(super) fn provider() -> &'static OidcSettings {
    CONFIG.providers.values().find_map(oidc).expect("the configuration has a provider")
}

const fn oidc(source: &Source) -> Option<&OidcSettings> {
    match source {
        Source::Oidc(settings) => Some(settings),
        Source::Assertion(_) => None,
    }
}

/// The bytes before the first line end, and those behind it.
pub(super) fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', data) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}
