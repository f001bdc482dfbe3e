//! What is being done, while it is being done.

use domain::audit::AuditEvent;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is being done, while it is being done.
#[derive(Debug, Default)]
pub struct AuditNote(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    event: AuditEvent,
    /// The request itself names the thing.
    named: bool,
    /// Otherwise: things beyond the first.
    further: BTreeSet<String>,
    written: bool,
}

impl AuditNote {
    /// A note of what is about to be done.
    #[must_use]
    pub fn new(event: AuditEvent) -> Self {
        Self(Mutex::new(Noted { event, ..Noted::default() }))
    }

    /// Notes who does it, and with what.
    pub fn by(&self, actor: impl ToString, via: impl ToString) {
        let mut noted = self.lock();
        noted.event.actor = actor.to_string();
        noted.event.via = via.to_string();
    }

    /// Notes what the request says that it is done to.
    pub fn names(&self, object: impl ToString) {
        let mut noted = self.lock();
        noted.named = true;
        noted.event.object = object.to_string();
    }

    /// Notes what it is done to, where the request names nothing. Of many things the first is named
    /// and the others are counted.
    pub fn about(&self, object: impl ToString) {
        let (mut noted, object) = (self.lock(), object.to_string());
        if noted.event.object.is_empty() {
            noted.event.object = object;
        } else if !noted.named && noted.event.object != object {
            noted.further.insert(object);
        }
    }

    /// Notes what changes, in words without a secret.
    pub fn summary(&self, words: String) {
        self.lock().event.summary = words;
    }

    /// Gives the action another name.
    pub fn action(&self, name: &str) {
        name.clone_into(&mut self.lock().event.action);
    }

    /// The event, if its row is not written yet; from now on it counts as written.
    #[must_use]
    pub fn claim(&self) -> Option<AuditEvent> {
        let mut noted = self.lock();
        if noted.written {
            return None;
        }
        noted.written = true;
        Some(noted.event())
    }

    /// The event once more, for what a second commit changes.
    pub(crate) fn again(&self) -> AuditEvent {
        self.lock().event()
    }

    /// The first of the things that were touched, where the event counts the others with it.
    pub(crate) fn first(&self) -> Option<String> {
        let noted = self.lock();
        (!noted.further.is_empty()).then(|| noted.event.object.clone())
    }

    /// The row could not be written after all.
    pub(crate) fn release(&self) {
        self.lock().written = false;
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    fn event(&self) -> AuditEvent {
        let mut event = self.event.clone();
        if !self.further.is_empty() {
            event.object = format!("{} +{}", event.object, self.further.len());
        }
        event
    }
}
