//! `Idempotency-Key` on relay calls: a call that is under way or done is not made twice.

use domain::id::{CallId, KeyId};
use domain::refusal::{Refusal, RefusalCode};
use domain::time::UnixMillis;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a key is remembered.
const REMEMBERED: i64 = 24 * 3_600_000;
/// More than these are not remembered: the oldest go first.
const MOST: usize = 100_000;
const LONGEST: usize = 255;

type Table = Mutex<HashMap<(KeyId, String), Entry>>;

/// The idempotency keys of the last day.
#[derive(Default)]
pub struct Idempotency(Arc<Table>);

struct Entry {
    call: CallId,
    body: [u8; 32],
    at: UnixMillis,
}

/// A claimed idempotency key. Dropped, it is free again; [`Claim::keep`] keeps it for a day.
pub struct Claim {
    table: Arc<Table>,
    key: Option<(KeyId, String)>,
}

impl Claim {
    /// The call was charged: the key stays taken.
    pub fn keep(mut self) {
        self.key = None;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.table.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
    }
}

impl Idempotency {
    /// Claims an idempotency key for a call.
    ///
    /// # Errors
    /// When the same key is taken by the same request (409) or by another (422).
    pub fn claim(
        &self,
        key: KeyId,
        text: &str,
        body: &[u8],
        call: CallId,
        now: UnixMillis,
    ) -> Result<Claim, Refusal> {
        if text.is_empty() || text.len() > LONGEST {
            let message = format!("The Idempotency-Key must have 1 to {LONGEST} characters.");
            return Err(Refusal::new(RefusalCode::InvalidRequest, message).at("idempotency-key"));
        }
        let body: [u8; 32] = Sha256::digest(body).into();
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= MOST {
            table.retain(|_, entry| now.since(entry.at) < REMEMBERED);
            if table.len() >= MOST {
                table.clear();
            }
        }
        let slot = (key, text.to_owned());
        if let Some(entry) = table.get(&slot).filter(|entry| now.since(entry.at) < REMEMBERED) {
            return Err(if entry.body == body {
                let message = format!(
                    "The call {} with this Idempotency-Key is under way or done. Its bill is at GET /api/v1/calls/{}.",
                    entry.call, entry.call
                );
                Refusal::new(RefusalCode::IdempotencyConflict, message)
            } else {
                let message = "This Idempotency-Key was used for another request. Use a new one for each request.";
                Refusal::new(RefusalCode::IdempotencyMismatch, message)
            });
        }
        table.insert(slot.clone(), Entry { call, body, at: now });
        Ok(Claim { table: Arc::clone(&self.0), key: Some(slot) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_ended_uncharged_frees_its_key() {
        let table = Idempotency::default();
        let now = UnixMillis::new(1_000);
        let (key, call) = (KeyId::new(now, [0; 10]), CallId::new(now, [0; 10]));
        let claim =
            |body: &[u8]| table.claim(key, "once", body, call, now).map_err(|refusal| refusal.code);
        let first = claim(b"a").unwrap();
        assert_eq!(claim(b"a").err(), Some(RefusalCode::IdempotencyConflict));
        assert_eq!(claim(b"b").err(), Some(RefusalCode::IdempotencyMismatch));
        drop(first);
        claim(b"b").unwrap().keep();
        assert_eq!(claim(b"b").err(), Some(RefusalCode::IdempotencyConflict));
    }
}
