//! How long a client may take: ten seconds for a head, 75 idle between two requests, and two minutes
//! to take what is sent to it.
//!
//! The HTTP library knows one time-out for both; this wrapper of the socket tells them apart. It
//! looks at the clock a few times a minute instead of setting an alarm per request.

use gateway::told::Told;
use http::Version;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long a hand-shake and a head may take.
pub(crate) const HEAD: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(75);
const STUCK: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_secs(2);

/// How many requests of a connection are being answered.
#[derive(Clone, Default)]
pub(crate) struct Busy(Arc<Count>);

#[derive(Default)]
struct Count {
    answering: AtomicUsize,
    /// How many requests there were so far.
    entered: AtomicUsize,
    /// Whether the connection has shown that it carries many requests at once (HTTP/2): what comes
    /// then between two of them need not be a head.
    is_shared: AtomicBool,
}

/// A request that is being answered.
pub(crate) struct Answering(Busy);

impl Busy {
    pub(crate) fn enter(&self, version: Version) -> Answering {
        self.0.answering.fetch_add(1, Ordering::Relaxed);
        self.0.entered.fetch_add(1, Ordering::Relaxed);
        if version == Version::HTTP_2 {
            self.0.is_shared.store(true, Ordering::Relaxed);
        }
        Answering(self.clone())
    }

    fn is_idle(&self) -> bool {
        self.0.answering.load(Ordering::Relaxed) == 0
    }

    fn entered(&self) -> usize {
        self.0.entered.load(Ordering::Relaxed)
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared.load(Ordering::Relaxed)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket whose peer's patience is limited while no request is being answered.
pub(crate) struct PatientIo<T> {
    inner: T,
    busy: Busy,
    /// Since when nothing is answered, and whether a part of a head has come since.
    waiting: Option<(Instant, bool)>,
    /// How many requests there were when that was noted: another one was a whole head.
    entered: usize,
    /// Since when the client has taken nothing of what is to be sent.
    stuck: Option<Instant>,
    look: Pin<Box<Sleep>>,
    /// Who is woken when it is time to look.
    told: Told,
}

impl<T> PatientIo<T> {
    pub(crate) fn new(inner: T, busy: Busy) -> Self {
        let look = Box::pin(tokio::time::sleep(LOOK));
        Self { inner, busy, waiting: None, entered: 0, stuck: None, look, told: Told::default() }
    }

    /// Looks at the clock if it is time to; an error ends the connection.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        // A timer that has not rung will wake whom it was told to.
        if self.told.is(cx) && !self.look.is_elapsed() {
            return Ok(());
        }
        while self.told.poll(cx, |cx| self.look.as_mut().poll(cx)).is_ready() {
            let now = Instant::now();
            self.look.as_mut().reset(now + LOOK);
            if self.stuck.is_some_and(|since| now.duration_since(since) >= STUCK) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.forget_heads_that_came();
            if !self.busy.is_idle() {
                self.waiting = None;
                continue;
            }
            let (since, in_head) = *self.waiting.get_or_insert((now, false));
            if now.duration_since(since) >= if in_head { HEAD } else { IDLE } {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Notes whether bytes could be sent, and looks at the clock if not.
    fn sent<R>(
        &mut self,
        polled: Poll<io::Result<R>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        if polled.is_ready() {
            self.stuck = None;
        } else {
            self.stuck.get_or_insert_with(Instant::now);
            self.check(cx)?;
        }
        polled
    }

    /// A head that has become a request is owed no longer.
    fn forget_heads_that_came(&mut self) {
        let entered = self.busy.entered();
        if entered != self.entered {
            (self.entered, self.waiting) = (entered, None);
        }
    }

    /// Notes that bytes came.
    fn heard(&mut self) {
        self.forget_heads_that_came();
        self.waiting = match self.waiting {
            _ if !self.busy.is_idle() => None,
            // Since its last request: what keeps a connection open is calls, not pings.
            since if self.busy.is_shared() => since.or_else(|| Some((Instant::now(), false))),
            Some((since, true)) => Some((since, true)),
            _ => Some((Instant::now(), true)),
        };
    }
}

impl<T: Read + Unpin> Read for PatientIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        match polled {
            Poll::Ready(_) => self.heard(),
            Poll::Pending => self.check(cx)?,
        }
        polled
    }
}

impl<T: Write + Unpin> Write for PatientIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.sent(polled, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        // Encryption takes bytes before the socket does: then it is here that a client is waited for.
        if polled.is_pending() {
            return self.sent(polled, cx);
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.sent(polled, cx)
    }
}
