//! Undoes the content encodings of a body as it passes, to look into it.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};
use std::io::Write;
use zstd::stream::raw::{DParameter, Operation};

/// Bytes that a body may have, decoded; one that grows further is given up.
pub(crate) const MAX_DECODED: u64 = 256 * 1024 * 1024;

/// Encodings in a row.
const MAX_ENCODINGS: usize = 2;

/// Bytes that a step gives out at most, but for gzip, which may double it.
const STEP: usize = 32 * 1024;

/// Window of zstd, as a power of two: the 8 MiB that RFC 9659 allows.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Why a body cannot be decoded further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeFault {
    /// It is not in the encoding that it names.
    #[error("the body is not encoded as it says")]
    Malformed,
    /// It has more than [`MAX_DECODED`] bytes.
    #[error("the body is too large, decoded")]
    TooLarge,
}

/// Decodes a body piece by piece. Memory: about 100 KiB for gzip and 80 KiB for deflate, up to 16 MiB for br and
/// 8.5 MiB for zstd, as the body's own window asks; and 32 KiB between two encodings.
pub(crate) struct Decoder {
    /// In the order in which they are undone.
    stages: Vec<Stage>,
    left: u64,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("stages", &self.stages.len()).field("left", &self.left).finish()
    }
}

enum Stage {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Deflate(Deflate),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(zstd::stream::raw::Decoder<'static>),
}

impl Decoder {
    /// A decoder for the value of a `content-encoding`; `None` if it names more than two, or one that is not known.
    /// Without any, or with `identity`, bytes pass as they are.
    pub(crate) fn for_encoding(header: &str) -> Option<Self> {
        let names = header.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut stages = Vec::new();
        for name in names.filter(|name| !name.eq_ignore_ascii_case("identity")) {
            if stages.len() == MAX_ENCODINGS {
                return None;
            }
            stages.push(Stage::named(&name.to_ascii_lowercase())?);
        }
        stages.reverse();
        Some(Decoder { stages, left: MAX_DECODED })
    }

    /// Decodes a piece and gives what comes out to `sink`, in parts of some ten KiB.
    ///
    /// # Errors
    /// The body is malformed or too large; nothing may be pushed after that.
    pub(crate) fn push(&mut self, piece: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), DecodeFault> {
        let left = &mut self.left;
        let mut out = |bytes: &[u8]| {
            *left = left.checked_sub(bytes.len() as u64).ok_or(DecodeFault::TooLarge)?;
            sink(bytes);
            Ok(())
        };
        match self.stages.as_mut_slice() {
            [] => out(piece),
            [only] => only.push(piece, &mut out),
            [first, second, ..] => first.push(piece, &mut |bytes| second.push(bytes, &mut out)),
        }
    }
}

/// Where decoded bytes go.
type Out<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), DecodeFault>;

impl Stage {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" | "x-gzip" => Stage::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            "deflate" => Stage::Deflate(Deflate::Unknown(Vec::new())),
            "br" => {
                let alloc = StandardAlloc::default;
                Stage::Brotli(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
            }
            "zstd" => {
                let mut decoder = zstd::stream::raw::Decoder::new().ok()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG)).ok()?;
                Stage::Zstd(decoder)
            }
            _ => return None,
        })
    }

    fn push(&mut self, piece: &[u8], out: Out<'_>) -> Result<(), DecodeFault> {
        match self {
            Stage::Gzip(decoder) => gunzip(decoder, piece, out),
            Stage::Deflate(deflate) => deflate.push(piece, out),
            Stage::Brotli(state) => unbrotli(state, piece, out),
            Stage::Zstd(decoder) => unzstd(decoder, piece, out),
        }
    }
}

fn gunzip(decoder: &mut MultiGzDecoder<Vec<u8>>, mut piece: &[u8], out: Out<'_>) -> Result<(), DecodeFault> {
    while !piece.is_empty() {
        // So little that what comes out of it cannot be much: deflate grows by 1032 at most.
        let used = decoder.write(&piece[..piece.len().min(STEP)]).map_err(|_| DecodeFault::Malformed)?;
        if used == 0 {
            return Err(DecodeFault::Malformed);
        }
        piece = &piece[used..];
        drain(decoder.get_mut(), out)?;
    }
    decoder.flush().map_err(|_| DecodeFault::Malformed)?;
    drain(decoder.get_mut(), out)
}

fn drain(held: &mut Vec<u8>, out: Out<'_>) -> Result<(), DecodeFault> {
    if !held.is_empty() {
        out(held)?;
        held.clear();
    }
    Ok(())
}

