//! RSA keys whose primes come out of one flawed library (CVE-2017-15361, "ROCA"): who has the public key can factor it.
//!
//! In: a modulus, big-endian. Its primes have the form `k · M + (65537^a mod M)`, where `M` is the product of small primes; so
//! modulo each of those, the modulus is a power of 65537. A sound modulus is that for all of them with a chance below 2^-27.

/// Whether the modulus has the form.
pub(super) fn is_roca(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| is_power_of_65537(remainder(modulus, prime), prime))
}

/// The primes that the published test looks at, but for 2, modulo which every odd number is 1.
const PRIMES: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

fn remainder(number: &[u8], divisor: u64) -> u64 {
    number.iter().fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % divisor)
}

fn is_power_of_65537(number: u64, prime: u64) -> bool {
    let mut power = 1;
    for _ in 1..prime {
        if power == number {
            return true;
        }
        power = power * 65_537 % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::identity::testing::{ROCA, TestKey};

    /// From the test data of the authors' `roca-detect`.
    const PUBLISHED: [&str; 3] = [
        "lE4TIIooDDfvwxwxFEheWQGSrbuOEch8rWDN7wA3zpkngzDT9HGiU4-mZ4Au0qPESot96oJuiI0Ko0H9Zk9_pw",
        "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE",
        "AlkntSul5oyMkmi7khjzdnNhTKZUGPR0WxQ81O5T-Ukcmg4cLyOpUWMGr_vzhme4cbwMyC5g9bsan6FaVnGnZcnyG5WH2AEVlkNyo4PIg7Dcv2x3VwazHq_z4_1IhVmgjN6iD5qXxMWba4qO7KRX1Kgg1JUJ91kzYwK8oaNpCwgJGBH4WPLozqWmI1WtbgQdGTXtpZKJtZdoO3PiZXrnS__HYOTVE8yH25NVkY6qCNOYu-X2g13IcSUhG5s2s6C8cLmTpss_fSy0Bh3nPblyyUKt-ZVbb-TNkPANCIrsBK8fXv-R8hr17URhfH24CT-VNm2yZYDErzmd65T5sUEwW-E",
    ];

    #[test]
    fn published_moduli_have_the_form_and_those_of_sound_libraries_have_not() {
        for modulus in PUBLISHED.into_iter().chain([ROCA]) {
            let mut modulus = URL_SAFE_NO_PAD.decode(modulus).unwrap();
            assert!(is_roca(&modulus), "{modulus:02x?}");
            *modulus.last_mut().unwrap() ^= 4;
            assert!(!is_roca(&modulus), "{modulus:02x?}");
        }
        for _ in 0..2 {
            let key = TestKey::rsa().jwk("k");
            assert!(!is_roca(&URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap()), "{key}");
        }
    }
}
