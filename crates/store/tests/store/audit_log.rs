//! The audit log: one chain however many write at once, and a row exactly where a change lasts.

use domain::audit::AuditEvent;
use std::sync::Arc;
use store::Database;
use store::audit_log::{AuditNote, AuditQuery};

use crate::fixture::{NOW, new_user, on_each_database};

fn event(action: &str) -> AuditEvent {
    AuditEvent {
        at: NOW,
        actor: "usr_1".to_owned(),
        action: action.to_owned(),
        ..AuditEvent::default()
    }
}

async fn rows(database: &Database) -> Vec<store::audit_log::AuditRow> {
    let query = AuditQuery { limit: 1_000, ..AuditQuery::default() };
    database.audit_rows(&query).await.unwrap()
}

#[tokio::test]
async fn many_at_once_make_one_chain() {
    on_each_database(async |database| {
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..60_u8 {
            let database = database.clone();
            writers.spawn(async move {
                let note = Arc::new(AuditNote::new(event("users.create")));
                let mut transaction = database.noting(note).begin().await.unwrap();
                transaction.insert_user(&new_user(n)).await.unwrap();
                transaction.commit().await.unwrap();
            });
        }
        while let Some(done) = writers.join_next().await {
            done.unwrap();
        }
        let rows = rows(&database).await;
        let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, (1..=60).rev().collect::<Vec<i64>>());
        assert!(rows.iter().all(|row| row.event.object.starts_with("usr_")));
        let chain = database.audit_chain().await.unwrap();
        assert_eq!((chain.rows, chain.differences), (60, Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn a_row_lasts_exactly_when_the_change_does() {
    on_each_database(async |database| {
        let note = Arc::new(AuditNote::new(event("users.create")));
        let noting = database.noting(Arc::clone(&note));
        // Dropped: neither.
        let mut transaction = noting.begin().await.unwrap();
        transaction.insert_user(&new_user(1)).await.unwrap();
        drop(transaction);
        assert!(rows(&database).await.is_empty());
        // Committed: both, and one row for two commits.
        for n in 2..=3 {
            let mut transaction = noting.begin().await.unwrap();
            transaction.insert_user(&new_user(n)).await.unwrap();
            transaction.commit().await.unwrap();
        }
        assert_eq!(rows(&database).await.len(), 1);
        assert_eq!(note.claim(), None);
    })
    .await;
}

#[tokio::test]
async fn filters_find_what_was_done() {
    on_each_database(async |database| {
        for (n, action) in ["users.edit", "users.edit", "groups.set"].into_iter().enumerate() {
            let at = NOW.plus(i64::try_from(n).unwrap());
            database.append_audit(&AuditEvent { at, ..event(action) }).await.unwrap();
        }
        let found = async |query: AuditQuery| {
            let query = AuditQuery { limit: 10, ..query };
            let rows = database.audit_rows(&query).await.unwrap();
            rows.into_iter().map(|row| row.number).collect::<Vec<_>>()
        };
        let all = AuditQuery::default;
        assert_eq!(found(all()).await, [3, 2, 1]);
        assert_eq!(found(AuditQuery { action: "users.edit".to_owned(), ..all() }).await, [2, 1]);
        assert_eq!(found(AuditQuery { actor: "usr_2".to_owned(), ..all() }).await, [0_i64; 0]);
        assert_eq!(found(AuditQuery { since: Some(NOW.plus(1)), ..all() }).await, [3, 2]);
        assert_eq!(found(AuditQuery { until: Some(NOW.plus(1)), ..all() }).await, [1]);
        assert_eq!(found(AuditQuery { after: Some(3), ..all() }).await, [2, 1]);
    })
    .await;
}
