//! What a certificate says of itself, without a verdict on it: its key and its dates.
//!
//! Readers of CAs refuse whatever else may not be there: version 1, as `openssl x509 -req` makes it, and critical extensions that they do
//! not know. To a certificate that is known byte for byte, or that a server is shown, that does not matter.

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use crate::time::UnixSeconds;

/// The part that is read (RFC 5280 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CertificateWords<'c> {
    key_info: &'c [u8],
    /// The second from which on it is good, and the last one.
    pub(super) dates: (UnixSeconds, UnixSeconds),
}

impl<'c> CertificateWords<'c> {
    /// Reads them; none where it is no certificate.
    #[must_use]
    pub(super) fn of(certificate: &'c CertificateDer<'_>) -> Option<Self> {
        let (whole, _) = element(certificate.as_ref(), SEQUENCE)?;
        let (signed, _) = element(whole, SEQUENCE)?;
        let (_, rest) = element(signed, VERSION).unwrap_or((signed, signed));
        let (_serial, rest) = element(rest, INTEGER)?;
        let (_algorithm, rest) = element(rest, SEQUENCE)?;
        let (_issuer, rest) = element(rest, SEQUENCE)?;
        let (dates, rest) = element(rest, SEQUENCE)?;
        let (_subject, key_info) = element(rest, SEQUENCE)?;
        let (_, behind) = element(key_info, SEQUENCE)?;
        let (not_before, dates) = date(dates)?;
        let (not_after, _) = date(dates)?;
        let key_info = &key_info[..key_info.len() - behind.len()];
        Some(Self { key_info, dates: (not_before, not_after) })
    }

    /// Its key, with what kind of key that is.
    #[must_use]
    pub(super) fn key_info(&self) -> SubjectPublicKeyInfoDer<'c> {
        SubjectPublicKeyInfoDer::from(self.key_info)
    }

    /// The same in parts: what kind of key, and the key.
    #[must_use]
    pub(super) fn key(&self) -> Option<(&'c [u8], &'c [u8])> {
        let (parts, _) = element(self.key_info, SEQUENCE)?;
        let (kind, rest) = element(parts, SEQUENCE)?;
        let (bits, _) = element(rest, BIT_STRING)?;
        // A key has whole bytes.
        Some((kind, bits.strip_prefix(&[0])?))
    }
}

/// One element of DER (X.690 8.1): what it holds, and what stands behind it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = bytes else { return None };
    if *found != tag {
        return None;
    }
    let (length, rest) = if *length < LONG_LENGTH {
        (usize::from(*length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(*length - LONG_LENGTH))?;
        let is_plausible = (1..=LENGTH_DIGITS).contains(&digits.len());
        let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        (is_plausible.then_some(length)?, rest)
    };
    rest.split_at_checked(length)
}

/// A date (RFC 5280 4.1.2.5), and what stands behind it.
fn date(bytes: &[u8]) -> Option<(UnixSeconds, &[u8])> {
    let (text, century, rest) = if let Some((text, rest)) = element(bytes, UTC_TIME) {
        let century = if number(text.get(..2)?)? < 50 { 2_000 } else { 1_900 };
        (text, century, rest)
    } else {
        let (text, rest) = element(bytes, GENERALIZED_TIME)?;
        let (century, text) = text.split_at_checked(2)?;
        (text, number(century)? * 100, rest)
    };
    let [digits @ .., b'Z'] = text else { return None };
    let parts: Vec<u64> = digits.chunks(2).map(number).collect::<Option<_>>()?;
    let [year, month, day, hour, minute, second] = parts[..] else { return None };
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let days = days_since_1970(century + year, month, day);
    is_date.then_some((UnixSeconds(days * 86_400 + hour * 3_600 + minute * 60 + second), rest))
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = digits.len() == 2 && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// Days of the Gregorian calendar, with years that begin in March; before 1970 there are none.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year.saturating_sub(1) };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.saturating_sub(719_468)
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// A length from here on says how many digits it has.
const LONG_LENGTH: u8 = 0x80;
/// Those of a length of 16 MiB: more than any file of certificates has.
const LENGTH_DIGITS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{
        chain::certificates_of,
        testing::{Authority, NOT_AFTER, NOT_BEFORE, VERSION_1},
    };

    #[test]
    fn key_and_dates_are_those_of_the_certificate() {
        let leaf = Authority::new().leaf(&["a.example"]);
        let certificate = certificates_of(&leaf.certificate).unwrap().remove(0);
        let words = CertificateWords::of(&certificate).unwrap();
        assert_eq!(words.dates, (UnixSeconds(NOT_BEFORE), UnixSeconds(NOT_AFTER)));
        let parsed = rustls::server::ParsedCertificate::try_from(&certificate).unwrap();
        assert_eq!(words.key_info(), parsed.subject_public_key_info());
        let (kind, key) = words.key().unwrap();
        assert!(words.key_info().windows(kind.len()).any(|part| part == kind));
        assert!(words.key_info().ends_with(key));
    }

    #[test]
    fn a_certificate_of_version_1_has_them_too() {
        let certificate = certificates_of(VERSION_1.0).unwrap().remove(0);
        assert!(rustls::server::ParsedCertificate::try_from(&certificate).is_err(), "a reader of CAs takes it");
        let words = CertificateWords::of(&certificate).unwrap();
        assert_eq!(words.dates, (UnixSeconds(1_704_067_200), UnixSeconds(4_859_740_799)));
    }

    #[test]
    fn what_is_no_certificate_has_none() {
        let leaf = Authority::new().leaf(&["a.example"]);
        let whole = certificates_of(&leaf.certificate).unwrap().remove(0);
        for end in 0..whole.len() {
            // Cut anywhere, the outermost length does not fit.
            assert_eq!(CertificateWords::of(&CertificateDer::from(&whole[..end])), None, "{end}");
        }
        for bytes in [&b"\x30\x80\x30\x80"[..], b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x03\x30\x01\xa0"] {
            assert_eq!(CertificateWords::of(&CertificateDer::from(bytes)), None);
        }
    }

    #[test]
    fn dates_are_counted_as_the_calendar_has_them() {
        let of = |tag: u8, text: &str| {
            let bytes = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            date(&bytes).map(|(at, _)| at.0)
        };
        assert_eq!(of(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(of(UTC_TIME, "000229235959Z"), Some(951_868_799));
        assert_eq!(of(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(of(UTC_TIME, "500101000000Z"), Some(0), "1950");
        assert_eq!(of(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        for text in ["000229235959", "0002292359Z", "001329000000Z", "00022900000aZ", "+00229000000Z"] {
            assert_eq!(of(UTC_TIME, text), None, "{text}");
        }
    }
}
