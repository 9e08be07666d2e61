//! Certificates and keys as checked values: PEM text in, what a TLS connection is made of out. Pure; who connects is
//! `listen` and `connect`.

mod chain;
mod fault;
mod identity;
mod pinned;
mod roots;
mod upstream;
mod x509;

#[cfg(test)]
pub(crate) mod testing;

pub(crate) use chain::{CertificateChain, ChainError};
pub(crate) use fault::TlsFault;
pub(crate) use identity::TlsIdentity;
pub(crate) use pinned::PinnedCertificates;
pub(crate) use roots::TrustedRoots;
pub(crate) use upstream::{Trust, UpstreamTls};
