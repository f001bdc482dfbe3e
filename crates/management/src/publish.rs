//! Putting changes in force: what was committed to the database is taken over by the data plane
//! before the request is answered, so that the answer means that it *is* in force.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;

use crate::problem::Problem;
use crate::state::App;

impl App {
    /// Takes over a key that was edited or ended.
    pub(crate) async fn key_changed(&self, id: KeyId) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        Ok(self.gateway.directory.key_changed(&self.gateway.database, id).await?)
    }

    /// Takes over several keys that were edited or ended.
    pub(crate) async fn keys_changed(&self, ids: &[KeyId]) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        Ok(self.gateway.directory.keys_changed(&self.gateway.database, ids).await?)
    }

    /// Takes over keys that were made.
    pub(crate) async fn keys_made(&self, digests: &[KeyDigest]) {
        let _in_order = self.publishing.lock().await;
        self.gateway.directory.keys_made(digests).await;
    }

    /// Takes over a user's rights and credit.
    pub(crate) async fn user_changed(&self, id: UserId) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        self.gateway.directory.user_changed(&self.gateway.database, id).await?;
        Ok(self.gateway.ledger.credit_changed(id).await?)
    }

    /// Takes over a user's credit alone.
    pub(crate) async fn credit_changed(&self, id: UserId) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        Ok(self.gateway.ledger.credit_changed(id).await?)
    }

    /// Takes over channels, groups and prices.
    pub(crate) async fn catalog_changed(&self) -> Result<(), Problem> {
        let _in_order = self.publishing.lock().await;
        Ok(self.gateway.catalog_changed().await?)
    }
}
