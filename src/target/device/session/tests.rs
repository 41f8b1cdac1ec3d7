//! Unit tests of what a device's terminal does to lines.

use super::{without_carriage, without_echo};

const LINE: &str = "access-list ssh_ports remark access list to id ssh traffic for the class map";

#[test]
fn an_echo_that_scrolled_is_an_echo() {
    let shown = without_carriage(b"access-list ssh_ports\rasa(config)# $id ssh traffic    \x08\x08\x08\x08 for the class map\r\nbody\r\n");
    assert_eq!(without_echo(&shown, LINE), b"body\n");
    assert_eq!(without_echo(b"show hostname\nasa\n", "show hostname"), b"asa\n");
}

#[test]
fn what_is_no_echo_stays() {
    assert_eq!(without_echo(b"costs 5$\nmore\n", "show price"), b"costs 5$\nmore\n");
    assert_eq!(without_echo(b"asa\n", "show hostname"), b"asa\n");
}

#[test]
fn a_pager_is_written_over() {
    assert_eq!(without_carriage(b"one\r\n\r              \rtwo\r\n"), b"one\ntwo\n");
}
