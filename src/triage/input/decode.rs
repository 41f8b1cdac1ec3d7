//! Decompression and character encoding, recognised by the first bytes.
//!
//! Everything streams, so an archive that unpacks to far more than its size costs time, not
//! memory. A damaged or cut archive gives what could be read and then the error.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::journal::{Export, is_export};
use super::utf16::Utf16;

const BUFFER_BYTES: usize = 64 << 10;
/// What a decoder may take: xz at its highest preset needs 65 MiB.
const DECODER_BYTES_MAX: u64 = 128 << 20;
/// Enough for every mark looked for.
const SNIFF_BYTES: usize = 16;
/// What a format of text is recognised by: a paste may begin with other lines.
const TEXT_BYTES: usize = 4 << 10;

/// The text behind a reader: decompressed, as UTF-8 where a byte order mark said otherwise.
pub(super) fn text(reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (head, reader) = sniff(reader, SNIFF_BYTES)?;
    if let Some(what) = foreign(&head) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    let plain = decompress(&head, reader)?;
    let (head, mut plain) = sniff(plain, TEXT_BYTES)?;
    Ok(match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => {
            plain.read_exact(&mut [0; 3])?;
            plain
        }
        [0xff, 0xfe, ..] => Box::new(Utf16::new(plain, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Box::new(Utf16::new(plain, u16::from_be_bytes)),
        head if is_export(head) => Box::new(Export::new(plain)),
        _ => plain,
    })
}

/// The first bytes, and a reader that still gives them.
fn sniff(mut reader: Box<dyn Read + Send>, bytes: usize) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::with_capacity(bytes);
    let read = reader.by_ref().take(bytes as u64).read_to_end(&mut head);
    if head.is_empty() {
        read?;
        return Ok((head, reader));
    }
    // An error after the first bytes comes back at the next read, when they have been used.
    let failed: Box<dyn Read + Send> = match read {
        Ok(_) => reader,
        Err(error) => Box::new(Failing(Some(error))),
    };
    Ok((head.clone(), Box::new(io::Cursor::new(head).chain(failed))))
}

struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Things that are no log, and would only seem to hold nothing.
fn foreign(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some("is a zip archive, which kb does not read; unpack it first"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some("is a 7z archive, which kb does not read; unpack it first"),
        [4, 0x22, 0x4d, 0x18, ..] => Some("is lz4, which kb does not read; unpack it first"),
        [0x1f, 0x9d, ..] => Some("is compressed with `compress`, which kb does not read; unpack it first"),
        [b'L', b'P', b'K', b'S', b'H', b'H', b'R', b'H', ..] => {
            Some("is a journal file; use `journalctl --file=FILE | kb match`")
        }
        _ => None,
    }
}

fn decompress(head: &[u8], reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    Ok(match head {
        [0x1f, 0x8b, 8, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(reader))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Box::new(Zstd::new(buffered(reader)))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(DECODER_BYTES_MAX, liblzma::stream::CONCATENATED)
                    .map_err(io::Error::other)?;
            Box::new(liblzma::bufread::XzDecoder::new_stream(buffered(reader), stream))
        }
        // The level, then the mark of a block or of the end of an empty stream: "BZh9" alone could
        // begin a log.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => {
            Box::new(bzip2::bufread::MultiBzDecoder::new(buffered(reader)))
        }
        _ => reader,
    })
}

fn buffered(reader: Box<dyn Read + Send>) -> BufReader<Box<dyn Read + Send>> {
    BufReader::with_capacity(BUFFER_BYTES, reader)
}

/// All frames of a zstd stream one after the other; frames that hold no data are skipped.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(DECODER_BYTES_MAX);
        Self { source, decoder, in_frame: false }
    }

    /// True when a frame was begun, false at the end of the stream.
    fn begin_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut self.source.by_ref().take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let written = self.decoder.get_checksum_from_data();
        if written.is_some() && written != self.decoder.get_calculated_checksum() {
            return Err(io::Error::other("the checksum of a zstd frame is wrong"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.begin_frame()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}
