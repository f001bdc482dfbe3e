//! A call's work, carried by its client's connection as long as that waits for the answer's head.
//!
//! Waiting in one task for what another does costs two wake-ups a call, so the work is polled where
//! it is waited for. It belongs to the call all the same: when the head is there, or when the client
//! goes away, the rest goes on in a task of its own.

use domain::refusal::{Refusal, RefusalCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::Answer;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits for the head of an answer by doing the work for it.
pub(crate) struct Carried {
    work: Option<Work>,
    answer: oneshot::Receiver<Answer>,
}

impl Carried {
    /// Carries work that will send the head of its answer.
    pub(crate) fn new(work: Work, answer: oneshot::Receiver<Answer>) -> Self {
        Self { work: Some(work), answer }
    }

    fn set_down(&mut self) {
        let Some(work) = self.work.take() else { return };
        // Without a runtime the process is ending: the call is held in doubt as it is dropped.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

impl Future for Carried {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        if let Some(work) = &mut self.work {
            // What panics is reported where it panics; the connection and its other calls go on.
            let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
            if !matches!(polled, Ok(Poll::Pending)) {
                self.work = None;
            }
        }
        match self.answer.try_recv() {
            Ok(answer) => {
                self.set_down();
                Poll::Ready(answer)
            }
            Err(TryRecvError::Empty) if self.work.is_some() => Poll::Pending,
            Err(_) => {
                let message =
                    "The gateway failed on this call; it is held in doubt. Tell the operator.";
                Poll::Ready(Err(Refusal::new(RefusalCode::UpstreamFailed, message)))
            }
        }
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.set_down();
    }
}
