//! Whether the key of a call is revoked meanwhile.
//!
//! Asked once for each piece of a stream, so that it costs nearly nothing while nothing happens: who
//! is registered to be woken is not registered again.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::watch;

use super::until_revoked;
use crate::told::Told;

/// Watches a key's revocation for one answer.
pub(super) struct Revocation {
    flag: watch::Receiver<bool>,
    waits: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Who is woken when the flag changes.
    told: Told,
}

impl Revocation {
    pub(super) fn new(flag: &watch::Receiver<bool>) -> Self {
        let mut watched = flag.clone();
        let waits = Box::pin(async move { until_revoked(&mut watched).await });
        Self { flag: flag.clone(), waits, told: Told::default() }
    }

    /// Whether the key is revoked.
    pub(super) fn is_there(&self) -> bool {
        *self.flag.borrow()
    }

    /// Ready when the key is revoked.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A flag that changed has woken whom it was to wake.
        if self.told.is(cx) && matches!(self.flag.has_changed(), Ok(false)) {
            return Poll::Pending;
        }
        self.told.poll(cx, |cx| self.waits.as_mut().poll(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::task::Waker;

    #[tokio::test]
    async fn a_revocation_is_told_to_whoever_waits_last() {
        let (revoke, flag) = watch::channel(false);
        let mut revocation = Revocation::new(&flag);
        let mut unheard = Context::from_waker(Waker::noop());
        assert!(revocation.poll(&mut unheard).is_pending());
        assert!(revocation.poll(&mut unheard).is_pending());
        let waiting = tokio::spawn(async move {
            poll_fn(|cx| revocation.poll(cx)).await;
            revocation.is_there()
        });
        tokio::task::yield_now().await;
        revoke.send_replace(false);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        revoke.send_replace(true);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn a_key_that_is_gone_revokes_nothing() {
        let (revoke, flag) = watch::channel(false);
        let mut revocation = Revocation::new(&flag);
        drop(revoke);
        let mut unheard = Context::from_waker(Waker::noop());
        assert!(revocation.poll(&mut unheard).is_pending());
        assert!(!revocation.is_there());
    }
}
