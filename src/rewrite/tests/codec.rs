//! Every coding, in and out.

use std::io::Write;

use proptest::prelude::*;

use super::codings::{FORMS, Form};
use crate::rewrite::{
    Coding,
    media::{CodingError, codec::Decoder},
};

fn decoded_as(coding: Coding, coded: &[u8], chunk: usize) -> Result<Vec<u8>, CodingError> {
    let (mut decoder, mut out) = (Decoder::of(coding).expect("it is a coding"), Vec::new());
    for mut piece in coded.chunks(chunk) {
        loop {
            let (used, has_more) = decoder.step(piece, &mut out)?;
            piece = &piece[used..];
            if piece.is_empty() && !has_more {
                break;
            }
        }
    }
    decoder.finish().map(|()| out)
}

fn decoded(coded: &[u8], chunk: usize) -> Result<Vec<u8>, CodingError> {
    decoded_as(Coding::Gzip, coded, chunk)
}

fn encoded(plain: &[u8]) -> Vec<u8> {
    Form::Gzip.encoded(plain)
}

/// Decoded, and coded again as a page is, in pieces.
fn coded_again(form: Form, plain: &[u8], piece: usize) -> Vec<u8> {
    let mut decoder = Decoder::of(form.coding()).expect("it is a coding");
    decoder.step(&form.encoded(plain), &mut Vec::new()).unwrap();
    let (mut encoder, mut coded) = (decoder.encoder(), Vec::new());
    for piece in plain.chunks(piece) {
        encoder.write(piece, &mut coded);
        encoder.flush(&mut coded);
    }
    encoder.finish(&mut coded);
    coded
}

#[test]
fn every_form_is_decoded_in_any_split_and_coded_again_as_it_came() {
    let plain = b"<p>some text, and some text again</p>".repeat(2_000);
    for form in FORMS.into_iter().filter(|form| form.coding() != Coding::Identity) {
        for chunk in [1, 2, 7, 10_000] {
            assert_eq!(decoded_as(form.coding(), &form.encoded(&plain), chunk), Ok(plain.clone()), "{form:?} {chunk}");
        }
        let again = coded_again(form, &plain, 700);
        assert_eq!(form.decoded(&again), plain, "{form:?}");
        assert_eq!(form.decoded(&coded_again(form, b"", 1)), b"", "{form:?}");
    }
}

#[test]
fn a_cut_body_of_any_form_is_an_error_at_every_cut() {
    let plain = b"some text that is long enough, long enough, and another";
    for form in FORMS.into_iter().filter(|form| form.coding() != Coding::Identity) {
        let body = form.encoded(plain);
        for cut in 1..body.len() {
            let found = decoded_as(form.coding(), &body[..cut], 3);
            assert_eq!(found, Err(CodingError::Truncated), "{form:?} {cut}");
        }
        assert_eq!(decoded_as(form.coding(), b"", 1), Ok(Vec::new()), "{form:?}");
    }
}

#[test]
fn several_frames_of_zstd_are_one_body_and_bytes_behind_a_stream_are_ignored() {
    let frames = [Form::Zstd.encoded(b"one "), Form::Zstd.encoded(b"two")].concat();
    assert_eq!(decoded_as(Coding::Zstd, &frames, 5), Ok(b"one two".to_vec()));
    for form in FORMS.into_iter().filter(|form| form.coding() != Coding::Identity) {
        let body = [form.encoded(b"one"), b"\0\0garbage".to_vec()].concat();
        for chunk in [1, 1000] {
            assert_eq!(decoded_as(form.coding(), &body, chunk), Ok(b"one".to_vec()), "{form:?} {chunk}");
        }
    }
}

/// A window of 1 GiB is in the format for files; no browser takes one.
#[test]
fn a_window_beyond_the_bound_is_malformed() {
    let mut coded = Vec::new();
    let mut encoder = zstd::stream::write::Encoder::new(&mut coded, 1).unwrap();
    encoder.window_log(24).unwrap();
    encoder.write_all(b"text").unwrap();
    encoder.finish().unwrap();
    assert_eq!(decoded_as(Coding::Zstd, &coded, 100), Err(CodingError::Malformed));
    // Brotli's mark of a large window (RFC 9841 9.1), of 30 bits.
    assert_eq!(decoded_as(Coding::Brotli, &[0x11, 30, 0x03], 100), Err(CodingError::Malformed));
}

#[test]
fn several_members_are_one_body() {
    let body = [encoded(b"one "), encoded(b""), encoded(b"two")].concat();
    for chunk in [1, 2, 7, 10_000] {
        assert_eq!(decoded(&body, chunk), Ok(b"one two".to_vec()));
    }
}

#[test]
fn bytes_behind_the_last_member_are_ignored() {
    assert_eq!(decoded(&[encoded(b"one"), b"\0\0\0garbage".to_vec()].concat(), 5), Ok(b"one".to_vec()));
}

#[test]
fn a_cut_body_is_an_error_at_every_cut() {
    let body = encoded(b"some text that is long enough, long enough");
    for cut in 1..body.len() {
        assert_eq!(decoded(&body[..cut], 3), Err(CodingError::Truncated), "{cut}");
    }
    assert_eq!(decoded(b"", 1), Ok(Vec::new()));
}

#[test]
fn what_is_not_gzip_is_malformed() {
    assert_eq!(decoded(b"<html>", 2), Err(CodingError::Malformed));
    let mut body = encoded(b"checked");
    let checksum = body.len() - 8;
    body[checksum] ^= 1;
    assert_eq!(decoded(&body, 100), Err(CodingError::Malformed));
}

proptest! {
    #[test]
    fn what_is_encoded_in_pieces_is_decoded_in_any_split(
        plain in proptest::collection::vec(any::<u8>(), 0..3000),
        piece in 1_usize..500,
        chunk in 1_usize..500,
    ) {
        for form in FORMS.into_iter().filter(|form| form.coding() != Coding::Identity) {
            let coded = coded_again(form, &plain, piece);
            prop_assert_eq!(decoded_as(form.coding(), &coded, chunk), Ok(plain.clone()), "{:?}", form);
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..50) {
        let _ = decoded(&[&[0x1f, 0x8b, 8], &bytes[..]].concat(), chunk);
        for coding in [Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            let _ = decoded_as(coding, &bytes, chunk);
        }
        let _ = decoded_as(Coding::Zstd, &[&[0x28, 0xb5, 0x2f, 0xfd], &bytes[..]].concat(), chunk);
    }
}
