//! `[listen] tls`, the CAs that sites and identity sources name, and what is between the gateway and an upstream.

use super::{
    SecretSource,
    check::{Check, host_of},
    raw::Node,
    times,
    walk::certificate_source,
};
use crate::{
    limits::CERTIFICATE_END_WARNING,
    request::HostName,
    secret::Secret,
    tls::{CertificateChain, PinnedCertificates, TlsIdentity, Trust, TrustedRoots, UpstreamTls},
};

/// Reads `listen.tls`: each certificate with its key, in the order of the file; none where TLS ends elsewhere.
pub(super) fn identities(listen: &Node, check: &mut Check<'_>) -> Option<Vec<TlsIdentity>> {
    let tables = listen.child("tls").map(Node::items).unwrap_or_default();
    let read: Vec<_> = tables.iter().map(|table| identity(table, check)).collect();
    read.into_iter().collect()
}

fn identity(table: &Node, check: &mut Check<'_>) -> Option<TlsIdentity> {
    identity_of(table, ("certificate", "private_key"), check)
}

/// A certificate chain and its key, under these names.
fn identity_of(table: &Node, names: (&str, &str), check: &mut Check<'_>) -> Option<TlsIdentity> {
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
pub(super) fn roots(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<TrustedRoots>> {
    let Some(node) = table.child(name) else { return Some(None) };
    let (source, pem) = certificates(node, check)?;
    match TrustedRoots::parse(pem.expose()) {
        Ok(roots) => Some(Some(roots)),
        Err(error) => check.refuse(node, format!("{source}: {error}"), "put the CA's certificate in PEM form there"),
    }
}

/// The keys of an upstream's TLS.
pub(super) const UPSTREAM_KEYS: &[&str] =
    &["upstream_ca", "upstream_certificate", "upstream_client_certificate", "upstream_client_key"];

/// Reads whom to believe that it is an upstream, and what the gateway shows there.
pub(super) fn upstream(table: &Node, check: &mut Check<'_>) -> Option<UpstreamTls> {
    let (roots, pinned) = (roots(table, "upstream_ca", check), pinned(table, check));
    let client = client(table, check);
    let trust = match (roots?, pinned?) {
        (None, None) => Trust::System,
        (Some(roots), None) => Trust::Roots(roots),
        (None, Some(pinned)) => Trust::Pinned(pinned),
        (Some(_), Some(_)) => {
            let node = table.child("upstream_certificate")?;
            return check.refuse(
                node,
                "upstream_ca is beside it, and only one of them decides",
                "remove one of the two",
            );
        }
    };
    Some(UpstreamTls { trust, client: client? })
}

fn pinned(table: &Node, check: &mut Check<'_>) -> Option<Option<PinnedCertificates>> {
    let Some(node) = table.child("upstream_certificate") else { return Some(None) };
    let (source, pem) = certificates(node, check)?;
    match PinnedCertificates::parse(pem.expose()) {
        Ok(pinned) => Some(Some(pinned)),
        Err(error) => {
            let fix = "put the upstream's own certificate in PEM form there";
            check.refuse(node, format!("{source}: {error}"), fix)
        }
    }
}

fn client(table: &Node, check: &mut Check<'_>) -> Option<Option<TlsIdentity>> {
    let names = ("upstream_client_certificate", "upstream_client_key");
    match (table.child(names.0), table.child(names.1)) {
        (None, None) => Some(None),
        (Some(_), Some(_)) => identity_of(table, names, check).map(Some),
        (Some(_), None) => {
            let fix = r#"write upstream_client_key = { file = "client.key" }"#.to_owned();
            check.refuse_missing(table, names.1, "the certificate has a key", fix)
        }
        (None, Some(_)) => {
            let fix = r#"write upstream_client_certificate = "client.pem""#.to_owned();
            check.refuse_missing(table, names.0, "the key has a certificate", fix)
        }
    }
}

/// A browser that asks for such a site gets another name's certificate.
pub(super) fn warn_of_uncovered_sites(root: &Node, identities: &[TlsIdentity], check: &mut Check<'_>) {
    let sites = root.child("site").map(Node::items).unwrap_or_default();
    for node in sites.iter().filter_map(|site| site.child("url")) {
        let url = node.as_text().and_then(|text| url::Url::parse(text).ok());
        let Some(host) = url.as_ref().and_then(host_of) else { continue };
        warn_of_uncovered(node, &host, identities, check);
    }
    for (item, text) in sites.iter().filter_map(|site| site.child("aliases")).flat_map(Node::texts) {
        let Ok(host) = HostName::parse(text) else { continue };
        warn_of_uncovered(item, &host, identities, check);
    }
}

fn warn_of_uncovered(node: &Node, host: &HostName, identities: &[TlsIdentity], check: &mut Check<'_>) {
    let bare = host.as_str().trim_matches(['[', ']']);
    if !identities.is_empty() && !identities.iter().any(|identity| identity.covers(bare)) {
        check.warn(node, format!("no certificate of listen.tls is for {bare:?}: browsers will refuse it"));
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
