//! Which part of a needle is seen least often in logs that do not hold the needle.

use super::sample::{folded, load, mask};
use super::sampled::Shape;
use crate::texts::Texts;

/// Bytes of logs from the most common to the least, letter case folded away; found by counting in
/// logs of many systems. What is not here is rare.
const COMMON: &[u8] = b" e01ot2n:asri.cd\"34p5lm-67/89fuvgbh*}{=wx,yk)(z+q;>'<j|?";

/// The place of every byte in [`COMMON`].
const BYTE_RARITY: [u8; 256] = {
    let mut rarity = [2 * COMMON.len() as u8; 256];
    let mut place = 0;
    while place < COMMON.len() {
        rarity[COMMON[place] as usize] = place as u8;
        place += 1;
    }
    rarity
};

/// Which byte of a text logs have least often.
pub(crate) fn rarest_byte(text: &[u8]) -> Option<usize> {
    (0..text.len()).max_by_key(|&at| BYTE_RARITY[usize::from(text[at] | 0x20)])
}

/// Words of logs, a line for each half of how often they are seen, the most common first; found by
/// counting in logs of many systems.
const WORDS: &str = "\
    failed error for connection from to the info user client server kernel with session root by\n\
    closed opened not port request status state link host service received connect device address request \
    start started stopped starting network interface time state\n\
    warning query response accepted accept password authentication publickey invalid unknown disconnected \
    daemon systemd sshd cron pam_unix cmd session uid pid level msg message debug notice warn system file read \
    write memory disk block size type name node process command change changed update local remote domain \
    reset clock number new via using on in is of and or no at as\n\
    success successful successfully completed complete finished running stopping stop done refused denied \
    timeout timed out lost found missing expired rejected failure exception cannot could unable does data \
    bytes packet packets checkpoint buffer buffers cache page pool queue thread task job worker event signal \
    driver usb high-speed full speed mounted mount filesystem mode ordered opts volume partition table index \
    database log logs file files directory path access content context source target dest src dst len proto \
    client_ip request_time upstream request_id duration seconds milliseconds method get post http https api \
    web html json xml id uuid key value version config configuration option options default enabled disabled \
    enable disable up down add added remove removed delete deleted create created open close set unset \
    register registered init initialized loading loaded load module firmware hardware controller adapter eth0 \
    bridge vlan route router routing neighbor peer gateway dhcp lease dns ntp nfs smtp imap mail from= to= \
    relay queued delivered tls ssl certificate verify handshake protocol cipher auth login logout sudo tty \
    cpu core temperature above threshold power supply fan sensor battery irq interrupt pci bus slot possible \
    permission operation resource available unavailable internal external public private master slave backup \
    primary secondary replica cluster shard leader member container image pod namespace deploy health check \
    probe scheduler executor manager handler listener listening initialization shutdown reboot boot restart\n\
";

/// Grams of so many bytes are known.
const GRAM: usize = 4;

/// Grams are told apart by their hash in so many places.
const PLACES: usize = 1 << 15;

/// How common a gram is that holds digits, blanks and what stands between them.
const NUMBERS: u8 = 9;
/// A gram with two digits or more.
const DIGITS: u8 = 5;
/// A gram where one word ends and another begins.
const BETWEEN: u8 = 4;

/// Knows how common grams are in logs, and in the needles themselves: what many needles share, logs
/// have often.
#[derive(Debug)]
pub(super) struct Rarity {
    /// For a gram about the binary logarithm of how often it is seen.
    common: Vec<u8>,
}

impl Rarity {
    pub(super) fn of(needles: &Texts) -> Self {
        let mut counts = vec![0u32; PLACES];
        for needle in needles.iter() {
            for at in 0..(needle.len() + 1).saturating_sub(GRAM) {
                counts[place(needle, at)] += 1;
            }
        }
        let often = |&count: &u32| 2 * count.checked_ilog2().unwrap_or(0) as u8;
        let mut common: Vec<u8> = counts.iter().map(often).collect();
        let lines = WORDS.lines().count() as u8;
        for (line, words) in (0..).zip(WORDS.lines()) {
            for word in words.split_ascii_whitespace() {
                let word = format!(" {word} ");
                for at in 0..=word.len() - GRAM {
                    let known = &mut common[place(word.as_bytes(), at)];
                    *known = (*known).max(2 * (lines - line));
                }
            }
        }
        Self { common }
    }

    /// Where the window begins that is expected to be looked at least often.
    pub(super) fn rarest_window(&self, text: &[u8], shape: Shape) -> usize {
        let window = shape.window();
        let fours: Vec<u8> = (GRAM..=text.len()).map(|end| self.gram(text, end - GRAM)).collect();
        // A gram is not more common than the rarest four bytes of it.
        let gram = |at: usize| {
            let fours = fours.get(at..(at + shape.gram + 1).saturating_sub(GRAM));
            1u64 << fours.and_then(|fours| fours.iter().min()).unwrap_or(&NUMBERS)
        };
        let grams: Vec<u64> = (0..=text.len() - shape.gram).map(gram).collect();
        let rarity = |at: usize| -> u32 {
            text[at..at + window].iter().map(|byte| u32::from(BYTE_RARITY[usize::from(byte | 0x20)])).sum()
        };
        let looks = |at: usize| -> u64 { grams[at..at + shape.step].iter().sum() };
        let places = 0..=text.len() - window;
        places.min_by_key(|&at| (looks(at), u32::MAX - rarity(at))).unwrap_or(0)
    }

    fn gram(&self, bytes: &[u8], at: usize) -> u8 {
        let gram = &bytes[at..at + GRAM];
        let count = |kind: fn(&u8) -> bool| gram.iter().filter(|&byte| kind(byte)).count();
        let letters = count(u8::is_ascii_alphabetic);
        let kind = match count(u8::is_ascii_digit) {
            _ if letters == 0 => NUMBERS,
            2.. => DIGITS,
            _ if gram[1..GRAM - 1].contains(&b' ') => BETWEEN,
            _ => 0,
        };
        self.common[place(bytes, at)].max(kind)
    }
}

fn place(text: &[u8], at: usize) -> usize {
    let gram = folded(load(text, at), mask(GRAM));
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_lies_where_logs_say_something_else() {
        let shape = Shape { step: 8, gram: 8 };
        for (text, rare) in [
            // Of common letters, beside words of rare ones.
            ("network interface down asterion detroise", "asterion"),
            ("ratione toresan failed by kernel checkpoint", "toresan"),
            ("gpio zx81 failed to request firmware", "zx81"),
        ] {
            let mut needles = Texts::default();
            assert!(needles.push(text.as_bytes()));
            let at = Rarity::of(&needles).rarest_window(text.as_bytes(), shape);
            let window = &text[at..at + shape.window()];
            assert!(window.contains(rare), "{window:?}");
        }
    }
}
