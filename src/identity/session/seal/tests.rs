//! The cookie opener never opens a changed byte.

use proptest::prelude::*;

use super::*;

fn key(seed: u8) -> SealKey {
    let bytes: Vec<u8> = (0..32u8).map(|i| i.wrapping_mul(i).wrapping_mul(7).wrapping_add(seed) ^ 0xa5).collect();
    SealKey::parse(&Secret::new(STANDARD.encode(bytes))).unwrap()
}

fn keys(seeds: &[u8]) -> SealKeys {
    SealKeys::new(seeds.iter().map(|seed| key(*seed)).collect()).unwrap()
}

fn open(keys: &SealKeys, text: &str) -> Option<Vec<u8>> {
    keys.open(Purpose::Session, "crm.example.com", text).ok().map(|plain| plain.to_vec())
}

#[test]
fn the_first_key_seals_and_all_open() {
    let old = keys(&[1]).seal(Purpose::Session, "crm.example.com", b"ann", [9; 12]);
    let new = keys(&[2, 1]).seal(Purpose::Session, "crm.example.com", b"ann", [9; 12]);
    assert_eq!(open(&keys(&[2, 1]), &old), Some(b"ann".to_vec()));
    assert_eq!(open(&keys(&[2]), &new), Some(b"ann".to_vec()));
    assert_eq!(open(&keys(&[2]), &old), None);
}

#[test]
fn another_purpose_or_site_does_not_open() {
    let keys = keys(&[1]);
    let sealed = keys.seal(Purpose::LoginAttempt, "crm.example.com", b"ann", [9; 12]);
    assert!(keys.open(Purpose::LoginAttempt, "crm.example.com", &sealed).is_ok());
    for (purpose, site) in [
        (Purpose::Session, "crm.example.com"),
        (Purpose::LoginRounds, "crm.example.com"),
        (Purpose::LoginAttempt, "crm.example.co"),
        (Purpose::LoginAttempt, ""),
    ] {
        assert_eq!(keys.open(purpose, site, &sealed), Err(SealError));
    }
}

#[test]
fn texts_that_nobody_sealed_do_not_open() {
    let keys = keys(&[1]);
    let long = "A".repeat(64 * 1024);
    for text in ["", "A", "=", "AQ", "not base64!", "\0", &long] {
        assert_eq!(keys.open(Purpose::Session, "crm.example.com", text), Err(SealError));
    }
}

#[test]
fn keys_come_in_base64_or_hex_and_both_are_the_same_key() {
    let bytes: Vec<u8> = (0..32u8).map(|i| i.wrapping_mul(i) ^ 0xa5).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = |text: &str| SealKey::parse(&Secret::new(text.to_owned())).unwrap().id;
    assert_eq!(id(&hex), id(&STANDARD.encode(&bytes)));
    for text in ["", "…", &hex[1..], &hex.replace('a', "g"), &STANDARD.encode(&bytes[1..])] {
        assert_eq!(SealKey::parse(&Secret::new(text.to_owned())).err(), Some(SealKeyError::Format), "{text}");
    }
}

#[test]
fn keys_that_cannot_be_random_are_refused() {
    let weak: [[u8; 32]; 4] = [
        [0; 32],
        std::array::from_fn(|i| u8::try_from(i % 7).unwrap()),
        std::array::from_fn(|i| u8::try_from(i).unwrap()),
        *b"correct horse battery staple 123",
    ];
    for bytes in weak {
        assert_eq!(SealKey::parse(&Secret::new(STANDARD.encode(bytes))).err(), Some(SealKeyError::Weak));
    }
}

proptest! {
    #[test]
    fn what_was_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..600), nonce: [u8; 12]) {
        let sealed = keys(&[1]).seal(Purpose::Session, "crm.example.com", &plain, nonce);
        prop_assert_eq!(open(&keys(&[1]), &sealed), Some(plain));
    }

    #[test]
    fn no_changed_byte_opens(plain in proptest::collection::vec(any::<u8>(), 0..200), at: usize, mask in 1..=255u8) {
        let sealed = keys(&[1]).seal(Purpose::Session, "crm.example.com", &plain, [3; 12]);
        let mut bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= mask;
        prop_assert_eq!(open(&keys(&[1, 2]), &URL_SAFE_NO_PAD.encode(bytes)), None);
    }

    #[test]
    fn no_changed_character_opens(
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        at: usize,
        with in 0..128u8,
    ) {
        let sealed = keys(&[1]).seal(Purpose::Session, "crm.example.com", &plain, [3; 12]);
        let mut text = sealed.clone().into_bytes();
        let at = at % text.len();
        text[at] = with;
        let text = String::from_utf8(text).unwrap();
        prop_assume!(text != sealed);
        prop_assert_eq!(open(&keys(&[1, 2]), &text), None);
    }

    #[test]
    fn no_truncated_or_extended_text_opens(
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        cut: usize,
        extra in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let sealed = keys(&[1]).seal(Purpose::Session, "crm.example.com", &plain, [3; 12]);
        prop_assert_eq!(open(&keys(&[1]), &sealed[..cut % sealed.len()]), None);
        let mut bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        bytes.extend(extra);
        prop_assert_eq!(open(&keys(&[1]), &URL_SAFE_NO_PAD.encode(bytes)), None);
    }

    #[test]
    fn any_text_is_answered_without_a_panic(text in ".{0,300}") {
        prop_assert_eq!(open(&keys(&[1]), &text), None);
    }
}
