//! What is said of a kernel, whatever this one can do.

use super::*;

fn said(landlock: i32) -> Level {
    level(Opened { unix: false, net: false, processes: false, landlock })
}

#[test]
fn the_holes_of_each_landlock_are_named() {
    let holes = [4, 5, 6, 8].map(|version| said(version).holes.join(", "));
    let signals = "signals to processes of the same user";
    assert_eq!(holes, [format!("ioctl on devices, {signals}"), signals.into(), String::new(), String::new()]);
    assert!(said(0).holes.contains(&WRITING.to_owned()));
}

#[test]
fn what_the_author_opens_is_named_too() {
    let open = level(Opened { unix: true, net: true, processes: false, landlock: NEWEST });
    assert!(open.holes.is_empty() && !open.is_complete());
    assert_eq!(open.opened.len(), 2);
}

#[test]
fn every_filter_can_be_built() {
    for landlock in 0..=NEWEST {
        for bits in 0..8 {
            let [unix, net, processes] = [1, 2, 4].map(|bit| bits & bit != 0);
            let opened = Opened { unix, net, processes, landlock };
            assert!(calls::filters(opened).is_ok(), "{bits} under Landlock {landlock}");
        }
    }
}
