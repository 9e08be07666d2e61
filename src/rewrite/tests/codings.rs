//! Bodies in each form of each coding, made and read by other means than the gateway's.

use std::io::{Read, Write};

use flate2::{
    Compression,
    read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder},
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use crate::rewrite::{Coding, media::coding::Layer};

/// How a body may be coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) enum Form {
    Plain,
    Gzip,
    Zlib,
    /// `deflate` without zlib around it.
    Bare,
    Brotli,
    Zstd,
    /// gzip, then brotli upon it.
    Both,
    /// `deflate` without zlib, then gzip upon it.
    BareInGzip,
}

/// All of them.
pub(in crate::rewrite) const FORMS: [Form; 8] =
    [Form::Plain, Form::Gzip, Form::Zlib, Form::Bare, Form::Brotli, Form::Zstd, Form::Both, Form::BareInGzip];

impl Form {
    pub(in crate::rewrite) fn coding(self) -> Coding {
        match self {
            Self::Plain => Coding::Identity,
            Self::Gzip => Coding::Gzip,
            Self::Zlib | Self::Bare => Coding::Deflate,
            Self::Brotli => Coding::Brotli,
            Self::Zstd => Coding::Zstd,
            Self::Both => Coding::Twice(Layer::Gzip, Layer::Brotli),
            Self::BareInGzip => Coding::Twice(Layer::Deflate, Layer::Gzip),
        }
    }

    pub(in crate::rewrite) fn encoded(self, plain: &[u8]) -> Vec<u8> {
        let mut coded = Vec::new();
        match self {
            Self::Plain => coded.extend_from_slice(plain),
            Self::Gzip => GzEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            Self::Zlib => ZlibEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            Self::Bare => DeflateEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            Self::Brotli => brotli::CompressorWriter::new(&mut coded, 4096, 9, 22).write_all(plain).unwrap(),
            Self::Zstd => coded = zstd::encode_all(plain, 3).unwrap(),
            Self::Both => coded = Self::Brotli.encoded(&Self::Gzip.encoded(plain)),
            Self::BareInGzip => coded = Self::Gzip.encoded(&Self::Bare.encoded(plain)),
        }
        coded
    }

    pub(in crate::rewrite) fn decoded(self, coded: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match self {
            Self::Plain => plain.extend_from_slice(coded),
            Self::Gzip => drop(MultiGzDecoder::new(coded).read_to_end(&mut plain).unwrap()),
            Self::Zlib => drop(ZlibDecoder::new(coded).read_to_end(&mut plain).unwrap()),
            Self::Bare => drop(DeflateDecoder::new(coded).read_to_end(&mut plain).unwrap()),
            Self::Brotli => drop(brotli::Decompressor::new(coded, 4096).read_to_end(&mut plain).unwrap()),
            Self::Zstd => plain = zstd::decode_all(coded).unwrap(),
            Self::Both => plain = Self::Gzip.decoded(&Self::Brotli.decoded(coded)),
            Self::BareInGzip => plain = Self::Bare.decoded(&Self::Gzip.decoded(coded)),
        }
        plain
    }
}
