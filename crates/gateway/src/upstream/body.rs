//! The body of an upstream's answer.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::exchange::{Exchange, poll_driven};

/// The body of an answer. Read to its end, its connection is kept for another call; dropped before,
/// the connection is closed.
pub struct AnswerBody {
    incoming: Incoming,
    /// The connection to be driven and kept; none over HTTP/2, whose connections drive themselves.
    exchange: Option<Box<Exchange>>,
}

impl AnswerBody {
    pub(super) const fn new(incoming: Incoming, exchange: Option<Box<Exchange>>) -> Self {
        Self { incoming, exchange }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { incoming, exchange } = self.get_mut();
        let mut incoming = Pin::new(incoming);
        let Some(driven) = exchange else { return incoming.poll_frame(cx) };
        let polled = poll_driven(driven, cx, |cx| incoming.as_mut().poll_frame(cx));
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
