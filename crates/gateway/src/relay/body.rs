//! The body of an answer on its way to the client.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

use super::work::Work;

/// An answer's body: whole, or piece by piece from the call's task.
pub struct RelayBody(Kind);

enum Kind {
    Full(Option<Bytes>),
    Pieces(Pieces),
}

struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    /// Whether the last of them has been handed on.
    whole: Arc<AtomicBool>,
    /// What makes them, where that has no task of its own.
    work: Option<Work>,
}

impl Pieces {
    /// The next piece, made now if it can be.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Ok(piece) = self.receiver.try_recv() {
            return Poll::Ready(Some(piece));
        }
        if let Some(work) = &mut self.work {
            work.drive(cx);
        }
        self.receiver.poll_recv(cx)
    }
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
        let whole = Arc::new(AtomicBool::new(false));
        (
            Outlet { sender, whole: Arc::clone(&whole), gone: false },
            Self(Kind::Pieces(Pieces { receiver, whole, work: None })),
        )
    }

    /// Makes the pieces where they are asked for.
    pub(crate) fn carry(&mut self, work: Work) {
        if let Kind::Pieces(pieces) = &mut self.0 {
            pieces.work = Some(work);
        }
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
            Kind::Pieces(pieces) => pieces.poll_next(cx).map(|piece| match piece {
                Some(piece) => Some(Ok(Frame::data(piece))),
                // Nobody may take an answer for whole that ended otherwise.
                None if pieces.whole.swap(true, Ordering::AcqRel) => None,
                None => Some(Err(io::Error::other("the answer broke off"))),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Full(bytes) if bytes.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Kind::Pieces(..) => SizeHint::default(),
        }
    }
}

/// Where a call's task puts the pieces for its client.
pub(crate) struct Outlet {
    sender: mpsc::Sender<Bytes>,
    whole: Arc<AtomicBool>,
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
        let Err(full) = self.sender.try_send(bytes) else { return };
        self.gone = match full {
            TrySendError::Closed(_) => true,
            TrySendError::Full(piece) => {
                !matches!(timeout(PATIENCE, self.sender.send(piece)).await, Ok(Ok(())))
            }
        };
    }

    /// Ends the answer in order. Dropped without this, its connection is broken off.
    pub(crate) fn end(self) {
        self.whole.store(!self.gone, Ordering::Release);
    }

    /// Whether the client is gone.
    pub(crate) const fn is_gone(&self) -> bool {
        self.gone
    }

    /// Waits until the client goes away.
    pub(crate) fn left(&self) -> impl Future<Output = ()> + use<> {
        let sender = self.sender.clone();
        async move { sender.closed().await }
    }

    /// Notes that the client went away.
    pub(crate) const fn give_up(&mut self) {
        self.gone = true;
    }
}
