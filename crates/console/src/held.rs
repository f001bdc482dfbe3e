//! A file between its preview and the confirmation: kept in memory for a while, so that it is sent
//! once and no page carries what is in it.
//!
//! One file is kept at a time, the newest, and it goes when its time is over, asked for or not. Who comes too late, or to another node, chooses it again.

use bytes::Bytes;
use domain::time::UnixMillis;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long it is kept.
const KEPT: i64 = 15 * 60_000;

/// Where it is kept.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<Option<File>>>);

struct File {
    /// Whose it is.
    user: String,
    /// What the confirmation calls it.
    name: String,
    bytes: Bytes,
    since: UnixMillis,
}

impl Held {
    /// Keeps a user's file under a name, in place of what was kept before.
    pub(crate) fn keep(&self, user: &str, name: &str, bytes: Bytes, since: UnixMillis) {
        let file = File { user: user.to_owned(), name: name.to_owned(), bytes, since };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        let (held, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(KEPT.unsigned_abs())).await;
            let mut kept = held.0.lock().unwrap_or_else(PoisonError::into_inner);
            drop(kept.take_if(|file| file.name == name));
        });
    }

    /// Takes a user's file of this name, if it is still there.
    pub(crate) fn take(&self, user: &str, name: &str, now: UnixMillis) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(kept.take_if(|file| now.since(file.since) > KEPT));
        let file = kept.take_if(|file| file.user == user && file.name == name)?;
        Some(file.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_file_goes_by_itself() {
        let (held, start) = (Held::default(), UnixMillis::new(0));
        held.keep("usr_1", "a", Bytes::from_static(b"x"), start);
        held.keep("usr_1", "b", Bytes::from_static(b"x"), start);
        tokio::time::sleep(Duration::from_secs(14 * 60)).await;
        assert!(held.0.lock().unwrap().is_some());
        tokio::time::sleep(Duration::from_secs(2 * 60)).await;
        assert!(held.0.lock().unwrap().is_none());
    }

    #[tokio::test]
    async fn a_file_is_its_users_once_and_for_a_while() {
        let (held, start) = (Held::default(), UnixMillis::new(0));
        held.keep("usr_1", "a", Bytes::from_static(b"x"), start);
        assert!(held.take("usr_2", "a", start).is_none());
        assert!(held.take("usr_1", "b", start).is_none());
        assert_eq!(held.take("usr_1", "a", start).as_deref(), Some(&b"x"[..]));
        assert!(held.take("usr_1", "a", start).is_none());
        held.keep("usr_1", "a", Bytes::from_static(b"x"), start);
        assert!(held.take("usr_1", "a", start.plus(KEPT + 1)).is_none());
    }
}
