//! Just enough HTTP/1.1 to read messages that we know to be well-formed, at next to no cost.
//!
//! The load generator and the mock upstream share the machine with what is measured; a full HTTP
//! library in both would be most of the load.

use anyhow::{Context, bail, ensure};
use bytes::{Buf, BytesMut};
use memchr::memmem;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// How a message's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
}

/// The part of a message's head that matters here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// The status of a response; 0 for a request.
    pub(crate) status: u16,
    pub(crate) framing: Framing,
}

/// A connection read message by message.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    buffer: BytesMut,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: BytesMut::with_capacity(64 * 1024) }
    }

    /// The next message's head; `None` if the peer closed between two messages.
    pub(crate) async fn head(&mut self) -> anyhow::Result<Option<Head>> {
        let mut searched = 0;
        let end = loop {
            let unsearched = self.buffer.get(searched..).unwrap_or_default();
            if let Some(found) = memmem::find(unsearched, b"\r\n\r\n") {
                break searched + found;
            }
            searched = self.buffer.len().saturating_sub(3);
            let was_empty = self.buffer.is_empty();
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                ensure!(was_empty, "closed amid a head");
                return Ok(None);
            }
        };
        let head = self.buffer.split_to(end + 4);
        parse_head(&head).map(Some)
    }

    /// Reads the body and shows it piece by piece as it comes.
    pub(crate) async fn body(
        &mut self,
        framing: Framing,
        mut see: impl FnMut(&[u8]),
    ) -> anyhow::Result<()> {
        match framing {
            Framing::Length(length) => self.pass(length, &mut see).await,
            Framing::Chunked => loop {
                let size = self.chunk_size().await?;
                self.pass(size, &mut see).await?;
                self.pass(2, &mut |_| {}).await?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    async fn pass(&mut self, mut length: usize, see: &mut impl FnMut(&[u8])) -> anyhow::Result<()> {
        while length > 0 {
            if self.buffer.is_empty() {
                self.more().await?;
            }
            let piece = self.buffer.get(..length).unwrap_or(&self.buffer);
            see(piece);
            let passed = piece.len();
            self.buffer.advance(passed);
            length -= passed;
        }
        Ok(())
    }

    async fn chunk_size(&mut self) -> anyhow::Result<usize> {
        loop {
            if let Some(end) = memmem::find(&self.buffer, b"\r\n") {
                let line = self.buffer.split_to(end + 2);
                let text = std::str::from_utf8(&line)?;
                let digits = text.split(';').next().unwrap_or_default().trim();
                return usize::from_str_radix(digits, 16).context("not a chunk's size");
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed amid a body");
        Ok(())
    }
}

fn parse_head(head: &[u8]) -> anyhow::Result<Head> {
    let text = std::str::from_utf8(head)?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = match first.strip_prefix("HTTP/1.1 ") {
        Some(rest) => rest.get(..3).unwrap_or_default().parse().context("not a status")?,
        None => 0,
    };
    let mut framing = Framing::Length(0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            framing = Framing::Length(value.trim().parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.trim().eq_ignore_ascii_case("chunked") {
                bail!("unknown transfer encoding {value}");
            }
            framing = Framing::Chunked;
        }
    }
    Ok(Head { status, framing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    async fn received(sent: &'static [u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut sender = TcpStream::connect(listener.local_addr()?).await?;
        let mut connection = Connection::new(listener.accept().await?.0);
        sender.write_all(sent).await?;
        let head = connection.head().await?.unwrap();
        let mut body = Vec::new();
        connection.body(head.framing, |piece| body.extend_from_slice(piece)).await?;
        Ok((head.status, body))
    }

    #[tokio::test]
    async fn reads_both_framings() -> anyhow::Result<()> {
        let plain = received(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").await?;
        assert_eq!(plain, (200, b"abc".to_vec()));
        let chunked = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        assert_eq!(received(chunked).await?, (0, b"abc".to_vec()));
        Ok(())
    }
}
