//! Leaks, frozen balances, and what a leaked key did.

use domain::id::KeyId;
use domain::money::Nanos;
use store::activity::{ActivityQuery, Trait};
use store::leak::KeyLeak;
use store::{Database, StoreError};

use crate::call::{book, finished};
use crate::fixture::{NOW, on_each_database, random, user};

async fn record(database: &Database, leak: &KeyLeak) -> KeyLeak {
    let mut transaction = database.begin().await.unwrap();
    let recorded = transaction.record_leak(leak).await.unwrap();
    transaction.commit().await.unwrap();
    recorded
}

#[tokio::test]
async fn a_second_report_adds_to_the_first() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        let leak = |since: i64, note: &str, replaced: Option<u8>| KeyLeak {
            key: KeyId::new(NOW, random(1)),
            owner: owner.id,
            reported_by: owner.id,
            since: NOW.plus(since),
            note: note.to_owned(),
            replaced_by: replaced.map(|n| KeyId::new(NOW, random(n))),
            reported_at: NOW.plus(since),
        };
        record(&database, &leak(0, "a paste", None)).await;
        let second = record(&database, &leak(5, "", Some(2))).await;
        assert_eq!((second.since, second.note.as_str()), (NOW, "a paste"));
        let third = record(&database, &leak(-7, "a mail", Some(3))).await;
        assert_eq!(third.replaced_by, second.replaced_by);
        assert_eq!((third.since, third.note.as_str()), (NOW.plus(-7), "a mail"));
        assert_eq!(database.key_leak(third.key, Some(owner.id)).await.unwrap(), third);
        let other = user(&database, 2).await;
        let found = database.key_leak(third.key, Some(other.id)).await;
        assert!(matches!(found, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_balance_is_frozen_and_thawed_once() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        let mut transaction = database.begin().await.unwrap();
        let frozen = transaction.freeze_user(owner.id, NOW).await.unwrap();
        let again = transaction.freeze_user(owner.id, NOW.plus(9)).await.unwrap();
        assert_eq!((frozen.frozen_at, frozen.version), (Some(NOW), owner.version + 1));
        assert_eq!(again, frozen);
        transaction.thaw_user(owner.id).await.unwrap();
        let thawed = transaction.thaw_user(owner.id).await.unwrap();
        assert_eq!((thawed.frozen_at, thawed.version), (None, owner.version + 2));
        transaction.commit().await.unwrap();
        assert_eq!(database.user(owner.id).await.unwrap(), thawed);
    })
    .await;
}

#[tokio::test]
async fn what_is_new_is_told_from_what_was_seen_before() {
    on_each_database(async |database| {
        let mut calls: Vec<_> = (0..6).map(|hour| finished(1, hour)).collect();
        for (call, address) in calls.iter_mut().zip(["a", "a", "b", "a", "c", "c"]) {
            call.client_ip = address.into();
        }
        calls[5].model = "gpt-6".into();
        book(&database, &calls).await;
        let query = ActivityQuery {
            key: calls[0].key,
            owner: Some(calls[0].user),
            since: calls[3].started_at,
            history: NOW.plus(-1),
        };
        let seen = |of| {
            let database = database.clone();
            async move {
                let found = database.activity(of, &query).await.unwrap();
                found
                    .into_iter()
                    .map(|one| (one.value, one.calls, one.charged.get(), one.seen_before))
                    .collect::<Vec<_>>()
            }
        };
        let expected = [("c".to_owned(), 2, 2_000, false), ("a".to_owned(), 1, 1_000, true)];
        assert_eq!(seen(Trait::Address).await, expected);
        let models = [("gpt-5".to_owned(), 2, 2_000, true), ("gpt-6".to_owned(), 1, 1_000, false)];
        assert_eq!(seen(Trait::Model).await, models);
        assert_eq!(seen(Trait::UserAgent).await.len(), 1);
        let hours = database.activity_by_hour(&query).await.unwrap();
        let since: i64 = hours.iter().map(|hour| hour.calls).sum();
        let before: i64 = hours.iter().map(|hour| hour.calls_before).sum();
        assert_eq!((hours.len(), since, before), (6, 3, 3));
        assert_eq!(hours[3].first_at, Some(calls[3].started_at));
        assert_eq!(hours[3].charged, Nanos::new(1_000));
        let other = ActivityQuery { owner: Some(finished(2, 0).user), ..query };
        assert!(database.activity(Trait::Model, &other).await.unwrap().is_empty());
        assert!(database.activity_by_hour(&other).await.unwrap().is_empty());
    })
    .await;
}
