//! Putting changes in force: what was committed to the database is taken over by the data plane
//! before the request is answered, so that the answer means that it *is* in force.
//!
//! Both happen on a task of their own: whoever asked may go away in between. If the database goes away
//! in between, what was changed makes no call before it was read anew.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use store::Transaction;

use crate::problem::Problem;
use crate::state::App;

/// What a transaction changes that the data plane knows.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Keys that were edited or ended.
    pub(crate) keys: Vec<KeyId>,
    /// Users whose rights or credit were.
    pub(crate) users: Vec<UserId>,
}

impl From<KeyId> for Changed {
    fn from(key: KeyId) -> Self {
        Self { keys: vec![key], users: Vec::new() }
    }
}

impl From<UserId> for Changed {
    fn from(user: UserId) -> Self {
        Self { keys: Vec::new(), users: vec![user] }
    }
}

impl App {
    /// Makes a change last and takes it over.
    pub(crate) async fn commit(
        &self,
        transaction: Transaction,
        changed: impl Into<Changed>,
    ) -> Result<(), Problem> {
        let (app, changed) = (self.clone(), changed.into());
        let committing = tokio::spawn(async move {
            let committed = transaction.commit().await;
            // Even after a failure: it may have lasted all the same.
            let taken = app.take_over(&changed).await;
            committed?;
            taken
        });
        committing.await.map_err(Problem::internal)?
    }

    async fn take_over(&self, changed: &Changed) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        let gateway = &self.gateway;
        let mut taken = Ok(());
        if !changed.keys.is_empty() {
            taken = gateway.directory.keys_changed(&gateway.database, &changed.keys).await;
        }
        for user in &changed.users {
            // Each of them, whatever became of the others.
            taken = taken.and(gateway.user_changed(*user).await);
        }
        Ok(taken?)
    }

    /// Takes over keys that were made.
    pub(crate) async fn keys_made(&self, digests: &[KeyDigest]) {
        let _in_order = self.publishing.lock().await;
        self.gateway.directory.keys_made(digests).await;
    }

    /// Takes over channels, groups and prices.
    pub(crate) async fn catalog_changed(&self) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        Ok(self.gateway.catalog_changed().await?)
    }
}
