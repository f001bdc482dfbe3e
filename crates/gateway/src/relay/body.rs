//! The body of an answer on its way to the client.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::timeout;

use super::pipe::{Ending, Inlet, Tap, pipe};
use super::work::Work;

/// An answer's body: whole, or piece by piece from the call's work.
pub struct RelayBody(Kind);

enum Kind {
    Full(Option<Bytes>),
    Pieces(Pieces),
}

struct Pieces {
    tap: Tap,
    /// The end has been handed on.
    ended: bool,
    /// What makes them, where that has no task of its own.
    work: Option<Work>,
}

impl Pieces {
    /// The next piece, made now if it can be.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Ending>> {
        let Some(work) = &mut self.work else { return self.tap.poll_take(cx) };
        if let Some(taken) = self.tap.take() {
            return Poll::Ready(taken);
        }
        // It wakes the caller when it can go further; nobody else puts anything in.
        work.drive(cx);
        self.tap.take().map_or(Poll::Pending, Poll::Ready)
    }
}

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
        let (inlet, tap) = pipe();
        let pieces = Pieces { tap, ended: false, work: None };
        (Outlet { inlet, gone: false }, Self(Kind::Pieces(pieces)))
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
            Kind::Pieces(pieces) if pieces.ended => Poll::Ready(None),
            Kind::Pieces(pieces) => {
                let next = ready!(pieces.poll_next(cx));
                pieces.ended = next.is_err();
                Poll::Ready(match next {
                    Ok(piece) => Some(Ok(Frame::data(piece))),
                    Err(Ending::Whole) => None,
                    // Nobody may take an answer for whole that ended otherwise.
                    Err(Ending::BrokenOff) => Some(Err(io::Error::other("the answer broke off"))),
                })
            }
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

/// Where a call's work puts the pieces for its client.
pub(crate) struct Outlet {
    inlet: Inlet,
    gone: bool,
}

impl Outlet {
    /// Hands a piece on; waits while the client is slow, but not for ever. A client that is gone
    /// takes nothing.
    pub(crate) async fn send(&mut self, piece: Bytes) {
        if self.gone || piece.is_empty() {
            return;
        }
        // Usually there is room: then no clock is looked at.
        match self.inlet.put(piece) {
            Ok(None) => {}
            Ok(Some(piece)) => {
                let room = poll_fn(|cx| self.inlet.poll_room(cx));
                let waited = timeout(PATIENCE, room).await;
                self.gone = waited.is_err() || !matches!(self.inlet.put(piece), Ok(None));
            }
            Err(_) => self.gone = true,
        }
    }

    /// Ends the answer in order. Dropped without this, its connection is broken off.
    pub(crate) fn end(self) {
        self.inlet.end(if self.gone { Ending::BrokenOff } else { Ending::Whole });
    }

    /// Whether the client is gone.
    pub(crate) const fn is_gone(&self) -> bool {
        self.gone
    }

    /// Ready when the client has gone away.
    pub(crate) fn poll_left(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.inlet.poll_left(cx)
    }

    /// Notes that the client went away.
    pub(crate) const fn give_up(&mut self) {
        self.gone = true;
    }
}
