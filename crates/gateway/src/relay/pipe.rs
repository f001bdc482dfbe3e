//! The pieces of an answer on their way from the call's work to its client.
//!
//! Mostly both ends are polled by the same task, one inside the other (`carried.rs`): a piece that is
//! put in is taken out at once, and to wake anybody for it would be to poll the connection twice. So
//! a side is woken only when it said that it waits.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Pieces that may wait for a slow client before the upstream is read no further.
const ROOM: usize = 32;

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was put in.
    Whole,
    /// The rest of it will not come.
    BrokenOff,
}

/// The end that pieces are put into.
pub(super) struct Inlet(Arc<Mutex<Pipe>>);

/// The end that they are taken from.
pub(super) struct Tap(Arc<Mutex<Pipe>>);

#[derive(Default)]
struct Pipe {
    pieces: VecDeque<Bytes>,
    ending: Option<Ending>,
    /// Nobody takes them any more.
    is_left: bool,
    /// Who waits for a piece.
    taker: Option<Waker>,
    /// Who waits for room, or for the taker to leave.
    giver: Option<Waker>,
}

/// The client is gone.
#[derive(Debug)]
pub(super) struct Left;

/// A pipe with nothing in it.
pub(super) fn pipe() -> (Inlet, Tap) {
    let pipe = Arc::<Mutex<Pipe>>::default();
    (Inlet(Arc::clone(&pipe)), Tap(pipe))
}

impl Inlet {
    /// Puts a piece in; it comes back while there is no room.
    pub(super) fn put(&self, piece: Bytes) -> Result<Option<Bytes>, Left> {
        let mut pipe = lock(&self.0);
        if pipe.is_left {
            return Err(Left);
        }
        if pipe.pieces.len() >= ROOM {
            return Ok(Some(piece));
        }
        pipe.pieces.push_back(piece);
        wake(pipe, |pipe| &mut pipe.taker);
        Ok(None)
    }

    /// Ready when there is room, or nobody to need any.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut pipe = lock(&self.0);
        if pipe.is_left || pipe.pieces.len() < ROOM {
            return Poll::Ready(());
        }
        wait(&mut pipe.giver, cx)
    }

    /// Ready when nobody takes pieces any more.
    pub(super) fn poll_left(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut pipe = lock(&self.0);
        if pipe.is_left {
            return Poll::Ready(());
        }
        wait(&mut pipe.giver, cx)
    }

    /// Nothing more comes.
    pub(super) fn end(self, ending: Ending) {
        self.close(ending);
    }

    fn close(&self, ending: Ending) {
        let mut pipe = lock(&self.0);
        pipe.ending.get_or_insert(ending);
        wake(pipe, |pipe| &mut pipe.taker);
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.close(Ending::BrokenOff);
    }
}

impl Tap {
    /// The next piece if it is there, or how the answer ended.
    pub(super) fn take(&self) -> Option<Result<Bytes, Ending>> {
        let mut pipe = lock(&self.0);
        let Some(piece) = pipe.pieces.pop_front() else { return pipe.ending.map(Err) };
        // Whoever waits for room waits while there is none.
        if pipe.pieces.len() + 1 == ROOM {
            wake(pipe, |pipe| &mut pipe.giver);
        }
        Some(Ok(piece))
    }

    /// The same; wakes the caller when there is something.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Ending>> {
        if let Some(taken) = self.take() {
            return Poll::Ready(taken);
        }
        // What was put in meanwhile has nobody to wake yet, so this looks again.
        let _waits = wait(&mut lock(&self.0).taker, cx);
        self.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let mut pipe = lock(&self.0);
        pipe.is_left = true;
        let unwanted = std::mem::take(&mut pipe.pieces);
        wake(pipe, |pipe| &mut pipe.giver);
        drop(unwanted);
    }
}

fn lock(pipe: &Mutex<Pipe>) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the caller waits.
fn wait(place: &mut Option<Waker>, cx: &Context<'_>) -> Poll<()> {
    if !place.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
        *place = Some(cx.waker().clone());
    }
    Poll::Pending
}

