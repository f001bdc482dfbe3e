//! Who is woken by something that was polled already.
//!
//! What has registered a waker need not be polled again by the same task until it has happened, which
//! is cheaper to ask. A task that has used up its share of a turn registers nothing, whatever it polls:
//! such a poll does not count.

use std::task::{Context, Poll, Waker};
use tokio::task::coop::has_budget_remaining;

/// The waker that is registered.
#[derive(Debug, Default)]
pub struct Told(Option<Waker>);

impl Told {
    /// Whether it is this task that will be woken.
    #[must_use]
    pub fn is(&self, cx: &Context<'_>) -> bool {
        self.0.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
    }

    /// Polls, and notes who will be woken.
    pub fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.0 = None;
        let polled = poll(cx);
        if polled.is_pending() && has_budget_remaining() {
            self.0 = Some(cx.waker().clone());
        }
        polled
    }

    /// Nobody is registered any more.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::time::Duration;
    use tokio::task::coop::consume_budget;
    use tokio::time::{sleep, timeout};

    #[tokio::test]
    async fn a_poll_without_budget_tells_nobody() {
        let mut timer = Box::pin(sleep(Duration::from_millis(20)));
        let mut told = Told::default();
        let waiting = tokio::spawn(async move {
            let mut spent = false;
            poll_fn(|cx| {
                if !spent {
                    spent = true;
                    while has_budget_remaining() {
                        let mut consume = std::pin::pin!(consume_budget());
                        let _more = consume.as_mut().poll(cx);
                    }
                    assert!(told.poll(cx, |cx| timer.as_mut().poll(cx)).is_pending());
                    assert!(!told.is(cx));
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                if told.is(cx) && !timer.is_elapsed() {
                    return Poll::Pending;
                }
                told.poll(cx, |cx| timer.as_mut().poll(cx))
            })
            .await;
        });
        timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    }
}
