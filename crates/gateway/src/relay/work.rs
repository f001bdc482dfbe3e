//! A call's own work, which goes on whoever waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Work that is polled where it is waited for. Dropped before it is done, the rest of it goes on in
/// a task of its own.
pub(crate) struct Work(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Work {
    /// Work that has still to be done.
    pub(crate) fn new(work: Pin<Box<dyn Future<Output = ()> + Send>>) -> Self {
        Self(Some(work))
    }

    /// Goes on as far as it can without waiting; wakes the caller when it can go further.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        let Some(work) = &mut self.0 else { return };
        // What panics is reported where it panics; the connection and its other calls go on.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        if !matches!(polled, Ok(Poll::Pending)) {
            self.0 = None;
        }
    }

    /// Whether nothing is left to do.
    pub(crate) const fn is_done(&self) -> bool {
        self.0.is_none()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(work) = self.0.take() else { return };
        // Without a runtime the process is ending: the call is held in doubt as it is dropped.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(work);
        }
    }
}
