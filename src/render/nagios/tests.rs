//! Tests of the states, which a server alarms by.

use super::*;

fn problem(state: State) -> Problem {
    Problem { state, runbook: "disk-full".into(), why: "a | b\nc".into() }
}

fn health(healthy: u64) -> Health {
    let mut health = Health::default();
    health.healthy = healthy;
    health
}

#[test]
fn what_is_surely_wrong_counts_more_than_what_could_not_be_told() {
    let found =
        |states: &[State]| state(&health(1), &states.iter().copied().map(problem).collect::<Vec<_>>());
    assert_eq!(found(&[]), State::Ok);
    assert_eq!(found(&[State::Unknown]), State::Unknown);
    assert_eq!(found(&[State::Unknown, State::Warning]), State::Warning);
    assert_eq!(found(&[State::Unknown, State::Warning, State::Critical]), State::Critical);
}

#[test]
fn nothing_checked_is_not_ok() {
    assert_eq!(state(&health(0), &[]), State::Unknown);
}

#[test]
fn the_text_holds_no_bar_and_every_problem_has_one_line() {
    let mut out = Vec::new();
    let took = Duration::from_millis(1500);
    service(&mut out, &health(2), &[problem(State::Critical)], took).expect("a vector takes everything");
    let text = String::from_utf8(out).expect("it is text");
    assert_eq!(
        text,
        "KB CRITICAL - 0 sick, 2 healthy, 0 unknown: disk-full | sick=0;;0;0 healthy=2;;;0 unknown=0;;;0 \
         not_checked=0;;;0 time=1.500s;;;0\nCRITICAL: disk-full: a / b c\n"
    );
}
