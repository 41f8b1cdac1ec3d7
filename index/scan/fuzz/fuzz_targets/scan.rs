//! `cargo +nightly fuzz run scan`: the scanner against a naive loop.
#![no_main]

#[path = "../case.rs"]
mod case;

libfuzzer_sys::fuzz_target!(|data: &[u8]| case::scan(data));
