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
    /// The call was charged; until then it is under way.
    kept: bool,
    call: CallId,
    body: [u8; 32],
    at: UnixMillis,
}

/// A claimed idempotency key. Dropped, it is free again; [`Claim::keep`] keeps it for a day.
pub struct Claim {
    table: Arc<Table>,
    key: (KeyId, String),
    call: CallId,
    kept: bool,
}

impl Claim {
    /// The call was charged: the key stays taken.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        // The key may be another call's by now.
        let own = table.get_mut(&self.key).filter(|entry| entry.call == self.call);
        match own {
            Some(entry) if self.kept => entry.kept = true,
            Some(_) => drop(table.remove(&self.key)),
            None => {}
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
            make_room(&mut table, now);
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
        table.insert(slot.clone(), Entry { kept: false, call, body, at: now });
        Ok(Claim { table: Arc::clone(&self.0), key: slot, call, kept: false })
    }
}

/// Forgets the oldest calls that are over, a tenth of all; never one that is under way.
fn make_room(table: &mut HashMap<(KeyId, String), Entry>, now: UnixMillis) {
    table.retain(|_, entry| !entry.kept || now.since(entry.at) < REMEMBERED);
    if table.len() < MOST {
        return;
    }
    let mut times: Vec<UnixMillis> =
        table.values().filter(|entry| entry.kept).map(|entry| entry.at).collect();
    times.sort_unstable();
    if let Some(oldest) = times.get(times.len() / 10).copied() {
        table.retain(|_, entry| !entry.kept || entry.at > oldest);
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

    #[test]
    fn a_full_table_forgets_the_oldest_that_are_over_and_none_under_way() {
        let table = Idempotency::default();
        let key = KeyId::new(UnixMillis::new(1), [0; 10]);
        let call = |n: i64| CallId::new(UnixMillis::new(n), [0; 10]);
        let claim = |n: i64| table.claim(key, &n.to_string(), b"", call(n), UnixMillis::new(n));
        let under_way = claim(0).unwrap();
        for n in 1..=i64::try_from(MOST).unwrap() {
            claim(n).unwrap().keep();
        }
        assert!(claim(0).is_err(), "it is under way");
        assert!(claim(1).is_ok(), "the oldest is forgotten");
        assert!(claim(i64::try_from(MOST).unwrap()).is_err(), "the newest is not");
        drop(under_way);
        assert!(claim(0).is_ok());
    }
}