/// The encoding `deflate` is a zlib stream by its standard, and a bare one as some servers send it; the first two bytes
/// tell.
enum Deflate {
    Unknown(Vec<u8>),
    Known(Decompress),
    Ended,
}

impl Deflate {
    fn push(&mut self, piece: &[u8], out: Out<'_>) -> Result<(), DecodeFault> {
        if let Deflate::Unknown(begun) = self {
            begun.extend_from_slice(piece);
            let Some(&[first, second]) = begun.first_chunk::<2>() else { return Ok(()) };
            let zlib = first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0;
            let begun = std::mem::take(begun);
            *self = Deflate::Known(Decompress::new(zlib));
            return self.inflate(&begun, out);
        }
        self.inflate(piece, out)
    }

    fn inflate(&mut self, mut piece: &[u8], out: Out<'_>) -> Result<(), DecodeFault> {
        let Deflate::Known(decompress) = self else { return Ok(()) };
        let mut buffer = Vec::with_capacity(STEP);
        loop {
            buffer.clear();
            let before = decompress.total_in();
            let status = decompress
                .decompress_vec(piece, &mut buffer, FlushDecompress::None)
                .map_err(|_| DecodeFault::Malformed)?;
            piece = &piece[(decompress.total_in() - before) as usize..];
            let full = buffer.len() == buffer.capacity();
            drain(&mut buffer, out)?;
            if status == Status::StreamEnd {
                *self = Deflate::Ended;
                return Ok(());
            }
            if !full {
                return if piece.is_empty() { Ok(()) } else { Err(DecodeFault::Malformed) };
            }
        }
    }
}

fn unbrotli(
    state: &mut BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    piece: &[u8],
    out: Out<'_>,
) -> Result<(), DecodeFault> {
    let mut buffer = vec![0; STEP];
    let (mut left, mut at, mut total) = (piece.len(), 0, 0);
    loop {
        let (mut room, mut written) = (buffer.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut at,
            piece,
            &mut room,
            &mut written,
            &mut buffer,
            &mut total,
            state,
        );
        if written > 0 {
            out(&buffer[..written])?;
        }
        match result {
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultSuccess => return Ok(()),
            BrotliResult::ResultFailure => return Err(DecodeFault::Malformed),
        }
    }
}

