//! Certificates, their keys and CAs, as several tables name them.

use std::fmt;

use super::{check::Check, times};
use crate::{
    config::file::{Node, certificate_source},
    limits::CERTIFICATE_END_WARNING,
    tls::{CertificateChain, ChainError, TlsIdentity, TrustedRoots},
};

/// A certificate chain and its key, under these names; whoever it is shown to, says how it is read.
pub(in crate::config) fn identity(
    table: &Node,
    names: (&str, &str),
    parse: impl FnOnce(&str) -> Result<CertificateChain, ChainError>,
    check: &mut Check<'_>,
) -> Option<TlsIdentity> {
    let chain = table.child(names.0).and_then(|node| chain(node, parse, check));
    let node = table.child(names.1)?;
    let key = check.secret_text(node);
    let name = table.child(names.0)?.as_text()?;
    match TlsIdentity::new(name, chain?, key?.expose()) {
        Ok(identity) => Some(identity),
        Err(error) => check.refuse(node, error.to_string(), "write the key that belongs to the certificate beside it"),
    }
}

fn chain(
    node: &Node,
    parse: impl FnOnce(&str) -> Result<CertificateChain, ChainError>,
    check: &mut Check<'_>,
) -> Option<CertificateChain> {
    let now = check.secrets.read_at();
    let dated = |chain: CertificateChain| now.map_or(Ok(()), |now| chain.check_dates(now)).map(|()| chain);
    let fix = "put a certificate chain in PEM form there: the gateway's own certificate first";
    let chain = read(node, |pem| parse(pem).and_then(dated), fix, check)?;
    warn_of_end(node, &chain, check);
    Some(chain)
}

/// Whoever renews certificates has stopped, or has never begun.
fn warn_of_end(node: &Node, chain: &CertificateChain, check: &mut Check<'_>) {
    let left = check.secrets.read_at().map(|now| now.until(chain.not_after()));
    if let (Some(source), true) = (certificate_source(node), left.is_some_and(|left| left < CERTIFICATE_END_WARNING)) {
        let end = times::text(chain.not_after());
        check.warn(node, format!("{source}: its first certificate ends at {end}: put a renewed one there"));
    }
}

/// Reads the CAs of a key that need not be there; the outer `None` says that they are wrong.
pub(in crate::config) fn roots(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<TrustedRoots>> {
    table.optional(name, |node| read(node, TrustedRoots::parse, "put the CA's certificate in PEM form there", check))
}

/// Reads a file of certificates.
pub(in crate::config) fn read<T, E: fmt::Display>(
    node: &Node,
    parse: impl FnOnce(&str) -> Result<T, E>,
    fix: &str,
    check: &mut Check<'_>,
) -> Option<T> {
    let source = certificate_source(node)?;
    let pem = check.held(node, &source, "put certificates in PEM form there, readable by the gateway")?;
    match parse(pem.expose()) {
        Ok(value) => Some(value),
        Err(error) => check.refuse(node, format!("{source}: {error}"), fix),
    }
}
