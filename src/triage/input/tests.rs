//! Readers of every kind, against the plain text they hold.

use std::io::{self, Cursor, Read, Write};

use super::*;

type Lines = Vec<(u64, Vec<u8>)>;

/// All lines with their numbers, pieces of one line joined, the lines counted, and the error.
fn lines_of(reader: Box<dyn Read + Send>) -> (Lines, u64, Option<String>) {
    let mut cutter = match open(reader, Arc::default()) {
        Ok(cutter) => cutter,
        Err(error) => return (Vec::new(), 0, Some(error.to_string())),
    };
    let mut lines: Lines = Vec::new();
    let (mut reading, mut before) = (Reading::default(), Cut::default());
    loop {
        match cutter.next(Vec::new()) {
            Ok(None) => return (lines, reading.lines(), None),
            Err(error) => return (lines, reading.lines(), Some(error.to_string())),
            Ok(Some(cut)) => {
                let block = reading.block(&cut, before.text(), feeds(cut.text()));
                let mut number = block.first_line;
                for (at, line) in block.text.split_inclusive(|&byte| byte == b'\n').enumerate() {
                    if at == 0 && block.head.is_some() {
                        let (_, whole) = lines.last_mut().unwrap();
                        whole.truncate(whole.len() - (16 << 10));
                        whole.extend_from_slice(line);
                    } else {
                        lines.push((number, line.to_vec()));
                    }
                    number += u64::from(line.ends_with(b"\n"));
                }
                before = cut;
            }
        }
    }
}

fn feeds(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

fn plain(text: &[u8]) -> Lines {
    (1..).zip(text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec)).collect()
}

/// Gives a few bytes at a time, as a pipe does, with a signal in between.
struct Dripping(Cursor<Vec<u8>>, usize);

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = buffer.len().min(1 + self.1 % 7000);
        self.0.read(&mut buffer[..count])
    }
}

fn long_text() -> Vec<u8> {
    let mut text = Vec::new();
    for number in 0..40_000u32 {
        writeln!(text, "line {number} {}", "x".repeat((number % 37) as usize)).unwrap();
    }
    text.extend_from_slice(b"no end");
    text
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let half = text.len() / 2;
    let twice = |pack: &dyn Fn(&[u8]) -> Vec<u8>| [pack(&text[..half]), pack(&text[half..])].concat();
    let bz2 = |text: &[u8]| {
        let mut out = Vec::new();
        bzip2::read::BzEncoder::new(text, bzip2::Compression::fast()).read_to_end(&mut out).unwrap();
        out
    };
    let xz = |text: &[u8]| {
        let mut out = Vec::new();
        liblzma::read::XzEncoder::new(text, 1).read_to_end(&mut out).unwrap();
        out
    };
    let zst = |text: &[u8]| {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        ruzstd::encoding::compress_to_vec(text, level)
    };
    let skipped = [vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3], twice(&zst)].concat();
    vec![
        ("gz", twice(&gz)),
        ("bz2", twice(&bz2)),
        ("xz", twice(&xz)),
        ("zst", twice(&zst)),
        ("zst with a skippable frame", skipped),
    ]
}

#[test]
fn every_line_once_with_its_number() {
    let text = long_text();
    let (lines, count, error) = lines_of(Box::new(Cursor::new(text.clone())));
    assert_eq!((count, error), (40_001, None));
    assert!(lines == plain(&text));
    let (dripped, _, _) = lines_of(Box::new(Dripping(Cursor::new(text.clone()), 0)));
    assert!(dripped == lines);
}

#[test]
fn archives_by_content_of_several_members() {
    let text = long_text();
    for (name, archive) in packed(&text) {
        let (lines, count, error) = lines_of(Box::new(Dripping(Cursor::new(archive.clone()), 0)));
        assert_eq!((count, error), (40_001, None), "{name}");
        assert!(lines == plain(&text), "{name}");
    }
}

