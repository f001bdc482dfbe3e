//! The audit log: one chain however many write at once, and a row exactly where a change lasts.

use domain::audit::{AuditChange, AuditEvent};
use domain::bill::Multiplier;
use domain::change::Changes;
use domain::price::Price;
use domain::user::Tier;
use std::sync::Arc;
use store::audit_log::{AuditNote, AuditQuery};
use store::{Database, StoreError};

use crate::fixture::{NOW, new_key, new_user, on_each_database};

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

/// A field that went from one number to another.
fn moved(from: i64, to: i64) -> Changes {
    let mut changes = Changes::default();
    changes.add("n", Some(&from), Some(&to));
    changes
}

fn noting(database: &Database, action: &str) -> Database {
    database.noting(Arc::new(AuditNote::new(event(action))))
}

async fn found(database: &Database, query: AuditQuery) -> Vec<store::audit_log::AuditRow> {
    database.audit_rows(&AuditQuery { limit: 100, ..query }).await.unwrap()
}

#[tokio::test]
async fn each_thing_that_was_touched_has_its_trail() {
    on_each_database(async |database| {
        let owners = [1, 2].map(|n| new_user(n).id);
        let mut transaction = noting(&database, "things.edit").begin().await.unwrap();
        for n in 0..2_500_i64 {
            let owner = usize::try_from(n % 2).unwrap();
            transaction.changed(format!("thing_{n}"), Some(owners[owner]), moved(n, n + 1));
        }
        // Told twice: from the first to the last.
        transaction.changed("thing_7", Some(owners[1]), moved(8, 9));
        transaction.commit().await.unwrap();
        database.append_audit(&event("other.edit")).await.unwrap();
        let object = |name: &str| AuditQuery { object: name.to_owned(), ..AuditQuery::default() };
        for (name, fields) in [
            ("thing_0", r#"{"n":{"from":0,"to":1}}"#),
            ("thing_7", r#"{"n":{"from":7,"to":9}}"#),
            ("thing_2499", r#"{"n":{"from":2499,"to":2500}}"#),
        ] {
            let rows = found(&database, object(name)).await;
            let [row] = rows.as_slice() else { panic!("{name}: {rows:?}") };
            let [change] = row.event.changes.as_slice() else { panic!("{name}: {row:?}") };
            assert_eq!((change.object.as_str(), change.fields.as_str()), (name, fields));
            assert_eq!((row.event.object.as_str(), row.things), ("thing_0 +2499", 1));
        }
        assert!(found(&database, object("thing_2500")).await.is_empty());
        // The whole row: the first of them, and how many there are; by its number all.
        let rows = found(&database, AuditQuery::default()).await;
        assert_eq!(rows.iter().map(|row| row.things).collect::<Vec<_>>(), [0, 2_500]);
        assert_eq!(rows[1].event.changes.len(), 20);
        let row = found(&database, AuditQuery { number: Some(1), ..AuditQuery::default() }).await;
        assert_eq!(row[0].event.changes.len(), 2_500);
        let chain = database.audit_chain().await.unwrap();
        assert_eq!((chain.rows, chain.differences), (2, Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn a_reader_finds_what_concerns_them() {
    on_each_database(async |database| {
        let [me, other] = [1, 2].map(|n| new_user(n).id);
        let mut transaction = noting(&database, "several.edit").begin().await.unwrap();
        transaction.changed("theirs", Some(other), moved(1, 2));
        transaction.changed("mine", Some(me), moved(3, 4));
        transaction.commit().await.unwrap();
        let mut transaction = noting(&database, "others.edit").begin().await.unwrap();
        transaction.changed("theirs", Some(other), moved(2, 3));
        transaction.commit().await.unwrap();
        // A row of an earlier release, about the reader's thing, and what the reader did.
        let old = AuditEvent { object: "old".to_owned(), ..event("old.edit") };
        database.append_audit(&old).await.unwrap();
        let own = AuditEvent { actor: me.to_string(), ..event("own.edit") };
        database.append_audit(&own).await.unwrap();
        let reader = AuditQuery { reader: Some(me), ..AuditQuery::default() };
        let rows = found(&database, reader.clone()).await;
        let seen: Vec<_> = rows.iter().map(|row| row.event.action.as_str()).collect();
        assert_eq!(seen, ["own.edit", "several.edit"]);
        let [change] = rows[1].event.changes.as_slice() else { panic!("{rows:?}") };
        assert_eq!((change.object.as_str(), rows[1].things), ("mine", 1));
        let of = |object: &str, own_object| AuditQuery {
            object: object.to_owned(),
            own_object,
            ..reader.clone()
        };
        assert_eq!(found(&database, of("mine", false)).await.len(), 1);
        assert_eq!(found(&database, of("theirs", false)).await, []);
        assert_eq!(found(&database, of("old", false)).await, []);
        assert_eq!(found(&database, of("old", true)).await.len(), 1);
    })
    .await;
}

/// What was dropped is in no row, and what a second commit changes has a row of its own.
#[tokio::test]
async fn changes_last_with_their_transaction() {
    on_each_database(async |database| {
        let noting = noting(&database, "things.edit");
        let mut dropped = noting.begin().await.unwrap();
        dropped.changed("dropped", None, moved(1, 2));
        drop(dropped);
        for name in ["first", "second"] {
            let mut transaction = noting.begin().await.unwrap();
            transaction.changed(name, None, moved(1, 2));
            transaction.commit().await.unwrap();
        }
        noting.begin().await.unwrap().commit().await.unwrap();
        let rows = found(&database, AuditQuery::default()).await;
        let objects: Vec<&str> =
            rows.iter().map(|row| row.event.changes[0].object.as_str()).collect();
        assert_eq!(objects, ["second", "first"]);
    })
    .await;
}

/// What an altered or a lost change gives away.
#[tokio::test]
async fn the_chain_covers_old_and_new_values() {
    on_each_database(async |database| {
        let change = |object: &str, fields: &str| AuditChange {
            object: object.to_owned(),
            owner: String::new(),
            fields: fields.to_owned(),
        };
        let written = vec![change("a", r#"{"n":{"to":1}}"#), change("b", "{}")];
        let row = AuditEvent { changes: written.clone(), ..event("things.edit") };
        database.append_audit(&row).await.unwrap();
        assert!(database.audit_chain().await.unwrap().differences.is_empty());
        let hash = row.hash(1, domain::audit::GENESIS);
        for altered in [
            vec![change("a", r#"{"n":{"to":2}}"#), change("b", "{}")],
            vec![change("a", r#"{"n":{"to":1}}"#)],
            vec![change("b", "{}"), change("a", r#"{"n":{"to":1}}"#)],
            Vec::new(),
        ] {
            let altered = AuditEvent { changes: altered, ..row.clone() };
            assert_ne!(altered.hash(1, domain::audit::GENESIS), hash);
        }
        let rows = found(&database, AuditQuery::default()).await;
        assert_eq!((rows[0].hash.as_str(), &rows[0].event.changes), (hash.as_str(), &written));
    })
    .await;
}

#[tokio::test]
async fn what_is_replaced_is_read_under_its_lock() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        let user = transaction.insert_user(&new_user(1)).await.unwrap();
        assert_eq!(transaction.locked_user(user.id).await.unwrap(), user);
        assert_eq!(transaction.lock_group("vip").await.unwrap(), None);
        let keys = [new_key(user.id, 2), new_key(user.id, 1)];
        for key in &keys {
            transaction.insert_api_key(key, None).await.unwrap();
        }
        let stranger = new_user(9).id;
        let ids = [keys[0].id, keys[1].id, new_key(user.id, 7).id];
        let locked = transaction.lock_api_keys(&ids, Some(user.id)).await.unwrap();
        let locked: Vec<_> = locked.iter().map(|key| key.id).collect();
        assert_eq!(locked, [keys[1].id, keys[0].id]);
        assert_eq!(transaction.lock_api_keys(&ids, Some(stranger)).await.unwrap(), []);
        let foreign = transaction.lock_api_key(keys[0].id, Some(stranger)).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        let double = Multiplier::from_parts_per_million(2_000_000).unwrap();
        let group = transaction.set_group("vip", double, NOW).await.unwrap();
        assert_eq!(transaction.lock_group("vip").await.unwrap(), Some(group));
        let terms = transaction.lock_tier(Tier::Standard).await.unwrap();
        assert_eq!(terms.key_limit, Some(10));
        let price: Price = serde_json::from_str(r#"{"input":1,"output":2}"#).unwrap();
        let first = transaction.set_price("m", &price, NOW).await.unwrap();
        assert_eq!(transaction.replaced_price(&first).await.unwrap(), None);
        let removed = transaction.remove_price("m", NOW).await.unwrap();
        assert_eq!(transaction.replaced_price(&removed).await.unwrap(), Some(first));
        let again = transaction.set_price("m", &price, NOW).await.unwrap();
        assert_eq!(transaction.replaced_price(&again).await.unwrap(), None);
        transaction.commit().await.unwrap();
    })
    .await;
}
