//! `cargo +nightly fuzz run file`: forged files give an error or a scanner of other things.
#![no_main]

#[path = "../case.rs"]
mod case;

libfuzzer_sys::fuzz_target!(|data: &[u8]| case::file(data));