#[test]
fn a_cut_archive_gives_what_it_holds_and_the_error() {
    let text = long_text();
    for (name, archive) in packed(&text) {
        let cut = archive[..archive.len() - archive.len() / 4].to_vec();
        let (lines, count, error) = lines_of(Box::new(Cursor::new(cut)));
        assert!(count > 10_000, "{name}: {count} lines");
        assert!(error.is_some(), "{name}");
        let whole = plain(&text);
        assert!(lines[..lines.len() - 1] == whole[..lines.len() - 1], "{name}");
    }
    let (lines, count, error) = lines_of(Box::new(Cursor::new(gz(&text)[..5].to_vec())));
    assert_eq!((lines, count), (Vec::new(), 0));
    assert!(error.is_some());
}

/// A few kilobytes that do not pack well, so that an archive has something to cut.
fn short_text() -> Vec<u8> {
    let mut text = Vec::new();
    let mut state = 1_u32;
    for number in 0..300 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(text, "line {number} {state:08x}").unwrap();
    }
    text
}

#[test]
fn a_small_archive_that_is_cut_gives_what_can_be_had() {
    let text = short_text();
    let whole = plain(&text);
    for (name, archive) in packed(&text) {
        for kept in [archive.len() - 1, archive.len() - 5, archive.len() * 3 / 4, archive.len() / 4, 12] {
            let (lines, count, error) = lines_of(Box::new(Cursor::new(archive[..kept].to_vec())));
            assert!(error.is_some_and(|error| error.starts_with("it is cut short")), "{name} {kept}");
            let exact = lines.len().saturating_sub(1);
            assert!(lines[..exact] == whole[..exact], "{name} {kept}");
            // Of a stream all that came before the cut, of blocks the whole ones.
            let least = match (name, kept * 4 / archive.len()) {
                ("gz" | "xz", 3) => 200,
                (_, 3) => 150,
                _ => 0,
            };
            assert!(count >= least, "{name} {kept} of {}: {count} lines", archive.len());
        }
    }
}

#[test]
fn a_skippable_frame_that_is_cut_is_said() {
    let (_, archive) = packed(b"refused\n").swap_remove(3);
    let cut = [archive, vec![0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 1, 2]].concat();
    let (lines, _, error) = lines_of(Box::new(Cursor::new(cut)));
    assert_eq!((lines, error.as_deref()), (plain(b"refused\n"), Some("it is cut short")));
}

#[test]
fn a_zstd_frame_without_its_checksum_is_given_whole() {
    let text = short_text();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let archive = ruzstd::encoding::compress_to_vec(text.as_slice(), level);
    for kept in (archive.len() - 4)..archive.len() {
        let (lines, _, error) = lines_of(Box::new(Cursor::new(archive[..kept].to_vec())));
        assert!(lines == plain(&text), "{kept}");
        assert_eq!(
            error.as_deref(),
            Some("it is cut short, and zstd unpacks whole blocks of up to 128 KiB only")
        );
    }
}

#[test]
fn what_follows_an_archive() {
    let text = short_text();
    for (name, archive) in packed(&text) {
        let zeros = [archive.as_slice(), &[0; 512]].concat();
        let (lines, _, error) = lines_of(Box::new(Cursor::new(zeros)));
        assert_eq!(error, None, "{name}");
        assert!(lines == plain(&text), "{name}");
        let other = [archive.as_slice(), b"and a plain line\n"].concat();
        let (lines, _, error) = lines_of(Box::new(Cursor::new(other)));
        assert!(lines == plain(&text), "{name}");
        assert!(error.is_some(), "{name}");
    }
}

#[test]
fn a_damaged_archive_says_so_after_what_came_before() {
    let text = long_text();
    for (name, mut archive) in packed(&text) {
        let at = archive.len() * 3 / 4;
        archive[at..at + 40].fill(0x55);
        let (lines, count, error) = lines_of(Box::new(Cursor::new(archive)));
        assert!(error.is_some(), "{name}");
        assert!(count > 10_000, "{name}: {count} lines");
        assert!(lines[..10_000] == plain(&text)[..10_000], "{name}");
    }
}

