//! Tests of the messages between kb and its helper.

use super::*;

fn plan() -> Plan {
    Plan {
        interpreter: "/bin/sh".into(),
        script: "printf '%s' \"$v\"\n".into(),
        environment: vec![("v".into(), os(b"\xff'$(x)".to_vec())), ("w".into(), OsString::new())],
        needs: vec!["birdc".into()],
        time: Duration::from_millis(1500),
        output_bytes_max: 1 << 18,
        access: Access::Read { unix: true, net: false, tmp: true, processes: true },
        holding: Holding { required: true, landlock_max: Some(3) },
    }
}

#[test]
fn a_plan_comes_out_as_it_went_in() {
    assert_eq!(Plan::decode(&plan().encode()), Some(plan()));
}

#[test]
fn a_reply_comes_out_as_it_went_in() {
    let endings = [
        Ending::Exited(3),
        Ending::Signalled(9),
        Ending::TimedOut,
        Ending::Interrupted,
        Ending::Missing("birdc".into()),
        Ending::Refused("no".into()),
        Ending::NotKnown("lost".into()),
        Ending::NotHeld("old".into()),
        Ending::TookTooMuch("processes".into()),
    ];
    for ending in endings {
        let left = Leftovers { ended: 2, survived: 1 };
        let took = Duration::from_micros(17);
        let reply = Reply {
            ending,
            text: b"a\0b\xff".to_vec(),
            dropped: 7,
            took,
            left,
            confinement: Confinement::Confined(Level {
                by: "so".into(),
                always_open: "UDP".into(),
                holes: vec!["a".into(), "b".into()],
                opened: vec!["c".into()],
            }),
        };
        assert_eq!(Reply::decode(&reply.encode()), Some(reply));
    }
}

#[test]
fn a_message_cut_anywhere_is_no_message() {
    let whole = plan().encode();
    for length in 0..whole.len() {
        assert_eq!(Plan::decode(&whole[..length]), None, "cut at {length}");
    }
}
