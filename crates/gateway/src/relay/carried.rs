//! A call's work, carried by its client's connection.
//!
//! Waiting in one task for what another does costs two wake-ups a call, and two more for each piece
//! of a stream, so the work is polled where it is waited for: first for the answer's head, then for
//! its body. It belongs to the call all the same: when the client goes away, the rest goes on in a
//! task of its own.

use domain::refusal::{Refusal, RefusalCode};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::Answer;
use super::work::Work;

/// Waits for the head of an answer by doing the work for it.
pub(crate) struct Carried {
    work: Option<Work>,
    answer: oneshot::Receiver<Answer>,
    /// Whether the body may carry the rest. A connection of many calls at once asks for a body only
    /// when there is room for it, which is too seldom for the call's own clocks.
    to_the_end: bool,
}

impl Carried {
    /// Carries work that will send the head of its answer.
    pub(crate) const fn new(
        work: Work,
        answer: oneshot::Receiver<Answer>,
        to_the_end: bool,
    ) -> Self {
        Self { work: Some(work), answer, to_the_end }
    }
}

impl Future for Carried {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        if let Some(work) = &mut self.work {
            work.drive(cx);
        }
        let is_done = self.work.as_ref().is_none_or(Work::is_done);
        match self.answer.try_recv() {
            Ok(mut answer) => {
                let rest = self.work.take().filter(|work| !work.is_done());
                if let (Ok(response), Some(rest), true) = (&mut answer, rest, self.to_the_end) {
                    response.body_mut().carry(rest);
                }
                Poll::Ready(answer)
            }
            Err(TryRecvError::Empty) if !is_done => Poll::Pending,
            Err(_) => {
                let message =
                    "The gateway failed on this call; it is held in doubt. Tell the operator.";
                Poll::Ready(Err(Refusal::new(RefusalCode::UpstreamFailed, message)))
            }
        }
    }
}