#[test]
fn a_tar_archive_is_searched_and_named() {
    let mut text = vec![0_u8; 512];
    text[..8].copy_from_slice(b"messages");
    text[257..262].copy_from_slice(b"ustar");
    text.extend_from_slice(b"one\ntwo\n");
    for bytes in [text.clone(), gz(&text)] {
        let (lines, _, error) = lines_of(Box::new(Cursor::new(bytes)));
        assert_eq!(lines[1].1, b"two\n");
        assert!(error.is_some_and(|error| error.starts_with("it is a tar archive")));
    }
}

#[test]
fn what_is_no_log_is_refused() {
    for head in [b"PK\x03\x04 some archive".as_slice(), b"LPKSHHRH journal"] {
        let (_, _, error) = lines_of(Box::new(Cursor::new(head.to_vec())));
        assert!(error.is_some_and(|error| error.starts_with("is a ")));
    }
    for text in [b"BZh9 is how bzip2 begins\n".as_slice(), b"PK", b"\x1f", b"\n", b""] {
        let (lines, _, error) = lines_of(Box::new(Cursor::new(text.to_vec())));
        assert_eq!((lines, error), (plain(text), None));
    }
}

#[test]
fn a_line_longer_than_the_limit_is_given_in_pieces() {
    let mut text = b"before\n".to_vec();
    text.extend((0..3_500_000u32).map(|at| b'a' + (at / 1000 % 26) as u8));
    text.extend_from_slice(b"\nafter\nlast");
    let (lines, count, error) = lines_of(Box::new(Cursor::new(text.clone())));
    assert_eq!((count, error), (4, None));
    assert!(lines == plain(&text));
}

#[test]
fn memory_stays_flat_on_a_line_without_an_end() {
    let endless = io::repeat(b'x').take(64 << 20).chain(Cursor::new(b"\nafter\n"));
    let mut cutter = open(Box::new(endless), Arc::default()).unwrap();
    let (mut reading, mut before) = (Reading::default(), Cut::default());
    let mut longest = 0;
    while let Some(cut) = cutter.next(before.into_buffer()).unwrap() {
        longest = longest.max(cut.text().len());
        reading.block(&cut, b"", feeds(cut.text()));
        before = cut;
    }
    assert_eq!(reading.lines(), 2);
    assert_eq!(reading.bytes, (64 << 20) + 7);
    assert_eq!(reading.long_lines, Some((1, 1)));
    assert!(longest <= 1 << 20, "{longest}");
}

#[test]
fn lines_above_are_found_in_the_block_and_in_the_one_before() {
    let text = long_text();
    let mut cutter = open(Box::new(Cursor::new(text.clone())), Arc::default()).unwrap();
    let mut reading = Reading::default();
    let first = cutter.next(Vec::new()).unwrap().unwrap();
    reading.block(&first, b"", feeds(first.text()));
    let second = cutter.next(Vec::new()).unwrap().unwrap();
    let block = reading.block(&second, first.text(), feeds(second.text()));
    let third = block.text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    let above: Vec<&[u8]> = block.lines_above(third).take(5).collect();
    let whole: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let number = block.first_line as usize + 1;
    assert_eq!(above, (0..5).map(|back| whole[number - 1 - back]).collect::<Vec<_>>());
    assert_eq!(block.lines_above(0).count() as u64, block.first_line - 1);
}

#[test]
fn utf16_and_byte_order_marks() {
    let text = "Nov 12 \u{1f980} é\r\nsecond\n";
    let little: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let marked = ["\u{feff}".as_bytes(), text.as_bytes()].concat();
    let no_mark: Vec<u8> =
        "Nov 12 11:00:00 fw1 kernel: carp0\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (lines, _, _) = lines_of(Box::new(Cursor::new(no_mark)));
    assert_eq!(lines, plain(b"Nov 12 11:00:00 fw1 kernel: carp0\n"));
    for bytes in [little.clone(), big, marked, gz(&little)] {
        let (lines, _, error) = lines_of(Box::new(Dripping(Cursor::new(bytes), 0)));
        assert_eq!((lines, error), (plain(text.as_bytes()), None));
    }
    let broken = [0xff, 0xfe, 0x00, 0xd8, b'a', 0, b'b'].to_vec();
    let (lines, _, _) = lines_of(Box::new(Cursor::new(broken)));
    assert_eq!(lines, plain("\u{fffd}a\u{fffd}".as_bytes()));
}

