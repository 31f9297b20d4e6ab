//! One file for each command of the command line. Results go to standard output, everything else to standard error.

pub mod diagnose;
pub mod eval;
pub mod learn;
pub mod logs;
pub mod openapi;
pub mod policy;
pub mod serve;
pub mod settings;
pub mod verify;
pub mod watch;

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Bad usage or configuration (`EX_USAGE` of sysexits.h, CONTRACT.md section 4).
pub const BAD_USAGE: u8 = 64;

/// Writes a result to standard output. A reader that has gone (`| head`) is no error.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Tells a problem on standard error and gives the exit code for bad usage or configuration.
pub fn refuse(problem: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "kubemedic: {problem}");
    ExitCode::from(BAD_USAGE)
}
