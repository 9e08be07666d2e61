//! `Strict-Transport-Security`: what browsers are told about https for a whole host name (RFC 6797).
//!
//! In: the settings of a site, and the headers of any of its answers, ours or the host application's. Always: never over
//! plain http (7.2), at most one line (6.1), never `includeSubDomains` or `preload` of our own accord.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::STRICT_TRANSPORT_SECURITY};

/// What a site's answers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TransportSecurity {
    /// A plain http site: nothing.
    Never,
    /// An https site that sets nothing: what the host application says.
    Unchanged,
    /// An https site: this, in every answer, whatever the host application says.
    Set(HeaderValue),
}

impl TransportSecurity {
    /// Browsers ask for the host over https only, for this long; zero makes them forget that.
    #[must_use]
    pub(crate) fn max_age(age: Duration) -> Self {
        HeaderValue::from_str(&format!("max-age={}", age.as_secs())).map_or(Self::Unchanged, Self::Set)
    }

    /// Makes the headers of an answer say that.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        match self {
            Self::Never => drop(headers.remove(STRICT_TRANSPORT_SECURITY)),
            Self::Unchanged => {}
            Self::Set(value) => drop(headers.insert(STRICT_TRANSPORT_SECURITY, value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_site_says_its_own_once_and_a_plain_one_nothing() {
        let hour = || TransportSecurity::max_age(Duration::from_secs(3_600));
        let forget = || TransportSecurity::max_age(Duration::ZERO);
        let sent = ["max-age=9; includeSubDomains", "max-age=8"];
        let table = [
            (TransportSecurity::Never, &sent[..0], &[][..]),
            (TransportSecurity::Never, &sent, &[]),
            (TransportSecurity::Unchanged, &sent[..0], &[]),
            (TransportSecurity::Unchanged, &sent, &sent),
            (hour(), &sent[..0], &["max-age=3600"]),
            (hour(), &sent, &["max-age=3600"]),
            (forget(), &sent, &["max-age=0"]),
        ];
        for (rule, sent, said) in table {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(value));
            }
            rule.apply(&mut headers);
            assert_eq!(
                headers.get_all(STRICT_TRANSPORT_SECURITY).iter().collect::<Vec<_>>(),
                said,
                "{rule:?}, {sent:?}"
            );
        }
    }
}
