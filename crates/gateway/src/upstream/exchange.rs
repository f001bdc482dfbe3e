//! One HTTP/1.1 connection, driven by whoever waits for something on it.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::task::{Context, Waker};

use super::client::{Io, Outgoing};
use super::pool::Pool;

/// A connection that is idle, or that one call uses.
pub(super) struct Exchange {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Pin<Box<http1::Connection<Io, Full<Bytes>>>>,
    ended: bool,
    home: Home,
}

/// Where a connection goes when it is idle.
pub(super) struct Home {
    pub(super) origin: Arc<str>,
    pub(super) pool: Weak<Pool>,
}

impl Exchange {
    /// Starts to speak over a fresh connection.
    pub(super) async fn start(io: Io, home: Home) -> hyper::Result<Box<Self>> {
        let (sender, driver) = http1::handshake(io).await?;
        Ok(Box::new(Self { sender, driver: Box::pin(driver), ended: false, home }))
    }

    /// Asks, and waits for the head of the answer. A request that was not sent comes back with the
    /// error.
    pub(super) async fn send(
        &mut self,
        request: Outgoing,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        let mut answer = pin!(self.sender.try_send_request(*request));
        let (driver, ended) = (&mut self.driver, &mut self.ended);
        std::future::poll_fn(|cx| {
            *ended = *ended || driver.as_mut().poll(cx).is_ready();
            // It comes from the driver alone: to be woken for it would be to be woken twice.
            answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
        .await
    }

    /// Goes on as far as it can without waiting; wakes the caller when it can go further.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        // A failure is told to whoever waits for the answer or its body.
        self.ended = self.ended || self.driver.as_mut().poll(cx).is_ready();
    }

    /// Whether another request can be sent now.
    pub(super) fn is_usable(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.sender.is_ready()
    }

    /// Keeps the connection for another call, if it can be used again.
    pub(super) fn go_home(self: Box<Self>) {
        if let Some(pool) = self.home.pool.upgrade() {
            pool.put(self);
        }
    }

    pub(super) const fn origin(&self) -> &Arc<str> {
        &self.home.origin
    }
}
