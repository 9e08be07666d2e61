//! What is wrong where a TLS handshake with a host application or a provider fails, in the words of whoever can mend it.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a handshake failed; the library's own words are beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsFault {
    #[error(
        "its certificate is of a CA that is not trusted here (`ca`, `upstream_ca`), or it does not send the certificates between the two"
    )]
    UnknownCa,
    #[error("this machine trusts no CA at all: install its CAs (ca-certificates), or name one (`ca`, `upstream_ca`)")]
    NoCas,
    #[error(
        "a signature does not hold: its CA has the name of a trusted one and another key (`ca`, `upstream_ca`), or its key is none \
         that is taken (RSA of less than 2048 bits)"
    )]
    Signature,
    #[error("its certificate is that of a CA, which stands for no server (`upstream_certificate` pins it)")]
    OfCa,
    #[error("its certificate has expired")]
    Expired,
    #[error("its certificate is not valid yet")]
    NotYetValid,
    #[error("its certificate is for other names")]
    Name,
    #[error("its certificate names no host as subjectAltName, and its CN is none (`upstream_certificate` pins it)")]
    NoName,
    #[error("its certificate is not one of those that are pinned (`upstream_certificate`)")]
    NotPinned,
    #[error("its certificate is not taken (`upstream_certificate` pins it)")]
    Certificate,
    #[error("it speaks neither TLS 1.2 nor 1.3, and older versions are not spoken")]
    Version,
    #[error(
        "no cipher suite in common (of TLS 1.2 only ECDHE with AES-GCM or ChaCha20-Poly1305 is spoken), or it wants a client \
         certificate (`upstream_client_certificate`)"
    )]
    Cipher,
    #[error(
        "it wants a client certificate (`upstream_client_certificate`), or asks for one in the middle of a connection, which is not \
         spoken: it has to ask where the connection begins"
    )]
    Renegotiation,
    #[error("it wants another client certificate (`upstream_client_certificate`)")]
    Client,
    #[error("it has no certificate for the name that it is asked for, which is the upstream's (an address is none)")]
    Unnamed,
    #[error("it does not speak TLS")]
    NotTls,
    #[error("it ended the handshake")]
    Other,
}

impl TlsFault {
    /// Reads it off a failed handshake.
    #[must_use]
    pub(crate) fn of(error: &io::Error) -> Self {
        library(error).map_or(Self::Other, of_library)
    }

    /// Reads it off a stream that broke behind the handshake; none where TLS has nothing to do with that.
    #[must_use]
    pub(crate) fn of_stream(error: &io::Error) -> Option<Self> {
        // The cipher suite has been agreed on.
        library(error).map(of_library).map(|fault| if fault == Self::Cipher { Self::Renegotiation } else { fault })
    }
}

fn library(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|cause| cause.downcast_ref())
}

fn of_library(error: &Error) -> TlsFault {
    if let Error::InvalidCertificate(error) = error {
        return of_certificate(error);
    }
    if let Error::AlertReceived(alert) = error {
        return of_alert(*alert);
    }
    if let Error::PeerIncompatible(what) = error {
        // What the library says of versions has the word in it.
        return if format!("{what:?}").contains("Version") { TlsFault::Version } else { TlsFault::Cipher };
    }
    if matches!(error, Error::InvalidMessage(_)) { TlsFault::NotTls } else { TlsFault::Other }
}

fn of_alert(alert: AlertDescription) -> TlsFault {
    use AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateRevoked, CertificateUnknown,
        DecryptError, HandshakeFailure, InsufficientSecurity, ProtocolVersion, UnknownCA, UnrecognisedName,
        UnsupportedCertificate,
    };
    let of_client = [
        AccessDenied,
        BadCertificate,
        CertificateExpired,
        CertificateRequired,
        CertificateRevoked,
        CertificateUnknown,
        DecryptError,
        UnknownCA,
        UnsupportedCertificate,
    ];
    if alert == ProtocolVersion {
        TlsFault::Version
    } else if [HandshakeFailure, InsufficientSecurity].contains(&alert) {
        TlsFault::Cipher
    } else if of_client.contains(&alert) {
        TlsFault::Client
    } else if alert == UnrecognisedName {
        TlsFault::Unnamed
    } else {
        TlsFault::Other
    }
}

fn of_certificate(error: &CertificateError) -> TlsFault {
    use CertificateError as Of;
    // What the verifier says of a CA has no variant of its own.
    let is_ca = matches!(error, Of::Other(other) if other.to_string().contains("CaUsedAsEndEntity"));
    let is_nobodys = matches!(error, Of::NotValidForNameContext { presented, .. } if presented.is_empty());
    let known = [
        (is_nobodys, TlsFault::NoName),
        (matches!(error, Of::UnknownIssuer), TlsFault::UnknownCa),
        (matches!(error, Of::BadSignature), TlsFault::Signature),
        (is_ca, TlsFault::OfCa),
        (matches!(error, Of::Expired | Of::ExpiredContext { .. }), TlsFault::Expired),
        (matches!(error, Of::NotValidYet | Of::NotValidYetContext { .. }), TlsFault::NotYetValid),
        (matches!(error, Of::NotValidForName | Of::NotValidForNameContext { .. }), TlsFault::Name),
        (matches!(error, Of::ApplicationVerificationFailure), TlsFault::NotPinned),
    ];
    known.iter().find(|(is_it, _)| *is_it).map_or(TlsFault::Certificate, |(_, fault)| *fault)
}

#[cfg(test)]
mod tests {
    use rustls::{InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn what_the_library_says_is_told_in_the_words_of_whoever_can_mend_it() {
        let of = |error| TlsFault::of(&io::Error::other(error));
        for (error, fault) in [
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), TlsFault::UnknownCa),
            (Error::InvalidCertificate(CertificateError::BadSignature), TlsFault::Signature),
            (Error::InvalidCertificate(CertificateError::Expired), TlsFault::Expired),
            (Error::InvalidCertificate(CertificateError::NotValidYet), TlsFault::NotYetValid),
            (Error::InvalidCertificate(CertificateError::NotValidForName), TlsFault::Name),
            (Error::InvalidCertificate(not_for(&["other.internal"])), TlsFault::Name),
            (Error::InvalidCertificate(not_for(&[])), TlsFault::NoName),
            (Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure), TlsFault::NotPinned),
            (Error::InvalidCertificate(CertificateError::BadEncoding), TlsFault::Certificate),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), TlsFault::Version),
            (Error::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig), TlsFault::Version),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), TlsFault::Cipher),
            (Error::AlertReceived(AlertDescription::CertificateRequired), TlsFault::Client),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), TlsFault::NotTls),
            (Error::AlertReceived(AlertDescription::UnrecognisedName), TlsFault::Unnamed),
            (Error::AlertReceived(AlertDescription::InternalError), TlsFault::Other),
        ] {
            let text = error.to_string();
            assert_eq!(of(error), fault, "{text}");
        }
        assert_eq!(TlsFault::of(&io::ErrorKind::UnexpectedEof.into()), TlsFault::Other);
        let behind = |alert| TlsFault::of_stream(&io::Error::other(Error::AlertReceived(alert)));
        assert_eq!(behind(AlertDescription::HandshakeFailure), Some(TlsFault::Renegotiation));
        assert_eq!(behind(AlertDescription::CertificateRequired), Some(TlsFault::Client));
    }

    fn not_for(presented: &[&str]) -> CertificateError {
        let expected = rustls::pki_types::ServerName::try_from("app.internal").unwrap();
        let presented = presented.iter().map(|name| (*name).to_owned()).collect();
        CertificateError::NotValidForNameContext { expected, presented }
    }
}
