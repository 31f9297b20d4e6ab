//! The OpenSearch-shaped `osmem-server` as a process of its own, for tests that read a real search API. `./test.sh` installs it
//! and names it in `OSMEM_SERVER_BIN`; where it is missing the tests say so and pass.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// The variable that names the program.
const PROGRAM: &str = "OSMEM_SERVER_BIN";

/// A running server with nothing in it. It ends with this value.
#[derive(Debug)]
pub struct SearchServer {
    child: Child,
    /// Its address.
    pub url: String,
}

impl SearchServer {
    /// Starts a server on a free port; `None`, and a line that says so, where the program is missing.
    ///
    /// # Panics
    /// When the program is there and does not start.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        clippy::expect_used,
        reason = "a process for tests, named by the environment; a test that cannot go on must stop"
    )]
    pub fn start() -> Option<Self> {
        let Some(program) = std::env::var_os(PROGRAM) else {
            eprintln!("skipped: {PROGRAM} names no osmem-server (./test.sh installs it)");
            return None;
        };
        // It ends when its standard input is closed, also when this process is killed.
        let mut child = Command::new(program)
            .args(["-addr", "127.0.0.1:0", "-no-ja"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("OSMEM_SERVER_BIN can be started");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output is a pipe");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it tells its address");
        let (_, rest) = line.split_once(r#""url":""#).expect("it tells its address");
        let (url, _) = rest.split_once('"').expect("it tells its address");
        Some(Self {
            child,
            url: url.to_owned(),
        })
    }
}

impl Drop for SearchServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
