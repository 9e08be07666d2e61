//! Content codings in and out, in steps: gzip (RFC 1952), deflate (RFC 1950, and 1951 as some servers send it), brotli (RFC 7932)
//! and zstd (RFC 8878).
//!
//! In: a coded body in any pieces. Out: its plain bytes, at most [`REWRITE_CHUNK_BYTES`] per step; and plain bytes coded as that body
//! was. What a decoder keeps is bounded by its format: 16 MiB for brotli, which takes no large windows here,
//! 2^[`ZSTD_WINDOW_LOG_MAX`] for zstd, 32 KiB for the others.

use std::io::Write;

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, CompressorWriter, enc::StandardAlloc};
use flate2::{
    Compression, Decompress, FlushDecompress, Status,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use zstd::stream::raw::{self, DParameter, Operation};

use super::coding::Coding;
use crate::limits::{BROTLI_BUFFER_BYTES, REWRITE_CHUNK_BYTES, ZSTD_WINDOW_LOG_MAX};

/// Zlib's largest window, which every gzip decoder must take.
const WINDOW_BITS: u8 = 15;
/// The first byte of a gzip member.
const GZIP_MAGIC: u8 = 0x1f;
/// The first byte of a zstd frame, and those of one that is skipped.
const ZSTD_MAGIC: u8 = 0x28;
const ZSTD_SKIPPED: std::ops::RangeInclusive<u8> = 0x50..=0x5f;
/// Fast rather than small, for it is done while somebody waits.
const BROTLI_QUALITY: u32 = 3;
const BROTLI_WINDOW_BITS: u32 = 18;
const ZSTD_LEVEL: i32 = 1;

/// What is wrong with a coded body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodingError {
    /// Not what its label says, or a checksum is wrong.
    #[error("coded body is malformed")]
    Malformed,
    /// It ends inside a member, a frame or its stream.
    #[error("coded body is cut off")]
    Truncated,
}

/// Decodes a body of one or more members (gzip) or frames (zstd), or of one stream; bytes behind are ignored, as browsers do.
pub(in crate::rewrite) struct Decoder {
    engine: DecodeEngine,
    place: StreamPlace,
    buffer: Box<[u8]>,
    /// What its output is coded in once more.
    inner: Option<Box<Inner>>,
}

struct Inner {
    decoder: Decoder,
    /// What the outer coding gave, and how much of it was taken.
    between: Vec<u8>,
    taken: usize,
}

enum DecodeEngine {
    Gzip(Decompress),
    Deflate(Deflate),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(raw::Decoder<'static>),
}

/// `deflate` is zlib by its standard, and the bare stream from servers that took it by its name: its first two bytes tell.
#[derive(Default)]
struct Deflate {
    head: Vec<u8>,
    engine: Option<(Decompress, bool)>,
}

/// What an engine did in one run.
#[derive(Default)]
struct Run {
    used: usize,
    made: usize,
    is_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamPlace {
    BeforeFirst,
    InMember,
    BetweenMembers,
    Behind,
}

impl Decoder {
    /// A decoder; none for what is not coded.
    pub(in crate::rewrite) fn of(coding: Coding) -> Option<Self> {
        let engine = match coding {
            Coding::Identity => return None,
            Coding::Gzip => DecodeEngine::Gzip(Decompress::new_gzip(WINDOW_BITS)),
            Coding::Deflate => DecodeEngine::Deflate(Deflate::default()),
            Coding::Brotli => {
                let alloc = StandardAlloc::default;
                DecodeEngine::Brotli(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
            }
            Coding::Zstd => DecodeEngine::Zstd(zstd_decoder()),
            Coding::Twice(inner, outer) => {
                let decoder = Self::of(inner.into())?;
                let inner = Box::new(Inner { decoder, between: Vec::new(), taken: 0 });
                return Some(Self { inner: Some(inner), ..Self::of(outer.into())? });
            }
        };
        let buffer = vec![0; REWRITE_CHUNK_BYTES].into_boxed_slice();
        Some(Self { engine, place: StreamPlace::BeforeFirst, buffer, inner: None })
    }

    /// Decodes at most [`REWRITE_CHUNK_BYTES`] bytes into `out`. Returns how many input bytes were used and whether there may
    /// be more output without more input.
    ///
    /// # Errors
    /// [`CodingError::Malformed`].
    pub(in crate::rewrite) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), CodingError> {
        let Some(mut inner) = self.inner.take() else { return self.outer_step(input, out) };
        let (mut used, mut has_more) = (0, true);
        if inner.taken == inner.between.len() {
            inner.between.clear();
            inner.taken = 0;
            (used, has_more) = self.outer_step(input, &mut inner.between)?;
        }
        let (taken, has_more_inside) = inner.decoder.step(&inner.between[inner.taken..], out)?;
        inner.taken += taken;
        has_more |= has_more_inside || inner.taken < inner.between.len();
        self.inner = Some(inner);
        Ok((used, has_more))
    }

