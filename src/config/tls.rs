//! `[listen] tls`, and the CAs that sites and identity sources name.

use super::{
    SecretSource,
    check::{Check, host_of},
    raw::Node,
    times,
    walk::certificate_source,
};
use crate::{
    limits::CERTIFICATE_END_WARNING,
    secret::Secret,
    tls::{CertificateChain, TlsIdentity, TrustedRoots},
};

/// Reads `listen.tls`: each certificate with its key, in the order of the file; none where TLS ends elsewhere.
pub(super) fn identities(listen: &Node, check: &mut Check<'_>) -> Option<Vec<TlsIdentity>> {
    let tables = listen.child("tls").map(Node::items).unwrap_or_default();
    let read: Vec<_> = tables.iter().map(|table| identity(table, check)).collect();
    read.into_iter().collect()
}

fn identity(table: &Node, check: &mut Check<'_>) -> Option<TlsIdentity> {
    let chain = table.child("certificate").and_then(|node| chain(node, check));
    let node = table.child("private_key")?;
    let key = check.secret_text(node);
    let name = table.child("certificate")?.as_text()?;
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
pub(super) fn roots(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<TrustedRoots>> {
    let Some(node) = table.child(name) else { return Some(None) };
    let (source, pem) = certificates(node, check)?;
    match TrustedRoots::parse(pem.expose()) {
        Ok(roots) => Some(Some(roots)),
        Err(error) => check.refuse(node, format!("{source}: {error}"), "put the CA's certificate in PEM form there"),
    }
}

/// A browser that asks for such a site gets another name's certificate.
pub(super) fn warn_of_uncovered_sites(root: &Node, identities: &[TlsIdentity], check: &mut Check<'_>) {
    let sites = root.child("site").map(Node::items).unwrap_or_default();
    for node in sites.iter().filter_map(|site| site.child("url")) {
        let url = node.as_text().and_then(|text| url::Url::parse(text).ok());
        let Some(host) = url.as_ref().and_then(host_of) else { continue };
        let bare = host.as_str().trim_matches(['[', ']']);
        if !identities.is_empty() && !identities.iter().any(|identity| identity.covers(bare)) {
            check.warn(node, format!("no certificate of listen.tls is for {bare:?}: browsers will refuse it"));
        }
    }
}

/// What a file of certificates holds.
fn certificates(node: &Node, check: &mut Check<'_>) -> Option<(SecretSource, Secret)> {
    let source = certificate_source(node)?;
    match check.secrets.get(&source) {
        Ok(pem) => Some((source, pem.clone())),
        Err(why) => {
            let found = format!("{source} {why}");
            check.refuse(node, found, "put certificates in PEM form there, readable by the gateway")
        }
    }
}
