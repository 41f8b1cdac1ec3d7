//! Answers, whole and cut, in pieces of any size.

use super::{Heard, Hearing, Why};
use crate::target::Ending;

const WHOLE: &str = "Welcome!\r\nbeep\n\nKB-n who\nLinux\n6.1\nbox\nroot\n\nKB-n begin 0\none\nKB-n end 0 7\n\nKB-x end 0 1 ended 0\ntwo\nKB-n end 0 3 ended 2\n\nKB-n done\n";

fn heard(text: &str, piece: usize, keep: usize) -> (Heard, bool) {
    let mut hearing = Hearing::new("n", keep);
    let mut complete = false;
    for bytes in text.as_bytes().chunks(piece) {
        complete = hearing.take(bytes);
    }
    (hearing.finish(), complete)
}

#[test]
fn pieces_of_any_size_say_the_same() {
    let text = WHOLE.replace("\nKB-n end 0 7\n", "\nKB-m end 0 7\n");
    for piece in [1, 2, 3, 7, 64, 4096] {
        let (heard, complete) = heard(&text, piece, 4096);
        assert!(complete);
        assert_eq!(heard.ending, Some((Ending::Exited(3), Why::Ended, 2)));
        assert_eq!(heard.text, b"one\nKB-m end 0 7\n\nKB-x end 0 1 ended 0\ntwo");
        assert_eq!(heard.identity.map(|who| (who.system, who.user)), Some(("linux".into(), "root".into())));
        assert_eq!(heard.noise.raw(), b"Welcome!\r\nbeep\n");
    }
}

#[test]
fn every_cut_answer_has_no_ending() {
    let text = "\nKB-n who\nLinux\n6.1\nbox\nroot\n\nKB-n begin 0\nx\nKB-n end 0 127 ended 0\n";
    for length in 0..text.len() {
        let (heard, complete) = heard(&text[..length], 5, 4096);
        assert!(!complete && heard.ending.is_none(), "{:?}", &text[..length]);
    }
}

#[test]
fn a_flood_is_counted_and_not_kept() {
    let flood = "0123456789".repeat(100_000);
    let text = format!("\nKB-n who\nLinux\n6.1\nbox\nroot\n\nKB-n begin 0\n{flood}\nKB-n end 0 0 late 0\n");
    let (heard, _) = heard(&text, 1000, 100);
    assert_eq!((heard.text.len(), heard.dropped), (100, 999_900));
    assert_eq!(heard.ending, Some((Ending::Exited(0), Why::Late, 0)));
}

#[test]
fn a_mark_in_place_of_an_output_says_why_nothing_ran() {
    let text = "\nKB-n who\nLinux\n6.1\nbox\nroot\n\nKB-n begin 0\n\nKB-n missing-esxcli 0\n\nKB-n end 0 0 ended 0\n\nKB-n done\n";
    let (heard, _) = heard(text, 9, 4096);
    assert_eq!(heard.ending, Some((Ending::Missing("esxcli".into()), Why::Ended, 0)));
}