    fn outer_step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), CodingError> {
        if let (StreamPlace::BetweenMembers, Some(first)) = (self.place, input.first()) {
            self.place = if self.engine.begin_another(*first) { StreamPlace::InMember } else { StreamPlace::Behind };
        }
        if self.place == StreamPlace::Behind {
            return Ok((input.len(), false));
        }
        if self.place == StreamPlace::BeforeFirst && !input.is_empty() {
            self.place = StreamPlace::InMember;
        }
        let Run { used, made, is_end } = self.engine.run(input, &mut self.buffer)?;
        out.extend_from_slice(&self.buffer[..made]);
        if is_end {
            self.place = StreamPlace::BetweenMembers;
        } else if used == 0 && made == 0 && !input.is_empty() {
            return Err(CodingError::Malformed);
        }
        Ok((used, made == self.buffer.len() && !is_end))
    }

    /// Checks that the body ended where a member, a frame or the stream ended.
    ///
    /// # Errors
    /// [`CodingError::Truncated`].
    pub(in crate::rewrite) fn finish(&self) -> Result<(), CodingError> {
        if let Some(inner) = &self.inner {
            inner.decoder.finish()?;
        }
        match self.place {
            StreamPlace::InMember => Err(CodingError::Truncated),
            StreamPlace::BeforeFirst | StreamPlace::BetweenMembers | StreamPlace::Behind => Ok(()),
        }
    }

    /// An encoder of what was decoded: the same coding, in the same form.
    pub(in crate::rewrite) fn encoder(&self) -> Encoder {
        let engine = match &self.engine {
            DecodeEngine::Gzip(_) => EncodeEngine::Gzip(GzEncoder::new(Vec::new(), Compression::fast())),
            DecodeEngine::Deflate(deflate) if deflate.is_bare() => {
                EncodeEngine::Bare(DeflateEncoder::new(Vec::new(), Compression::fast()))
            }
            DecodeEngine::Deflate(_) => EncodeEngine::Zlib(ZlibEncoder::new(Vec::new(), Compression::fast())),
            DecodeEngine::Brotli(_) => {
                let (buffer, quality, window) = (BROTLI_BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
                EncodeEngine::Brotli(Box::new(CompressorWriter::new(Vec::new(), buffer, quality, window)))
            }
            DecodeEngine::Zstd(_) => EncodeEngine::Zstd(zstd_encoder()),
        };
        let own = Encoder { engine, is_dirty: false, outer: None };
        match &self.inner {
            None => own,
            Some(inner) => Encoder { outer: Some(Box::new(own)), ..inner.decoder.encoder() },
        }
    }
}

impl DecodeEngine {
    fn run(&mut self, input: &[u8], buffer: &mut [u8]) -> Result<Run, CodingError> {
        match self {
            Self::Gzip(engine) => inflate(engine, input, buffer),
            Self::Deflate(deflate) => deflate.run(input, buffer),
            Self::Brotli(state) => brotli_run(state, input, buffer),
            Self::Zstd(engine) => {
                let status = engine.run_on_buffers(input, buffer).map_err(|_| CodingError::Malformed)?;
                // Nothing remains also before the first byte.
                let is_end = status.remaining == 0 && status.bytes_read > 0;
                Ok(Run { used: status.bytes_read, made: status.bytes_written, is_end })
            }
        }
    }

    /// Whether another member or frame begins with this byte; then it is begun.
    fn begin_another(&mut self, first: u8) -> bool {
        match self {
            Self::Gzip(engine) if first == GZIP_MAGIC => {
                *engine = Decompress::new_gzip(WINDOW_BITS);
                true
            }
            // zstd's own engine begins the next frame.
            Self::Zstd(_) => is_zstd(first),
            Self::Gzip(_) | Self::Deflate(_) | Self::Brotli(_) => false,
        }
    }
}

impl Deflate {
    fn run(&mut self, input: &[u8], buffer: &mut [u8]) -> Result<Run, CodingError> {
        let mut done = Run::default();
        if self.engine.is_none() {
            done.used = input.len().min(2 - self.head.len());
            self.head.extend_from_slice(&input[..done.used]);
            let [cmf, flags] = self.head[..] else { return Ok(done) };
            let is_zlib = cmf & 0x8f == 8 && (u16::from(cmf) * 256 + u16::from(flags)).is_multiple_of(31);
            let mut engine = Decompress::new(is_zlib);
            let head = inflate(&mut engine, &self.head, buffer)?;
            self.engine = Some((engine, !is_zlib));
            (done.made, done.is_end) = (head.made, head.is_end);
        }
        if let Some((engine, _)) = self.engine.as_mut().filter(|_| !done.is_end) {
            let rest = inflate(engine, &input[done.used..], &mut buffer[done.made..])?;
            done = Run { used: done.used + rest.used, made: done.made + rest.made, is_end: rest.is_end };
        }
        Ok(done)
    }

