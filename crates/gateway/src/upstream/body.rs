//! The body of an upstream's answer.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::exchange::Exchange;

/// The body of an answer. Read to its end, its connection is kept for another call; dropped before,
/// the connection is closed.
pub struct AnswerBody {
    incoming: Incoming,
    /// The connection to be driven and kept; none over HTTP/2, whose connections drive themselves.
    exchange: Option<Box<Exchange>>,
    state: State,
}

/// What the connection of a body was last asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing: it does not know yet that the body is wanted.
    Unasked,
    /// To wake who waits.
    Waiting,
    /// For a piece, which came.
    Served,
}

impl AnswerBody {
    pub(super) const fn new(incoming: Incoming, exchange: Option<Box<Exchange>>) -> Self {
        Self { incoming, exchange, state: State::Unasked }
    }
}

/// The next frame of a body whose connection has to be driven for it to come.
///
/// To take a frame wakes who drove the connection last, so that it is driven again. That is done here
/// anyway; so while a frame is likely to be there, nobody is named to be woken. And nobody is ever
/// woken for the frame itself, which only comes from the connection.
fn poll_driven(
    mut incoming: Pin<&mut Incoming>,
    exchange: &mut Exchange,
    state: State,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    let mut nobody = Context::from_waker(Waker::noop());
    if state != State::Served {
        exchange.drive(&mut nobody);
        if let ready @ Poll::Ready(_) = incoming.as_mut().poll_frame(&mut nobody) {
            return ready;
        }
    }
    if state == State::Unasked {
        exchange.drive(&mut nobody);
        if let ready @ Poll::Ready(_) = incoming.as_mut().poll_frame(&mut nobody) {
            return ready;
        }
    }
    exchange.drive(cx);
    incoming.poll_frame(&mut nobody)
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { incoming, exchange, state } = self.get_mut();
        let incoming = Pin::new(incoming);
        let Some(driven) = exchange else { return incoming.poll_frame(cx) };
        let polled = poll_driven(incoming, driven, *state, cx);
        *state = if polled.is_ready() { State::Served } else { State::Waiting };
        if matches!(polled, Poll::Ready(None))
            && let Some(exchange) = exchange.take()
        {
            exchange.go_home();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
