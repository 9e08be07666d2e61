//! Certificates, their keys and CAs, as several tables name them.

use super::{check::Check, times};
use crate::{
    config::{
        SecretSource,
        file::{Node, certificate_source},
    },
    limits::CERTIFICATE_END_WARNING,
    secret::Secret,
    tls::{CertificateChain, TlsIdentity, TrustedRoots},
};

/// A certificate chain and its key, under these names.
pub(in crate::config) fn identity(table: &Node, names: (&str, &str), check: &mut Check<'_>) -> Option<TlsIdentity> {
    let chain = table.child(names.0).and_then(|node| chain(node, check));
    let node = table.child(names.1)?;
    let key = check.secret_text(node);
    let name = table.child(names.0)?.as_text()?;
    match TlsIdentity::new(name, chain?, key?.expose()) {
        Ok(identity) => Some(identity),
        Err(error) => check.refuse(node, error.to_string(), "write the key that belongs to the certificate beside it"),
    }
}

fn chain(node: &Node, check: &mut Check<'_>) -> Option<CertificateChain> {
    let (source, pem) = certificates(node, check)?;
    let now = check.secrets.read_at();
    let dated = |chain: CertificateChain| now.map_or(Ok(()), |now| chain.check_dates(now)).map(|()| chain);
    match CertificateChain::parse(pem.expose()).and_then(dated) {
        Ok(chain) => {
            warn_of_end(node, &source, &chain, check);
            Some(chain)
        }
        Err(error) => {
            let fix = "put a certificate chain in PEM form there: the gateway's own certificate first";
            check.refuse(node, format!("{source}: {error}"), fix)
        }
    }
}

/// Whoever renews certificates has stopped, or has never begun.
fn warn_of_end(node: &Node, source: &SecretSource, chain: &CertificateChain, check: &mut Check<'_>) {
    let left = check.secrets.read_at().map(|now| now.until(chain.not_after()));
    if left.is_some_and(|left| left < CERTIFICATE_END_WARNING) {
        let end = times::text(chain.not_after());
        check.warn(node, format!("{source}: its first certificate ends at {end}: put a renewed one there"));
    }
}

/// Reads the CAs of a key that need not be there; the outer `None` says that they are wrong.
pub(in crate::config) fn roots(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<TrustedRoots>> {
    let Some(node) = table.child(name) else { return Some(None) };
    let (source, pem) = certificates(node, check)?;
    match TrustedRoots::parse(pem.expose()) {
        Ok(roots) => Some(Some(roots)),
        Err(error) => check.refuse(node, format!("{source}: {error}"), "put the CA's certificate in PEM form there"),
    }
}

/// What a file of certificates holds.
pub(in crate::config) fn certificates(node: &Node, check: &mut Check<'_>) -> Option<(SecretSource, Secret)> {
    let source = certificate_source(node)?;
    match check.secrets.get(&source) {
        Ok(pem) => Some((source, pem.clone())),
        Err(why) => {
            let found = format!("{source} {why}");
            check.refuse(node, found, "put certificates in PEM form there, readable by the gateway")
        }
    }
}