    fn is_bare(&self) -> bool {
        self.engine.as_ref().is_some_and(|(_, is_bare)| *is_bare)
    }
}

fn inflate(engine: &mut Decompress, input: &[u8], buffer: &mut [u8]) -> Result<Run, CodingError> {
    let (before_in, before_out) = (engine.total_in(), engine.total_out());
    let status = engine.decompress(input, buffer, FlushDecompress::None).map_err(|_| CodingError::Malformed)?;
    // Both are at most the lengths of the slices above.
    let used = (engine.total_in() - before_in) as usize;
    let made = (engine.total_out() - before_out) as usize;
    Ok(Run { used, made, is_end: status == Status::StreamEnd })
}

fn brotli_run(
    state: &mut BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    input: &[u8],
    buffer: &mut [u8],
) -> Result<Run, CodingError> {
    let (mut left, mut used, mut room, mut made, mut total) = (input.len(), 0, buffer.len(), 0, 0);
    match BrotliDecompressStream(&mut left, &mut used, input, &mut room, &mut made, buffer, &mut total, state) {
        BrotliResult::ResultSuccess => Ok(Run { used, made, is_end: true }),
        BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok(Run { used, made, is_end: false }),
        BrotliResult::ResultFailure => Err(CodingError::Malformed),
    }
}

/// Whether a frame begins with this byte.
fn is_zstd(first: u8) -> bool {
    first == ZSTD_MAGIC || ZSTD_SKIPPED.contains(&first)
}

fn zstd_decoder() -> raw::Decoder<'static> {
    let mut decoder = raw::Decoder::new().expect("a zstd context fits into memory");
    let window = DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX);
    decoder.set_parameter(window).expect("zstd takes windows of 8 MiB");
    decoder
}

fn zstd_encoder() -> zstd::stream::write::Encoder<'static, Vec<u8>> {
    zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL).expect("zstd has a level 1")
}

/// Encodes a body.
pub(in crate::rewrite) struct Encoder {
    engine: EncodeEngine,
    is_dirty: bool,
    /// What codes its output once more.
    outer: Option<Box<Self>>,
}

enum EncodeEngine {
    Gzip(GzEncoder<Vec<u8>>),
    Zlib(ZlibEncoder<Vec<u8>>),
    Bare(DeflateEncoder<Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    pub(in crate::rewrite) fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        self.engine.writer().write_all(plain).expect("writing to a Vec does not fail");
        self.is_dirty |= !plain.is_empty();
        self.give(out);
    }

    /// Makes everything written so far readable, so that a page that comes slowly is shown as it comes.
    pub(in crate::rewrite) fn flush(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_dirty) {
            self.engine.writer().flush().expect("writing to a Vec does not fail");
            self.give(out);
        }
        if let Some(outer) = &mut self.outer {
            outer.flush(out);
        }
    }

    pub(in crate::rewrite) fn finish(self, out: &mut Vec<u8>) {
        let end = match self.engine {
            EncodeEngine::Gzip(engine) => engine.finish(),
            EncodeEngine::Zlib(engine) => engine.finish(),
            EncodeEngine::Bare(engine) => engine.finish(),
            EncodeEngine::Brotli(engine) => Ok(engine.into_inner()),
            EncodeEngine::Zstd(engine) => engine.finish(),
        };
        let mut end = end.expect("writing to a Vec does not fail");
        match self.outer {
            None => out.append(&mut end),
            Some(mut outer) => {
                outer.write(&end, out);
                outer.finish(out);
            }
        }
    }

    /// Hands on what was made.
    fn give(&mut self, out: &mut Vec<u8>) {
        let made = self.engine.coded();
        match &mut self.outer {
            None => out.append(made),
            Some(outer) => outer.write(&std::mem::take(made), out),
        }
    }
}

impl EncodeEngine {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Gzip(engine) => engine,
            Self::Zlib(engine) => engine,
            Self::Bare(engine) => engine,
            Self::Brotli(engine) => engine,
            Self::Zstd(engine) => engine,
        }
    }

    /// What it has made so far.
    fn coded(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(engine) => engine.get_mut(),
            Self::Zlib(engine) => engine.get_mut(),
            Self::Bare(engine) => engine.get_mut(),
            Self::Brotli(engine) => engine.get_mut(),
            Self::Zstd(engine) => engine.get_mut(),
        }
    }
}
