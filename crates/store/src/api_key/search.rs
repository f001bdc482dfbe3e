//! Searches that outlast a page.
//!
//! Looking at the texts of very many keys takes longer than a page may. So it goes on behind the page,
//! which ends with a number that the next one waits for it with. What is found stays for that one
//! only; with a number that is not known, because it is old or another node's, a search begins anew.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinSet;

use crate::database::Database;
use crate::error::StoreError;

/// So many searches are kept for the next page, and for so long after the last; those end first that
/// nobody has asked for the longest.
const MOST_KEPT: usize = 64;
const KEPT_FOR: Duration = Duration::from_secs(10);

/// The numbers of the keys that can match, as a JSON list; none where that is no narrowing.
pub(super) type Few = Option<String>;

/// The searches of a database.
#[derive(Clone, Default)]
pub(crate) struct Searches(Arc<Inner>);

#[derive(Default)]
struct Inner {
    last: AtomicU64,
    kept: Mutex<VecDeque<Search>>,
    /// One at a time reads, so that pages always find a connection.
    reading: tokio::sync::Mutex<()>,
    /// Of rankings of very many keys, too.
    ranking: Arc<tokio::sync::Mutex<()>>,
}

/// A search under way. Dropped, it ends.
pub(super) struct Search {
    number: u64,
    text: String,
    /// When a page last waited for it.
    asked: Instant,
    task: JoinSet<Result<Few, StoreError>>,
}

impl Searches {
    /// The search with this number, if it is for this text.
    pub(super) fn take(&self, number: u64, text: &str) -> Option<Search> {
        let mut kept = self.kept();
        let at = kept.iter().position(|it| it.number == number && it.text == text)?;
        kept.remove(at)
    }

    /// Begins one.
    pub(super) fn begin(&self, database: &Database, text: String) -> Search {
        let (searches, database, wanted) = (self.clone(), database.clone(), text.clone());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let _alone = searches.0.reading.lock().await;
            database.keys_with_text(&wanted).await
        });
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        Search { number, text, asked: Instant::now(), task }
    }

    /// Keeps one for the next page, which asks for it with this number.
    pub(super) fn keep(&self, mut search: Search) -> u64 {
        search.asked = Instant::now();
        let number = search.number;
        let mut kept = self.kept();
        kept.retain(|it| it.asked.elapsed() < KEPT_FOR);
        if kept.len() >= MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(search);
        number
    }

    /// The turn of one ranking of very many keys, which lasts until it is dropped.
    pub(crate) async fn ranking(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.ranking).lock_owned().await
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Search>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Search {
    /// What it found; none if it has not ended after so long.
    pub(super) async fn ended(&mut self, patience: Duration) -> Option<Result<Few, StoreError>> {
        let joined = tokio::time::timeout(patience, self.task.join_next()).await.ok()?;
        let crashed = || Err(sqlx::Error::WorkerCrashed.into());
        Some(joined.and_then(Result::ok).unwrap_or_else(crashed))
    }
}
