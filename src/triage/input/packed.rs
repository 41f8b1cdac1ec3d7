//! Packed text, member after member; of one that is cut or damaged all that can be had, and then why.
//!
//! Knows the formats by their first bytes; knows nothing of lines.

use std::io::{self, BufRead, Read};

use liblzma::stream::{Action, CONCATENATED, Status, Stream};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::peek::Peek;

/// What a decoder may take: xz at its highest preset needs 65 MiB.
const DECODER_BYTES_MAX: u64 = 128 << 20;
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
const BZIP2: [u8; 3] = *b"BZh";
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const ZSTD_CUT: &str = ", and zstd unpacks whole blocks of up to 128 KiB only";
/// A last block without content, and room for a checksum: ends a frame of zstd that does not end itself.
const ZSTD_END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// The text that is packed in a reader that begins with these bytes; the reader itself, if none is.
pub(super) fn unpacked(head: &[u8], reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let source = |reader| Peek::new(reader);
    Ok(match head {
        [0x1f, 0x8b, 8, ..] => Box::new(Members::<flate2::bufread::GzDecoder<Peek>>::new(source(reader))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Box::new(Zstd::new(source(reader)))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(Xz::new(source(reader))?),
        // The level, then the mark of a block or of the end of an empty stream: "BZh9" alone could
        // begin a log.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => {
            Box::new(Members::<bzip2::bufread::BzDecoder<Peek>>::new(source(reader)))
        }
        _ => reader,
    })
}

/// What is said of a text that ends before its end.
pub(super) fn cut_short(of: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("it is cut short{of}"))
}

fn damaged(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is damaged ({error})"))
}

/// What stands behind the last member: nothing, zeros that fill it up, or something else.
fn at_end(source: &mut Peek) -> io::Result<()> {
    loop {
        let rest = source.fill_buf()?;
        if rest.is_empty() {
            return Ok(());
        }
        if rest.iter().any(|byte| *byte != 0) {
            let what = "something that is not packed follows, and was not read";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let zeros = rest.len();
        source.consume(zeros);
    }
}

/// A decoder of one member.
trait Member: Read {
    /// What a member begins with.
    const MAGIC: [u8; 3];
    /// What to say of one that is cut, beside that it is.
    const CUT: &str;
    fn open(source: Peek) -> Self;
    fn close(self) -> Peek;
}

impl Member for flate2::bufread::GzDecoder<Peek> {
    const MAGIC: [u8; 3] = GZIP;
    const CUT: &str = "";

    fn open(source: Peek) -> Self {
        Self::new(source)
    }

    fn close(self) -> Peek {
        self.into_inner()
    }
}

impl Member for bzip2::bufread::BzDecoder<Peek> {
    const MAGIC: [u8; 3] = BZIP2;
    const CUT: &str = ", and bzip2 unpacks whole blocks of up to 900 kB only";

    fn open(source: Peek) -> Self {
        Self::new(source)
    }

    fn close(self) -> Peek {
        self.into_inner()
    }
}

/// Members one after the other.
struct Members<D> {
    open: Option<D>,
}

impl<D: Member> Members<D> {
    fn new(source: Peek) -> Self {
        Self { open: Some(D::open(source)) }
    }
}

impl<D: Member> Read for Members<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.open {
            let read = member.read(buffer).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => cut_short(D::CUT),
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => damaged(error),
                _ => error,
            })?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut source) = self.open.take().map(D::close) else { break };
            if source.peek(D::MAGIC.len())?.starts_with(&D::MAGIC) {
                self.open = Some(D::open(source));
            } else {
                at_end(&mut source)?;
            }
        }
        Ok(0)
    }
}

/// All streams of an xz file.
struct Xz {
    source: Peek,
    stream: Stream,
    error: Option<io::Error>,
    ended: bool,
}

impl Xz {
    fn new(source: Peek) -> io::Result<Self> {
        let stream = Stream::new_stream_decoder(DECODER_BYTES_MAX, CONCATENATED).map_err(io::Error::other)?;
        Ok(Self { source, stream, error: None, ended: false })
    }
}

impl Read for Xz {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(error) = self.error.take() {
                self.ended = true;
                return Err(error);
            }
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            let input = self.source.fill_buf()?;
            let is_end = input.is_empty();
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let action = if is_end { Action::Finish } else { Action::Run };
            let status = self.stream.process(input, buffer, action);
            let read = (self.stream.total_out() - before_out) as usize;
            let consumed = (self.stream.total_in() - before_in) as usize;
            self.source.consume(consumed);
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if is_end && read == 0 => self.error = Some(cut_short("")),
                Ok(_) if consumed == 0 && read == 0 => self.error = Some(damaged("no progress")),
                Ok(_) => {}
                // What came out before the error comes first.
                Err(error) => self.error = Some(damaged(error)),
            }
            if read > 0 {
                return Ok(read);
            }
        }
    }
}

/// All frames of a zstd stream one after the other; frames that hold no data are skipped.
struct Zstd {
    source: Peek,
    decoder: FrameDecoder,
    in_frame: bool,
    error: Option<io::Error>,
}

impl Zstd {
    fn new(source: Peek) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(DECODER_BYTES_MAX);
        Self { source, decoder, in_frame: false, error: None }
    }

    /// True when a frame was begun, false at the end of the stream.
    fn begin_frame(&mut self) -> io::Result<bool> {
        loop {
            match self.source.peek(4)? {
                [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {}
                rest if !rest.is_empty() && ZSTD.starts_with(rest) => return Err(cut_short(ZSTD_CUT)),
                _ => return at_end(&mut self.source).map(|()| false),
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.source.by_ref().take(u64::from(length));
                    if io::copy(&mut skipped, &mut io::sink())? < u64::from(length) {
                        return Err(cut_short(""));
                    }
                }
                Err(error) => return Err(self.why(&error)),
            }
        }
    }

    /// Decodes a block, or ends the frame where it cannot be: what was decoded before is kept back
    /// until then.
    fn block(&mut self) -> io::Result<()> {
        let one = || BlockDecodingStrategy::UptoBlocks(1);
        let Err(error) = self.decoder.decode_blocks(&mut self.source, one()) else { return Ok(()) };
        let error = self.why(&error);
        if self.decoder.decode_blocks(ZSTD_END.as_slice(), one()).is_err() {
            return Err(error);
        }
        self.error = Some(error);
        Ok(())
    }

    fn why(&mut self, error: &FrameDecoderError) -> io::Error {
        match self.source.fill_buf() {
            Ok([]) => cut_short(ZSTD_CUT),
            Ok(_) => damaged(error),
            Err(error) => error,
        }
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let written = self.decoder.get_checksum_from_data();
        if written.is_some() && written != self.decoder.get_calculated_checksum() {
            return Err(damaged("the checksum of a zstd frame is wrong"));
        }
        Ok(())
    }
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.begin_frame()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.block()?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}
