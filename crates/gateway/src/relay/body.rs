//! The body of an answer on its way to the client.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

/// An answer's body: whole, or piece by piece from the call's task.
pub struct RelayBody(Kind);

enum Kind {
    Full(Option<Bytes>),
    Pieces(mpsc::Receiver<io::Result<Bytes>>),
}

/// Pieces that may wait for a slow client before the upstream is read no further.
const WAITING: usize = 32;
/// A client that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(120);

impl RelayBody {
    /// A body that is there already.
    #[must_use]
    pub const fn full(bytes: Bytes) -> Self {
        Self(Kind::Full(Some(bytes)))
    }

    /// A body that comes piece by piece, and where to put the pieces.
    pub(crate) fn pieces() -> (Outlet, Self) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Outlet { sender, gone: false }, Self(Kind::Pieces(receiver)))
    }
}

impl Body for RelayBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Kind::Full(bytes) => Poll::Ready(
                bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))),
            ),
            Kind::Pieces(receiver) => {
                receiver.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Full(bytes) if bytes.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Kind::Pieces(_) => SizeHint::default(),
        }
    }
}

/// Where a call's task puts the pieces for its client.
pub(crate) struct Outlet {
    sender: mpsc::Sender<io::Result<Bytes>>,
    gone: bool,
}

impl Outlet {
    /// Hands a piece on; waits while the client is slow, but not for ever. A client that is gone
    /// takes nothing.
    pub(crate) async fn send(&mut self, bytes: Bytes) {
        if self.gone || bytes.is_empty() {
            return;
        }
        // Usually there is room: then no clock is looked at.
        let Err(full) = self.sender.try_send(Ok(bytes)) else { return };
        self.gone = match full {
            TrySendError::Closed(_) => true,
            TrySendError::Full(piece) => {
                !matches!(timeout(PATIENCE, self.sender.send(piece)).await, Ok(Ok(())))
            }
        };
    }

    /// Breaks the connection off, so that nobody takes the answer for whole.
    pub(crate) async fn break_off(&mut self) {
        let _ = self.sender.send(Err(io::Error::other("the answer broke off"))).await;
    }

    /// Whether the client is gone.
    pub(crate) const fn is_gone(&self) -> bool {
        self.gone
    }

    /// Waits until the client goes away.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Notes that the client went away.
    pub(crate) const fn give_up(&mut self) {
        self.gone = true;
    }
}