/// Wakes who waits, outside of the lock: waking may run what takes it.
fn wake(mut pipe: MutexGuard<'_, Pipe>, side: impl FnOnce(&mut Pipe) -> &mut Option<Waker>) {
    let waker = side(&mut pipe).take();
    drop(pipe);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::counted::Count;
    use std::future::poll_fn;
    use std::sync::atomic::Ordering;

    fn counted() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), Waker::from(count))
    }

    fn piece(number: usize) -> Bytes {
        Bytes::from(number.to_string())
    }

    #[test]
    fn only_who_waits_is_woken_and_once() {
        let (inlet, tap) = pipe();
        let (woken, waker) = counted();
        assert!(inlet.put(piece(1)).unwrap().is_none());
        assert_eq!(tap.take(), Some(Ok(piece(1))));
        let mut cx = Context::from_waker(&waker);
        assert!(tap.poll_take(&mut cx).is_pending());
        assert!(inlet.put(piece(2)).unwrap().is_none());
        assert!(inlet.put(piece(3)).unwrap().is_none());
        assert_eq!(woken.0.load(Ordering::Acquire), 1);
        assert_eq!(tap.poll_take(&mut cx), Poll::Ready(Ok(piece(2))));
        assert_eq!(tap.poll_take(&mut cx), Poll::Ready(Ok(piece(3))));
        assert!(tap.poll_take(&mut cx).is_pending());
        inlet.end(Ending::Whole);
        assert_eq!(woken.0.load(Ordering::Acquire), 2);
        assert_eq!(tap.poll_take(&mut cx), Poll::Ready(Err(Ending::Whole)));
    }

    #[test]
    fn what_was_put_in_comes_before_the_end_and_a_lost_inlet_is_no_whole_answer() {
        let (inlet, tap) = pipe();
        assert!(inlet.put(piece(1)).unwrap().is_none());
        drop(inlet);
        assert_eq!(tap.take(), Some(Ok(piece(1))));
        assert_eq!(tap.take(), Some(Err(Ending::BrokenOff)));
    }

    #[test]
    fn a_taker_that_leaves_is_noticed() {
        let (inlet, tap) = pipe();
        let (woken, waker) = counted();
        let mut cx = Context::from_waker(&waker);
        assert!(inlet.poll_left(&mut cx).is_pending());
        drop(tap);
        assert_eq!(woken.0.load(Ordering::Acquire), 1);
        assert!(inlet.poll_left(&mut cx).is_ready());
        assert!(inlet.poll_room(&mut cx).is_ready());
        assert!(inlet.put(piece(1)).is_err());
    }

    #[test]
    fn whoever_waits_for_room_is_woken_when_there_is_some() {
        let (inlet, tap) = pipe();
        let (woken, waker) = counted();
        let mut cx = Context::from_waker(&waker);
        for number in 0..ROOM {
            assert!(inlet.put(piece(number)).unwrap().is_none());
        }
        assert_eq!(inlet.put(piece(ROOM)).unwrap(), Some(piece(ROOM)));
        assert!(inlet.poll_room(&mut cx).is_pending());
        assert_eq!(tap.take(), Some(Ok(piece(0))));
        assert_eq!(woken.0.load(Ordering::Acquire), 1);
        assert!(inlet.poll_room(&mut cx).is_ready());
        assert!(inlet.put(piece(ROOM)).unwrap().is_none());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_tasks_lose_nothing() {
        const MANY: usize = 20_000;
        let (inlet, tap) = pipe();
        let giving = tokio::spawn(async move {
            for number in 0..MANY {
                let mut unsent = Some(piece(number));
                while let Some(piece) = unsent.take() {
                    unsent = inlet.put(piece).unwrap();
                    poll_fn(|cx| inlet.poll_room(cx)).await;
                }
            }
            inlet.end(Ending::Whole);
        });
        let mut taken = 0;
        while let Ok(next) = poll_fn(|cx| tap.poll_take(cx)).await {
            assert_eq!(next, piece(taken));
            taken += 1;
        }
        giving.await.unwrap();
        assert_eq!(taken, MANY);
    }
}
