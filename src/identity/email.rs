//! E-mail addresses: exactly one `@`, a domain that somebody may vouch for.

/// An address that is well-formed and that its source may vouch for; the spelling of the source is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct EmailAddress(String);

/// A mail domain in lower-case ASCII, compared whole (no suffix match).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EmailDomain(String);

/// What is wrong with an address or a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EmailError {
    /// Not one plain `local@domain`.
    #[error("e-mail address is malformed")]
    Malformed,
    /// The domain is not among those of the source.
    #[error("e-mail domain is not one that this source may vouch for")]
    Domain,
    /// A guest's name in a directory of Entra: what is behind its `@` is the host's domain, not the guest's.
    #[error("a guest's name (#EXT#) is no address of the domain behind its @")]
    Guest,
}

impl EmailAddress {
    /// Parses an address and checks its domain.
    ///
    /// Quoted local parts, comments, address literals and non-ASCII are refused: Sigma takes the text as an identity,
    /// and what two programs read differently is none.
    ///
    /// # Errors
    /// See [`EmailError`].
    pub(crate) fn parse(text: &str, domains: &[EmailDomain]) -> Result<Self, EmailError> {
        let (local, domain) = text.split_once('@').ok_or(EmailError::Malformed)?;
        if text.len() > ADDRESS_BYTES_MAX || !is_dot_atom(local) {
            return Err(EmailError::Malformed);
        }
        let domain = EmailDomain::parse(domain)?;
        if is_guest(local) {
            return Err(EmailError::Guest);
        }
        if !domains.contains(&domain) {
            return Err(EmailError::Domain);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a text is an address of any domain: nothing else is worth a line in a log.
    #[must_use]
    pub(crate) fn is_well_formed(text: &str) -> bool {
        let is_of_a_domain = |domain: &str| EmailDomain::parse(domain).is_ok();
        text.len() <= ADDRESS_BYTES_MAX
            && text.split_once('@').is_some_and(|(local, domain)| is_dot_atom(local) && is_of_a_domain(domain))
    }

    /// The address as the source spelled it.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailDomain {
    /// Parses a domain: of the configuration, or what follows the `@` of an address.
    ///
    /// # Errors
    /// For anything that is not a DNS name of at least two labels in ASCII.
    pub(crate) fn parse(text: &str) -> Result<Self, EmailError> {
        let labels: Vec<&str> = text.split('.').collect();
        let is_name = text.len() <= DOMAIN_BYTES_MAX && labels.len() >= 2 && labels.iter().all(|label| is_label(label));
        // A last label of digits only is an IP address.
        let is_numeric = labels.last().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
        if is_name && !is_numeric { Ok(Self(text.to_ascii_lowercase())) } else { Err(EmailError::Malformed) }
    }

    /// The domain in lower case.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 5321 4.5.3.1: 64 octets of local part; 254 of the whole follow from the 256 of a path.
pub(super) const ADDRESS_BYTES_MAX: usize = 254;
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;

/// RFC 5322 3.2.3 `dot-atom-text`.
fn is_dot_atom(local: &str) -> bool {
    local.len() <= LOCAL_BYTES_MAX
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        })
}

/// `ana_gmail.com#EXT#@example.com`: a user principal name of somebody from elsewhere.
fn is_guest(local: &str) -> bool {
    local.to_ascii_uppercase().contains("#EXT#")
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EmailAddress, EmailError> {
        EmailAddress::parse(text, &[EmailDomain::parse("example.com").unwrap()])
    }

    #[test]
    fn an_address_of_the_domain_keeps_its_spelling() {
        for text in ["ann@example.com", "Ann.O'Hara+crm@Example.COM", "a_b-c@example.com"] {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn another_domain_a_subdomain_and_a_suffix_are_not_vouched_for() {
        for text in ["ann@example.org", "ann@sub.example.com", "ann@notexample.com", "ann@example.com.evil.test"] {
            assert_eq!(parse(text), Err(EmailError::Domain), "{text}");
        }
    }

    #[test]
    fn a_guests_name_is_no_address_of_the_hosts_domain() {
        for text in ["ana_gmail.com#EXT#@example.com", "ana_gmail.com#ext#@Example.com", "#EXT#@example.com"] {
            assert_eq!(parse(text), Err(EmailError::Guest), "{text}");
        }
        assert!(parse("ana#ext@example.com").is_ok());
    }

    #[test]
    fn what_is_not_one_plain_address_is_malformed() {
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "a@evil.test@example.com",
            "ann@example.com\n",
            " ann@example.com",
            "Ann@example.com ",
            "ann @example.com",
            "\"ann\"@example.com",
            "ann@[10.0.0.1]",
            "ann@10.0.0.1",
            "ann@example",
            "ann@example.com.",
            "ann@-example.com",
            ".ann@example.com",
            "an..n@example.com",
            "аnn@example.com",
            "ann@exаmple.com",
            "ann@example.com\0",
            "Ann <ann@example.com>",
        ] {
            assert_eq!(parse(text), Err(EmailError::Malformed), "{text:?}");
        }
        assert_eq!(parse(&format!("{}@example.com", "a".repeat(65))), Err(EmailError::Malformed));
        assert_eq!(parse(&format!("a@{}example.com", "a.".repeat(130))), Err(EmailError::Malformed));
    }
}
