//! How long an answer may pause, and how long it may last.
//!
//! One timer for the whole answer, looked at when it rings: setting one for each piece would cost more
//! than passing the piece on. An answer that never has to be waited for sets none.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Piece;
use crate::told::Told;
use crate::upstream::AnswerBody;

/// Rings when nothing came for too long, or when time is up.
pub(super) struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    /// The longest pause.
    idle: Duration,
    /// The last moment.
    deadline: Instant,
    /// When the last piece came, as far as that was asked.
    last: Option<Instant>,
    /// Who is woken when the timer rings.
    told: Told,
}

impl Alarm {
    pub(super) fn new(idle: Duration, deadline: Instant) -> Self {
        Self { timer: None, idle, deadline, last: None, told: Told::default() }
    }

    /// Time is up earlier than was thought.
    pub(super) fn end_by(&mut self, deadline: Instant) {
        self.deadline = self.deadline.min(deadline);
        let due = self.due();
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(due);
            self.told.forget();
        }
    }

    /// When the last piece came.
    pub(super) fn last(&mut self) -> Instant {
        *self.last.get_or_insert_with(Instant::now)
    }

    /// Whether time is up.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The next piece of an answer, if it comes in time.
    pub(super) async fn next_piece(&mut self, body: &mut AnswerBody) -> Piece {
        poll_fn(|cx| self.poll_piece(body, cx)).await
    }

    /// The same, for who waits for other things as well.
    pub(super) fn poll_piece(
        &mut self,
        body: &mut AnswerBody,
        cx: &mut Context<'_>,
    ) -> Poll<Piece> {
        use http_body::Body;
        loop {
            return match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        // The clock is looked at when the next one has to be waited for.
                        self.last = None;
                        Poll::Ready(Piece::Data(data))
                    }
                    Err(_) => continue,
                },
                Poll::Ready(Some(Err(_))) => Poll::Ready(Piece::Broken),
                Poll::Ready(None) => Poll::Ready(Piece::End),
                Poll::Pending => self.poll(cx).map(|()| Piece::Broken),
            };
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.due();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        // A timer that has not rung will wake whom it was told to.
        if self.told.is(cx) && !timer.is_elapsed() {
            return Poll::Pending;
        }
        self.told.poll(cx, |cx| {
            loop {
                ready!(timer.as_mut().poll(cx));
                if Instant::now() >= due {
                    return Poll::Ready(());
                }
                // Something came since it was set.
                timer.as_mut().reset(due);
            }
        })
    }

    fn due(&mut self) -> Instant {
        self.deadline.min(self.last() + self.idle)
    }
}
