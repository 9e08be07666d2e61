//! Certificates and keys as checked values: PEM text in, what a TLS connection is made of out. Pure; who connects is
//! `listen` and `connect`.

mod chain;
mod identity;
mod roots;

#[cfg(test)]
pub(crate) mod testing;

pub(crate) use chain::CertificateChain;
pub(crate) use identity::TlsIdentity;
pub(crate) use roots::TrustedRoots;
