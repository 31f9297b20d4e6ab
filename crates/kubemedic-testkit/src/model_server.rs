//! The double of the model providers, npm's `@copilotkit/aimock`, as a process of its own: Gemini, OpenAI, Anthropic and Ollama on
//! one port, by script. `./test.sh` installs it and names it in `AIMOCK_BIN`; where it is missing the tests say so and pass.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// The variable that names the program.
const PROGRAM: &str = "AIMOCK_BIN";

/// A running double. It ends with this value.
#[derive(Debug)]
pub struct ModelServer {
    child: Child,
    /// Its address.
    pub url: String,
}

impl ModelServer {
    /// Starts a double on a free port with a file of its fixtures; `None`, and a line that says so, where the program is missing.
    ///
    /// # Panics
    /// When the program is there and does not start.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        clippy::expect_used,
        reason = "a process for tests, named by the environment; a test that cannot go on must stop"
    )]
    pub fn start(fixtures: &Path) -> Option<Self> {
        let Some(program) = std::env::var_os(PROGRAM) else {
            eprintln!("skipped: {PROGRAM} names no aimock (./test.sh installs it)");
            return None;
        };
        // It ends when its standard input is closed, also when this process is killed.
        let mut child = Command::new(program)
            .args(["-h", "127.0.0.1", "-p", "0", "--validate-on-load", "-f"])
            .arg(fixtures)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("AIMOCK_BIN can be started");
        let output = child.stdout.take().expect("its output is a pipe");
        let mut lines = BufReader::new(output).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on ")?.1.trim().to_owned()))
            .expect("it tells its address");
        // Its output is read for as long as it lives: a full pipe would hold it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self { child, url })
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
