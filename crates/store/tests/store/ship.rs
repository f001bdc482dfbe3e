//! Shipping a batch with its node's watermark.

use domain::id::{NodeId, TransactionId};
use std::sync::Arc;
use store::StoreError;
use store::batch::FinishedCall;
use store::ledger_entry::Account;
use store::node::Node;

use crate::call::finished;
use crate::fixture::{NOW, on_each_database, random};

#[tokio::test]
async fn a_batch_is_shipped_once() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        let node = transaction.start_node(NodeId::new(NOW, random(1)), NOW).await.unwrap();
        transaction.commit().await.unwrap();
        let calls: Arc<[FinishedCall]> = [finished(1, 0), finished(1, 1), finished(2, 4)].into();
        let first: Arc<[FinishedCall]> = calls[..2].into();
        let id = || TransactionId::new(NOW, random(9));

        database.ship(node, 3, &first, NOW, id).await.unwrap();
        let again = database.ship(node, 3, &calls, NOW, id).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        assert!(database.call(calls[2].id, None).await.is_err());

        let node = Node { shipped: 3, ..node };
        let id = || TransactionId::new(NOW, random(10));
        database.ship(node, 4, &calls, NOW, id).await.unwrap();
        let row = database.call(calls[2].id, None).await.unwrap();
        assert_eq!(row.attempts, calls[2].attempts);
        let account = Account::User(calls[0].user);
        assert_eq!(database.account_balance(&account).await.unwrap().get(), -2_000);
        assert_eq!(database.node(node.id).await.unwrap(), Some(Node { shipped: 4, ..node }));
    })
    .await;
}
