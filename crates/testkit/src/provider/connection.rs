//! A TCP connection that a script can break, or make write in small pieces.
//!
//! hyper has no way to say "send what you have, then drop the connection". The socket under it
//! does that: once a cut is ordered, its next flush first lets everything out and then fails, and
//! hyper closes the connection without ending the body.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::script::Ending;

/// The orders for one connection, given by the answer that is being sent on it.
#[derive(Debug, Default)]
pub(super) struct Orders {
    cut: OnceLock<Ending>,
    /// The longest write; 0 is no limit.
    longest_write: AtomicUsize,
}

impl Orders {
    /// Break the connection at the next flush, after what is written already.
    pub(super) fn cut(&self, ending: Ending) {
        // A second order on a connection that is being broken changes nothing.
        let _already_cut = self.cut.set(ending);
    }

    /// From now on write at most so many bytes at once.
    pub(super) fn limit_writes(&self, bytes: Option<usize>) {
        self.longest_write.store(bytes.unwrap_or(0), Ordering::Relaxed);
    }
}

/// The socket that carries the orders out.
#[derive(Debug)]
pub(super) struct ScriptedSocket {
    stream: TcpStream,
    orders: Arc<Orders>,
}

impl ScriptedSocket {
    pub(super) fn new(stream: TcpStream, orders: Arc<Orders>) -> Self {
        Self { stream, orders }
    }
}

impl AsyncRead for ScriptedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ScriptedSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let piece = match this.orders.longest_write.load(Ordering::Relaxed) {
            0 => bytes,
            longest => bytes.get(..longest).unwrap_or(bytes),
        };
        Pin::new(&mut this.stream).poll_write(context, piece)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        match this.orders.cut.get() {
            None => return Poll::Ready(Ok(())),
            Some(Ending::Close) => {}
            Some(Ending::Reset) => this.stream.set_zero_linger()?,
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the script")))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
