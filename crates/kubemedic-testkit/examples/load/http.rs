//! As much of HTTP/1.1 as the load needs: requests on one kept connection, bodies by length or in chunks, events of a stream.

use std::{fmt::Write as _, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Failure;

/// What is read from a socket at a time; small, because thousands of connections are open.
const READ_BYTES: usize = 8 * 1024;

/// One connection to the server.
#[derive(Debug)]
pub struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    at: usize,
    body: Body,
}

/// What of the present response is still to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Nothing,
    Bytes(usize),
    Chunks,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            buffer: Vec::new(),
            at: 0,
            body: Body::Nothing,
        })
    }

    /// Sends a request and reads the head of its response; returns the status.
    pub async fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<u16, Failure> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        if method == "POST" {
            write!(
                request,
                "Content-Type: {kind}\r\nContent-Length: {}\r\n",
                body.len()
            )?;
        }
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        self.socket.write_all(&bytes).await?;
        self.head().await
    }

    async fn head(&mut self) -> Result<u16, Failure> {
        let status = self.line().await?;
        let status: u16 = status.split(' ').nth(1).unwrap_or_default().parse()?;
        self.body = Body::Nothing;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(status);
            }
            if let Some(length) = line.strip_prefix("content-length:") {
                self.body = Body::Bytes(length.trim().parse()?);
            } else if line.starts_with("transfer-encoding:") {
                self.body = Body::Chunks;
            }
        }
    }

    /// The rest of a response's body.
    pub async fn text(&mut self) -> Result<String, Failure> {
        let mut text = Vec::new();
        while let Some(part) = self.part().await? {
            text.extend(part);
        }
        Ok(String::from_utf8(text)?)
    }

    /// The next part of a body: a chunk (of an event stream: an event), or all of it; `None` at its end.
    pub async fn part(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        match self.body {
            Body::Nothing | Body::Bytes(0) => Ok(None),
            Body::Bytes(length) => {
                self.body = Body::Nothing;
                Ok(Some(self.bytes(length).await?))
            }
            Body::Chunks => {
                let size = usize::from_str_radix(self.line().await?.trim(), 16)?;
                let mut chunk = self.bytes(size + 2).await?;
                chunk.truncate(size);
                if size == 0 {
                    self.body = Body::Nothing;
                }
                Ok((size > 0).then_some(chunk))
            }
        }
    }

    async fn line(&mut self) -> Result<String, Failure> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(end) = rest.windows(2).position(|it| it == b"\r\n") {
                let line = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
                self.at += end + 2;
                return Ok(line);
            }
            self.more().await?;
        }
    }

    async fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(bytes) = self.buffer.get(self.at..self.at + count) {
                let bytes = bytes.to_vec();
                self.at += count;
                return Ok(bytes);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Failure> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.reserve(READ_BYTES);
        if self.socket.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

/// The text between the quotes after `"name":"`, as far as it holds no quote itself.
pub fn field<'t>(json: &'t [u8], name: &str) -> Option<&'t str> {
    let text = std::str::from_utf8(json).ok()?;
    let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
