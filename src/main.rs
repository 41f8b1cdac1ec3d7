//! The program `kb`: hands the arguments over and gives the exit status back.

use std::process::ExitCode;

fn main() -> ExitCode {
    kb::cli::main(std::env::args_os())
}