#[test]
fn an_error_comes_after_what_was_read() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let (lines, count, error) = lines_of(Box::new(Cursor::new(b"one\ntwo".to_vec()).chain(Fails)));
    assert_eq!(lines, plain(b"one\ntwo"));
    assert_eq!((count, error.as_deref()), (2, Some("the disk is gone")));
    let (_, _, error) = lines_of(Box::new(Fails));
    assert_eq!(error.as_deref(), Some("the disk is gone"));
}

/// What stands on each line of an export once it is read.
fn export(text: &[u8]) -> Vec<Vec<u8>> {
    let (lines, _, error) = lines_of(Box::new(Dripping(Cursor::new(text.to_vec()), 0)));
    assert!(error.is_none_or(|error| error == "it is cut short in a field of the journal"));
    lines.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn an_export_that_is_cut_in_a_field_says_so() {
    let text =
        b"__CURSOR=1\n__REALTIME_TIMESTAMP=1384254000123456\nMESSAGE\n\x0a\0\0\0\0\0\0\0one\ntwo\n34\n\
        DATA\n\x03\0\0\0\0\0\0\0a\nb\n";
    let cut = |kept: usize| {
        let (lines, _, error) = lines_of(Box::new(Dripping(Cursor::new(text[..kept].to_vec()), 0)));
        (lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().concat(), error.is_some())
    };
    // The name of a field without its length, a length without its field, a field without its end.
    let name = text.windows(8).position(|word| word == b"MESSAGE\n").expect("it is there");
    for (kept, wanted) in [
        (name + 7, false),
        (name + 8, true),
        (name + 12, true),
        (name + 16, true),
        (name + 22, true),
        (name + 26, false),
        (text.len() - 3, true),
        (text.len() - 1, false),
        (text.len(), false),
    ] {
        assert_eq!(cut(kept).1, wanted, "{}", text[..kept].escape_ascii());
    }
    assert!(cut(name + 22).0.ends_with(b"unknown: one\ntw\n"), "what is there is given");
}

#[test]
fn an_export_of_the_journal_keeps_its_lines() {
    let text = b"__CURSOR=1\n__REALTIME_TIMESTAMP=1384254000123456\nMESSAGE\n\x0a\0\0\0\0\0\0\0one\ntwo\n\
        34\nDATA\n\x03\0\0\0\0\0\0\0a\nb\n_HOSTNAME=fw1\n\nplain\n";
    let lines = export(text);
    let message = [b"1384254000.123456 fw1 unknown: one\n".to_vec(), b"two\n".to_vec(), b"34\n".to_vec()];
    assert_eq!(lines[..4], [b"\n", b"\n", b"\n", b"\n"]);
    assert_eq!(lines[4..7], message);
    assert!(lines[7..12].iter().all(|line| line == b"\n"));
    assert_eq!(lines[12..], [b"plain\n"]);
    assert_eq!(lines.len(), feeds(text) as usize);
}

#[test]
fn whatever_an_export_holds_its_lines_are_kept() {
    let pieces: [&[u8]; 12] = [
        b"__CURSOR=1\n",
        b"__REALTIME_TIMESTAMP=1\n",
        b"MESSAGE=x\n",
        b"MESSAGE\n",
        b"\n",
        b"\n\n",
        b"\x02\0\0\0\0\0\0\0a\n\n",
        b"\x0a\0\0\0\0\0\0\0",
        b"DATA\n",
        b"other line\n",
        b"NAME",
        b"_PID=\n",
    ];
    let mut state = 7_u32;
    for _ in 0..2000 {
        let mut text = b"__CURSOR=0\n".to_vec();
        for _ in 0..state % 13 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.extend_from_slice(pieces[(state >> 16) as usize % pieces.len()]);
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let out = export(&text).concat();
        let (given, wanted) = (feeds(&out), feeds(&text));
        // A message that is cut gets its line feed.
        assert!(given == wanted || given == wanted + 1, "{} of {}", given, text.escape_ascii());
    }
}
