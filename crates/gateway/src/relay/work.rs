//! A call's own work, which goes on whoever waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Work that is polled where it is waited for. Dropped before it is done, the rest of it goes on in
/// a task of its own.
///
/// A connection asks for more than once after each piece; the work is only polled when something
/// that it waits for has come.
pub(crate) struct Work {
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    bell: Arc<Bell>,
    /// The bell as a waker.
    waker: Waker,
    /// Whom the bell wakes, as far as is known here.
    caller: Waker,
}

/// Notes that work can go further, and wakes whoever waits for it.
struct Bell {
    rung: AtomicBool,
    caller: Mutex<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.caller.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
        }
    }
}

impl Work {
    /// Work that has still to be done.
    pub(crate) fn new(work: Pin<Box<dyn Future<Output = ()> + Send>>) -> Self {
        let caller = Waker::noop().clone();
        let bell = Bell { rung: AtomicBool::new(true), caller: Mutex::new(caller.clone()) };
        let bell = Arc::new(bell);
        Self { work: Some(work), waker: Waker::from(Arc::clone(&bell)), bell, caller }
    }

    /// Goes on as far as it can without waiting; wakes the caller when it can go further.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        let Some(work) = &mut self.work else { return };
        if !self.caller.will_wake(cx.waker()) {
            self.caller.clone_from(cx.waker());
            let mut told = self.bell.caller.lock().unwrap_or_else(PoisonError::into_inner);
            told.clone_from(cx.waker());
        }
        // After the caller is known: who rings before this is answered now, who rings later wakes it.
        if !self.bell.rung.swap(false, Ordering::AcqRel) {
            return;
        }
        let mut cx = Context::from_waker(&self.waker);
        // What panics is reported where it panics; the connection and its other calls go on.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut cx)));
        if !matches!(polled, Ok(Poll::Pending)) {
            self.work = None;
        }
    }

    /// Whether nothing is left to do.
    pub(crate) const fn is_done(&self) -> bool {
        self.work.is_none()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        // Without a runtime the process is ending: the call is held in doubt as it is dropped.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::counted::Count;
    use std::sync::atomic::AtomicUsize;

    /// Work that counts how often it is polled, and leaves its waker there.
    fn counted() -> (Work, Arc<AtomicUsize>, Arc<Mutex<Option<Waker>>>) {
        let (polls, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
        let (count, place) = (Arc::clone(&polls), Arc::clone(&left));
        let work = std::future::poll_fn(move |cx| {
            count.fetch_add(1, Ordering::AcqRel);
            *place.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        });
        (Work::new(Box::pin(work)), polls, left)
    }

    #[test]
    fn work_is_polled_only_when_something_came() {
        let (mut work, polls, waker) = counted();
        let caller = Arc::new(Count::default());
        let woken = Waker::from(Arc::clone(&caller));
        let mut cx = Context::from_waker(&woken);
        for _ in 0..3 {
            work.drive(&mut cx);
        }
        assert_eq!(polls.load(Ordering::Acquire), 1);
        let waker = waker.lock().unwrap().clone().unwrap();
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!(caller.0.load(Ordering::Acquire), 1);
        work.drive(&mut cx);
        work.drive(&mut cx);
        assert_eq!(polls.load(Ordering::Acquire), 2);
        waker.wake();
        assert_eq!(caller.0.load(Ordering::Acquire), 2);
        work.work = None;
    }

    #[test]
    fn whoever_waits_last_is_woken() {
        let (mut work, _, waker) = counted();
        let callers = [(); 2].map(|()| Arc::new(Count::default()));
        for caller in &callers {
            let woken = Waker::from(Arc::clone(caller));
            work.drive(&mut Context::from_waker(&woken));
        }
        waker.lock().unwrap().take().unwrap().wake();
        assert_eq!(callers.map(|caller| caller.0.load(Ordering::Acquire)), [0, 1]);
        work.work = None;
    }
}