fn unzstd(
    decoder: &mut zstd::stream::raw::Decoder<'static>,
    mut piece: &[u8],
    out: Out<'_>,
) -> Result<(), DecodeFault> {
    let mut buffer = vec![0; STEP];
    loop {
        let status = decoder.run_on_buffers(piece, &mut buffer).map_err(|_| DecodeFault::Malformed)?;
        piece = &piece[status.bytes_read..];
        if status.bytes_written > 0 {
            out(&buffer[..status.bytes_written])?;
        }
        let idle = status.bytes_read == 0 && status.bytes_written == 0;
        if idle && !piece.is_empty() {
            return Err(DecodeFault::Malformed);
        }
        if piece.is_empty() && status.bytes_written < buffer.len() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;

    fn written<W: Write>(
        mut encoder: W,
        text: &[u8],
        finish: impl FnOnce(W) -> std::io::Result<Vec<u8>>,
    ) -> Vec<u8> {
        encoder.write_all(text).unwrap();
        finish(encoder).unwrap()
    }

    fn encoded(name: &str, text: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match name {
            "gzip" => written(GzEncoder::new(Vec::new(), level), text, GzEncoder::finish),
            "zlib" => written(ZlibEncoder::new(Vec::new(), level), text, ZlibEncoder::finish),
            "raw" => written(DeflateEncoder::new(Vec::new(), level), text, DeflateEncoder::finish),
            "zstd" => zstd::encode_all(text, 3).unwrap(),
            "br" => stored_brotli(text),
            _ => text.to_vec(),
        }
    }

    /// A brotli stream of uncompressed blocks, since there is no encoder here: RFC 7932, section 9.2.
    fn stored_brotli(text: &[u8]) -> Vec<u8> {
        // Window of 16 bits: one bit, 0. Then per block: not the last (0), four nibbles of length (00), the length less
        // one in 16 bits, uncompressed (1), up to the next byte.
        let mut out = Vec::new();
        for (index, block) in text.chunks(1 << 16).enumerate() {
            let shift = u32::from(index == 0);
            let bits = (block.len() as u32 - 1) << 3 | 1 << 19;
            out.extend_from_slice(&(bits << shift).to_le_bytes()[..3]);
            out.extend_from_slice(block);
        }
        // The last block, empty: 1, 1; with the window before it where nothing was written.
        out.push(if text.is_empty() { 0b110 } else { 0b11 });
        out
    }

    fn decoded<'a>(header: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, DecodeFault> {
        let mut decoder = Decoder::for_encoding(header).unwrap();
        let mut out = Vec::new();
        for piece in pieces {
            decoder.push(piece, &mut |bytes| out.extend_from_slice(bytes))?;
        }
        Ok(out)
    }

    const NAMES: [(&str, &str); 6] = [
        ("gzip", "gzip"),
        ("deflate", "zlib"),
        ("deflate", "raw"),
        ("br", "br"),
        ("Zstd", "zstd"),
        ("identity", "identity"),
    ];

    #[test]
    fn encodings_are_undone_in_their_order() {
        let text = "some text ".repeat(20_000).into_bytes();
        for (outer_header, outer) in NAMES {
            for (inner_header, inner) in NAMES {
                let body = encoded(outer, &encoded(inner, &text));
                let header = format!("{inner_header} , {outer_header}");
                assert_eq!(decoded(&header, body.chunks(1000)).as_ref(), Ok(&text), "{header}");
            }
        }
    }

    #[test]
    fn each_piece_gives_what_it_has() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let mut decoder = Decoder::for_encoding("gzip").unwrap();
        for text in ["data: a\n\n", "data: b\n\n"] {
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let piece = std::mem::take(encoder.get_mut());
            let mut out = Vec::new();
            decoder.push(&piece, &mut |bytes| out.extend_from_slice(bytes)).unwrap();
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn members_and_frames_in_a_row_are_one_body() {
        for name in ["gzip", "zstd"] {
            let body = [encoded(name, b"one "), encoded(name, b"two")].concat();
            assert_eq!(decoded(name, body.chunks(3)).unwrap(), b"one two", "{name}");
        }
    }

    #[test]
    fn encodings_that_are_not_known_are_none() {
        for header in ["compress", "gzip, compress", "gzip, br, gzip", "gzip;q=1"] {
            assert!(Decoder::for_encoding(header).is_none(), "{header}");
        }
        assert_eq!(decoded("", [&b"as it is"[..]]).unwrap(), b"as it is");
        assert_eq!(decoded("x-gzip", [&encoded("gzip", b"x")[..]]).unwrap(), b"x");
    }

    #[test]
    fn what_is_not_encoded_so_is_a_fault() {
        for header in ["gzip", "br", "zstd", "deflate"] {
            let body = [0xff; 64];
            assert_eq!(decoded(header, [&body[..]]), Err(DecodeFault::Malformed), "{header}");
        }
    }

    #[test]
    fn a_bomb_is_given_up_in_small_steps() {
        let mebibyte = vec![0; 1 << 20];
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..=MAX_DECODED >> 20 {
            encoder.write_all(&mebibyte).unwrap();
            gzip.write_all(&mebibyte).unwrap();
        }
        for (name, body) in [("zstd", encoder.finish().unwrap()), ("gzip", gzip.finish().unwrap())] {
            let mut decoder = Decoder::for_encoding(name).unwrap();
            let (mut total, mut most) = (0, 0);
            let result = decoder.push(&body, &mut |bytes| {
                total += bytes.len() as u64;
                most = most.max(bytes.len());
            });
            assert_eq!(result, Err(DecodeFault::TooLarge), "{name}");
            assert!(total <= MAX_DECODED && most <= 2 * STEP, "{name}: {total} in parts of up to {most}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_body_is_cut(text: Vec<u8>, which in 0..5_usize, size in 1..9_usize) {
            let (header, name) = NAMES[which];
            prop_assume!(!(name == "raw" && text.is_empty()));
            let body = encoded(name, &text);
            prop_assert_eq!(decoded(header, body.chunks(size)), Ok(text.clone()));
            prop_assert_eq!(decoded(header, [&body[..]]), Ok(text));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, which in 0..5_usize, cut in 1..9_usize) {
            let _ = decoded(NAMES[which].0, bytes.chunks(cut));
            let mut body = encoded(NAMES[which].1, b"some text, some text");
            for (place, byte) in body.iter_mut().skip(2).zip(&bytes) {
                *place ^= byte & 1;
            }
            let _ = decoded(NAMES[which].0, body.chunks(cut));
        }
    }
}
