//! Where a condition may not stand, by what the rule says of it.

use std::time::Duration;

use super::Reach;
use crate::import::cre::model::Condition;

fn places(lines: usize, anchor: u32, slide: &str, window: &str) -> String {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let condition =
        Condition { anchor: Some(anchor), slide: text(slide), window: text(window), ..Condition::default() };
    let reach = Reach::of(&condition).expect("times");
    let window = Some(Duration::from_secs(30));
    format!("{}; here: {}", reach.words(), reach.places(lines, window).words(window))
}

#[test]
fn a_condition_stands_where_the_rule_puts_it() {
    let table = [
        ((2, 0, "", ""), "from the first line on for as long as the lines took; here: between the lines"),
        (
            (2, 0, "30s", ""),
            "from 30s after the first line on for as long as the lines took; here: within 30s after the last line",
        ),
        (
            (2, 0, "-5s", "5s"),
            "from 5s before the first line on for as long as the lines took and 5s; here: within 30s before \
             the first line and between the lines",
        ),
        (
            (2, 0, "-1m", ""),
            "from 1m before the first line on for as long as the lines took; here: within 30s before the first \
             line",
        ),
        (
            (3, 1, "", "10s"),
            "from line 2 on for as long as the lines took and 10s; here: between the lines from line 2 on and \
             within 30s after the last line",
        ),
        (
            (2, 1, "", ""),
            "from line 2 on for as long as the lines took; here: within 30s after the last line",
        ),
    ];
    for ((lines, anchor, slide, window), expected) in table {
        assert_eq!(places(lines, anchor, slide, window), expected);
    }
}

#[test]
fn a_time_that_is_none_is_told_apart() {
    let condition = Condition { slide: Some("soon".to_owned()), ..Condition::default() };
    assert_eq!(Reach::of(&condition), None);
}
