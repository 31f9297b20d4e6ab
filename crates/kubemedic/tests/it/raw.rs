//! Connections below HTTP clients: half a request, no reading, thousands at once. Loopback only, every wait bounded.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::process::{PATIENCE, Server};

/// The address of a server's backend.
pub fn address(server: &Server) -> SocketAddr {
    server.backend.strip_prefix("http://").unwrap().parse().unwrap()
}

/// A connection on which nothing was sent.
pub fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A connection on which something was sent.
pub fn send(server: &Server, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(bytes.as_ref()).unwrap();
    stream
}

/// Everything that comes until the server ends the connection, in whatever way.
pub fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A GET without a body.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Lets this process open more files, as far as it may; the number that it may open then.
#[expect(
    clippy::disallowed_methods,
    reason = "prlimit(1) changes the limit of a running process"
)]
pub fn raise_own_file_limit() -> u64 {
    let own = std::process::id().to_string();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let numbers = |text: &str| -> Option<(u64, u64)> {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))?;
        let mut words = line
            .split_whitespace()
            .map(|word| word.parse().unwrap_or(u64::MAX));
        Some((words.next()?, words.next()?))
    };
    let Some((soft, hard)) = numbers(&limits) else {
        return 1024;
    };
    let raised = std::process::Command::new("prlimit")
        .args(["--pid", &own, &format!("--nofile={hard}:{hard}")])
        .status();
    if raised.is_ok_and(|it| it.success()) {
        hard
    } else {
        soft
    }
}
