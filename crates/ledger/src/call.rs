//! A call's money, from the bound set aside to the settlement: types that can only move forward.
//!
//! [`Reservation`] → [`OpenCall`] → settled. Dropped at any stage, also by a panic, a call still
//! ends: an unforwarded one is given back, a forwarded one is held in doubt.

use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::Usage;
use domain::window::Windows;
use std::sync::Arc;
use store::batch::{FinishedCall, Outcome};

use crate::book::Held;
use crate::book::KeyBook;
use crate::journal::{
    Checkpoint, Declaration, Ending, Intent, Journal, JournalError, Line, Position,
};

/// A bound that is set aside on every limit; nothing is written yet.
pub struct Reservation {
    journal: Arc<Journal>,
    book: Arc<KeyBook>,
    held: Held,
    windows: Windows,
    /// What of the key may be forwarded before the disk has it.
    exposure: Nanos,
    armed: bool,
}

impl Reservation {
    pub(crate) fn new(
        journal: Arc<Journal>,
        book: Arc<KeyBook>,
        held: Held,
        windows: Windows,
        exposure: Nanos,
    ) -> Self {
        Self { journal, book, held, windows, exposure, armed: true }
    }

    /// What is set aside.
    #[must_use]
    pub const fn bound(&self) -> Nanos {
        self.held.amount
    }

    /// The hour, the day and the month that the call counts in.
    #[must_use]
    pub const fn windows(&self) -> (UnixMillis, UnixMillis, UnixMillis) {
        (self.windows.hour, self.held.day, self.held.month)
    }

    /// Journals the intent; from then on the upstream may be asked.
    ///
    /// # Errors
    /// When the journal cannot take it; then the bound is given back.
    pub fn forward(
        self,
        intent: Intent,
    ) -> impl Future<Output = Result<OpenCall, JournalError>> + Send {
        let declaration = Declaration {
            key: intent.key,
            user: intent.user,
            exposure: self.exposure,
            at: intent.started_at,
            day: intent.day,
            month: intent.month,
        };
        // Done here and now: what remains to be waited for carries no copies of the call about.
        let intended = match self.journal.intend(&intent, self.book.exposure()) {
            // In a box: it is rare.
            Err(JournalError::Turning) => Err(Box::pin(self.intend_after_turn(intent))),
            done => Ok(done.map(|position| self.opened(intent, position))),
        };
        async move {
            let mut call = match intended {
                Ok(done) => done?,
                Err(turning) => turning.await?,
            };
            let exposure = call.book.exposure();
            let waited = call.journal.may_forward(call.position, exposure, declaration).await;
            if let Err(error) = waited {
                call.release(Outcome::Failed);
                return Err(error);
            }
            call.may_be_asked = true;
            Ok(call)
        }
    }

    async fn intend_after_turn(self, intent: Intent) -> Result<OpenCall, JournalError> {
        let position = self.journal.intend_after_turn(&intent, self.book.exposure()).await?;
        Ok(self.opened(intent, position))
    }

    fn opened(mut self, intent: Intent, position: Position) -> OpenCall {
        self.armed = false;
        OpenCall {
            journal: Arc::clone(&self.journal),
            book: Arc::clone(&self.book),
            held: self.held,
            position,
            intent: Box::new(intent),
            over: false,
            may_be_asked: false,
            noted: None,
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.armed {
            self.book.settle(&self.held, Nanos::ZERO, false);
        }
    }
}

/// A call whose intent is journaled.
pub struct OpenCall {
    journal: Arc<Journal>,
    book: Arc<KeyBook>,
    held: Held,
    position: Position,
    intent: Box<Intent>,
    /// Settled, or held in doubt: nothing is left to do when the call is dropped.
    over: bool,
    /// What it had used when that was last noted.
    noted: Option<Checkpoint>,
    /// Whether the upstream may have been asked; until then, a call that is dropped is released.
    may_be_asked: bool,
}

impl OpenCall {
    /// What is known of the call.
    #[must_use]
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// What is set aside.
    #[must_use]
    pub const fn bound(&self) -> Nanos {
        self.held.amount
    }

    /// Raises what is set aside to `bound`, or by as much as the limits leave. False if it is less.
    ///
    /// The disk has the new bound when this returns: a power loss cannot take it.
    pub async fn enlarge(&mut self, bound: Nanos) -> bool {
        if bound <= self.held.amount {
            return true;
        }
        let reached = self.book.enlarge(&mut self.held, bound);
        self.intent.bound = reached;
        let Ok(position) =
            self.journal.note(Line::Enlarge { call: self.intent.id, bound: reached })
        else {
            return false;
        };
        self.journal.synced(position).await.is_ok() && reached >= bound
    }

    /// Notes what the call has used so far, for the case of a crash.
    pub fn checkpoint(&mut self, usage: Usage, cost: Nanos) {
        let checkpoint = Checkpoint { call: self.intent.id, usage, cost };
        self.noted = Some(checkpoint);
        let _ = self.journal.note(Line::Checkpoint(checkpoint));
    }

    /// Journals the end of the call and gives back what it did not use. When this returns, the
    /// charge is as durable as the mode promises, and the last bytes may go out.
    ///
    /// What the call cost above every limit is not charged; it is booked as the operator's.
    ///
    /// # Errors
    /// When the journal cannot take it; then the call is held in doubt.
    pub fn settle(
        self,
        finished: FinishedCall,
    ) -> impl Future<Output = Result<Box<FinishedCall>, JournalError>> + Send {
        let journal = Arc::clone(&self.journal);
        // Done here and now: what remains to be waited for carries no copies of the call about.
        let ended = self.end(finished);
        async move {
            let (finished, position) = ended?;
            journal.settled(position).await?;
            Ok(finished)
        }
    }

    fn end(
        mut self,
        mut finished: FinishedCall,
    ) -> Result<(Box<FinishedCall>, Position), JournalError> {
        if finished.cost > self.held.amount {
            self.book.enlarge(&mut self.held, finished.cost);
        }
        finished.charged = finished.cost.min(self.held.amount);
        let finished = Box::new(finished);
        self.over = true;
        match self.journal.end(self.position, Ending::Settled(&finished)) {
            Ok(position) => {
                self.book.settle(&self.held, finished.charged, finished.counted);
                Ok((finished, position))
            }
            Err(error) => {
                self.book.doubt(&self.held);
                Err(error)
            }
        }
    }
}

impl OpenCall {
    /// Ends a call for which the upstream was never asked.
    fn release(&mut self, outcome: Outcome) {
        self.over = true;
        let finished = self.intent.finished(outcome);
        let _ = self.journal.end(self.position, Ending::Settled(&finished));
        self.book.settle(&self.held, Nanos::ZERO, false);
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let id = self.intent.id;
        if !self.may_be_asked {
            // The client left while the disk was waited for.
            return self.release(Outcome::ClientGone);
        }
        tracing::error!(call = %id, "a call ended without a settlement and is held in doubt");
        self.book.doubt(&self.held);
        let _ = self.journal.end(self.position, Ending::Doubted(&self.intent, self.noted));
    }
}
