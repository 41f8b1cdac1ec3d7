//! Tests of reading a paste: cut, doubled, decorated, and from devices.

use super::*;

const WHOLE: &str = "\
root@guest:~# sh <<'KB_n1'
> kb_mark() { printf '\\n%s-%s %s\\n' KB n1 \"$*\"; }

KB-n1 who
FreeBSD
9.1-RELEASE
router-a
root

KB-n1 begin 0
a
b

KB-n1 end 0 0

KB-n1 begin 1

KB-n1 end 1 37

KB-n1 done
root@guest:~# ";

fn paste(text: &str) -> Paste {
    Paste::new("n1", text.as_bytes())
}

fn exited(status: i32, text: &str) -> Answer {
    Answer { ending: Ending::Exited(status), text: text.into() }
}

fn is_not_known(answer: &Answer, why: &str) -> bool {
    matches!(&answer.ending, Ending::NotKnown(reason) if reason.contains(why))
}

#[test]
fn the_whole() {
    let paste = paste(WHOLE);
    assert!(paste.is_complete());
    let who = paste.identity().unwrap();
    assert_eq!(
        (who.system.as_str(), who.release.as_str(), who.user.as_str()),
        ("freebsd", "9.1-RELEASE", "root")
    );
    assert_eq!(who.host.raw(), b"router-a");
    assert_eq!(paste.answer(0), exited(0, "a\nb\n"));
    assert_eq!(paste.answer(1), exited(37, ""));
}

#[test]
fn returns_colours_and_bracketed_paste_are_not_there() {
    let decorated = format!("\x1b[200~{}\x1b[201~", WHOLE.replace('\n', "\x1b[0m\r\n"));
    let paste = paste(&decorated);
    assert!(paste.is_complete());
    assert_eq!(paste.answer(0), exited(0, "a\nb\n"));
}

#[test]
fn a_paste_cut_anywhere_never_claims_what_it_does_not_hold() {
    for length in 0..WHOLE.len() {
        let paste = paste(&WHOLE[..length]);
        for number in [0, 1] {
            let answer = paste.answer(number);
            let whole = if number == 0 { exited(0, "a\nb\n") } else { exited(37, "") };
            assert!(
                answer == whole || matches!(answer.ending, Ending::NotKnown(_)),
                "cut at {length}: {answer:?}"
            );
        }
    }
    assert!(is_not_known(
        &paste(&WHOLE[..WHOLE.find("KB-n1 end 0").unwrap()]).answer(0),
        "cut before its end"
    ));
    assert!(is_not_known(&paste(&WHOLE[WHOLE.find("KB-n1 end 0").unwrap()..]).answer(0), "does not hold it"));
}

#[test]
fn pasted_twice_the_last_one_counts() {
    let twice = format!("{}\n{WHOLE}", WHOLE.replace("\na\nb\n", "\nold\n"));
    assert_eq!(paste(&twice).answer(0), exited(0, "a\nb\n"));
}

#[test]
fn marks_of_another_batch_are_not_ours() {
    let paste = Paste::new("n2", WHOLE.as_bytes());
    assert!(!paste.is_complete() && paste.identity().is_none());
    assert!(is_not_known(&paste.answer(0), "does not hold it"));
}

#[test]
fn what_did_not_run() {
    let text = WHOLE.replace("\na\nb\n", "\n\nKB-n1 missing-birdc 0\n");
    assert_eq!(paste(&text).answer(0).ending, Ending::Missing("birdc".into()));
    let text = WHOLE.replace("\na\nb\n", "\n\nKB-n1 other-system 0\n");
    assert_eq!(paste(&text).answer(0).ending, Ending::OtherSystem("freebsd".into()));
    let text = WHOLE.replace("\na\nb\n", "\n\nKB-n1 not-root 0\n");
    assert!(matches!(paste(&text).answer(0).ending, Ending::Refused(_)));
}

#[test]
fn a_signal_is_told_from_an_exit_status() {
    assert_eq!(paste(&WHOLE.replace("end 0 0", "end 0 137")).answer(0).ending, Ending::Signalled(9));
}

const DEVICE: &str = "\
asa# terminal pager 0
asa# ! KB-n1 begin 0
asa# show run service-policy
service-policy outside interface outside
asa# ! KB-n1 end 0
asa# ! KB-n1 begin 1
asa# configure terminal
asa(config)# class-map x
            ^
ERROR: % Invalid input detected at '^' marker.
asa(config)# ! KB-n1 end 1
asa(config)# ! KB-n1 done
asa(config)# ";

#[test]
fn a_device_echoes_its_marks_behind_its_prompt() {
    let paste = paste(DEVICE);
    assert!(paste.is_complete());
    assert_eq!(paste.device_answer(0), exited(0, "service-policy outside interface outside\n"));
    let refused = paste.device_answer(1);
    assert_eq!(refused.ending, Ending::Exited(1));
    assert!(refused.text.starts_with(b"            ^\nERROR:"), "{refused:?}");
    assert!(is_not_known(&paste.device_answer(2), "does not hold it"));
}
