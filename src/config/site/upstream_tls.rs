//! What is between the gateway and an upstream: whom to believe that it is one, and what the gateway shows there.

use crate::{
    config::{
        file::Node,
        reading::{Check, certificates},
    },
    tls::{CertificateChain, PinnedCertificates, TlsIdentity, Trust, UpstreamTls},
};

/// The keys of an upstream's TLS.
pub(super) const UPSTREAM_KEYS: &[&str] =
    &["upstream_ca", "upstream_certificate", "upstream_client_certificate", "upstream_client_key"];

/// Reads whom to believe that it is an upstream, and what the gateway shows there.
pub(super) fn upstream(table: &Node, check: &mut Check<'_>) -> Option<UpstreamTls> {
    let roots = certificates::roots(table, "upstream_ca", check);
    let fix = "put the upstream's own certificate in PEM form there";
    let pinned =
        table.optional("upstream_certificate", |node| certificates::read(node, PinnedCertificates::parse, fix, check));
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

fn client(table: &Node, check: &mut Check<'_>) -> Option<Option<TlsIdentity>> {
    let names = ("upstream_client_certificate", "upstream_client_key");
    match (table.child(names.0), table.child(names.1)) {
        (None, None) => Some(None),
        (Some(_), Some(_)) => certificates::identity(table, names, CertificateChain::of_client, check).map(Some),
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
