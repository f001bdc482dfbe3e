//! The facts that findings are drawn from.

use domain::id::KeyId;
use domain::money::Nanos;
use store::Database;
use store::key_audit::{AuditQuery, Dismissal, LAST_CALLS};

use crate::call::{book, finished};
use crate::fixture::{NOW, digest, key, new_key, on_each_database, user};

const DAY: i64 = 24 * 3_600_000;

async fn ids(database: &Database, query: &AuditQuery) -> Vec<KeyId> {
    let keys = database.keys_to_audit(query).await.unwrap();
    keys.into_iter().map(|audited| audited.key.id).collect()
}

#[tokio::test]
async fn only_keys_that_work_are_looked_at() {
    on_each_database(async |database| {
        let (one, other) = (user(&database, 1).await, user(&database, 2).await);
        let working = key(&database, &new_key(one.id, 1)).await;
        let mut expired = new_key(one.id, 2);
        expired.policy.expires_at = Some(NOW);
        key(&database, &expired).await;
        let mut disabled = new_key(one.id, 3);
        disabled.policy.disabled = true;
        key(&database, &disabled).await;
        let revoked = key(&database, &new_key(one.id, 4)).await;
        let mut transaction = database.begin().await.unwrap();
        transaction.revoke_api_key(revoked.id, None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();
        let others = key(&database, &new_key(other.id, 5)).await;
        let all = AuditQuery { owner: None, key: None, now: NOW, after: None, limit: 10 };
        assert_eq!(ids(&database, &all).await, [working.id, others.id]);
        let own = AuditQuery { owner: Some(one.id), ..all };
        assert_eq!(ids(&database, &own).await, [working.id]);
        assert_eq!(
            ids(&database, &AuditQuery { after: Some(working.id), ..all }).await,
            [others.id]
        );
        assert!(ids(&database, &AuditQuery { key: Some(others.id), ..own }).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn origins_and_spends_are_read_for_many_keys_at_once() {
    on_each_database(async |database| {
        let mut calls: Vec<_> = [0, 1, 24, 25].map(|hour| finished(1, hour)).to_vec();
        calls.push(finished(2, 0));
        calls[3].client_ip = "203.0.113.8".into();
        book(&database, &calls).await;
        let keys = [calls[0].key, calls[4].key, finished(3, 0).key];
        let mut origins = database.key_origins(&keys, NOW).await.unwrap();
        origins.sort_by_key(|origin| (origin.key, origin.address.clone()));
        let seen: Vec<_> = origins
            .iter()
            .map(|origin| {
                (origin.key, origin.dialect.as_str(), origin.address.as_str(), origin.calls)
            })
            .collect();
        assert_eq!(
            seen,
            [
                (keys[0], "chat", "203.0.113.7", 3),
                (keys[0], "chat", "203.0.113.8", 1),
                (keys[1], "chat", "203.0.113.7", 1)
            ]
        );
        let mut spends = database.key_spends(&keys, NOW.plus(-DAY)).await.unwrap();
        spends.sort_by_key(|spend| (spend.key, spend.day));
        let seen: Vec<_> = spends.iter().map(|spend| (spend.key, spend.charged)).collect();
        let (two, one) = (Nanos::new(2_000), Nanos::new(1_000));
        assert_eq!(seen, [(keys[0], two), (keys[0], two), (keys[1], one)]);
        let later = database.key_origins(&keys, NOW.plus(3 * DAY)).await.unwrap();
        assert!(later.is_empty(), "{later:?}");
    })
    .await;
}

#[tokio::test]
async fn only_a_keys_last_calls_are_looked_at() {
    on_each_database(async |database| {
        let many = usize::try_from(LAST_CALLS).unwrap() + 7;
        let calls: Vec<_> = (0..many)
            .map(|n| {
                let mut call = finished(1, 0);
                let mut random = [0; 10];
                random[2..].copy_from_slice(&(n as u64).to_be_bytes());
                call.id = domain::id::CallId::new(NOW.plus(n as i64), random);
                call.started_at = NOW.plus(n as i64);
                call
            })
            .collect();
        book(&database, &calls).await;
        let origins = database.key_origins(&[calls[0].key], NOW).await.unwrap();
        assert_eq!(origins.iter().map(|origin| origin.calls).sum::<i64>(), LAST_CALLS);
    })
    .await;
}

#[tokio::test]
async fn what_is_put_aside_comes_back_when_its_time_is_over() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        let mut new = new_key(owner.id, 1);
        new.digest = digest(5);
        let key = key(&database, &new).await;
        let put = async |until: Option<i64>| {
            let until = until.map(|until| NOW.plus(until));
            let dismissal = Dismissal { key: key.id, kind: "unused".to_owned(), until };
            let mut transaction = database.begin().await.unwrap();
            transaction.dismiss_finding(&dismissal, owner.id, NOW).await.unwrap();
            transaction.commit().await.unwrap();
            database.dismissals(&[key.id], NOW).await.unwrap()
        };
        assert_eq!(put(Some(1)).await.len(), 1);
        assert_eq!(put(Some(0)).await, []);
        assert_eq!(put(None).await[0].until, None);
    })
    .await;
}
