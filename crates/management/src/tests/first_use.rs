//! Keys at their first use: many calls at once, and changes at the same moment.

use domain::key::{Kind, generate};
use domain::refusal::{Refusal, RefusalCode};
use domain::user::Credit;
use futures_util::future::join_all;
use gateway::authenticate::holder;
use gateway::directory::KeyEntry;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use store::api_key::Rotation;
use store::user::UserChange;

use super::fixture::Deployment;

/// The key behind a value, as a call with it finds it.
async fn used(deployment: &Deployment, value: &str) -> Result<Arc<KeyEntry>, RefusalCode> {
    asked(deployment, value).await.map_err(|refusal| refusal.code)
}

async fn asked(deployment: &Deployment, value: &str) -> Result<Arc<KeyEntry>, Refusal> {
    let mut headers = HeaderMap::new();
    let header = HeaderValue::from_str(&format!("Bearer {value}")).unwrap();
    headers.insert("authorization", header);
    let client = "192.0.2.1".parse().unwrap();
    holder(&deployment.gateway, &headers, client).await
}

async fn refused(deployment: &Deployment, value: &str) -> RefusalCode {
    used(deployment, value).await.unwrap_err()
}

/// A key that was made and not used: its value and its path.
async fn made(deployment: &Deployment) -> (String, String) {
    let made = deployment.post("/v1/api-keys", json!({"name": "a"})).await.is(201);
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    (made["key"].as_str().unwrap().to_owned(), path)
}

fn in_memory(deployment: &Deployment, value: &str) -> Option<Arc<KeyEntry>> {
    deployment.gateway.directory.find(&deployment.gateway.hasher.digest(value))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_is_read_once_however_many_calls_wait_for_it() {
    let deployment = Arc::new(Deployment::open().await);
    let (value, _) = made(&deployment).await;
    assert!(in_memory(&deployment, &value).is_none());
    let calls = (0..100).map(|_| {
        let (deployment, value) = (Arc::clone(&deployment), value.clone());
        tokio::spawn(async move { used(&deployment, &value).await.unwrap() })
    });
    let found = join_all(calls).await;
    let first = in_memory(&deployment, &value).unwrap();
    assert!(found.into_iter().all(|entry| Arc::ptr_eq(&entry.unwrap(), &first)));
}

#[tokio::test]
async fn an_unknown_value_is_looked_for_once_and_works_when_it_is_made() {
    let deployment = Deployment::open().await;
    let (value, _) = made(&deployment).await;
    let unknown = generate(Kind::Api, &[7; 96]).unwrap();
    assert_eq!(refused(&deployment, unknown.expose()).await, RefusalCode::InvalidKey);
    // Without its database it still knows; what it never saw, it cannot look for.
    deployment.gateway.database.close().await;
    assert_eq!(refused(&deployment, unknown.expose()).await, RefusalCode::InvalidKey);
    let away = asked(&deployment, &value).await.unwrap_err();
    assert_eq!(
        (away.code, away.status(), away.retry_after.is_some()),
        (RefusalCode::BooksUnavailable, 503, true)
    );
}

#[tokio::test]
async fn a_value_that_was_tried_before_its_key_was_made_works_at_once() {
    let deployment = Deployment::open().await;
    let value = generate(Kind::Api, &[9; 96]).unwrap();
    assert_eq!(refused(&deployment, value.expose()).await, RefusalCode::InvalidKey);
    let (_, path) = made(&deployment).await;
    let database = &deployment.gateway.database;
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let key = database.api_key(id, None).await.unwrap();
    let now = deployment.gateway.ledger.now();
    let digest = deployment.gateway.hasher.digest(value.expose());
    let rotation = Rotation { digest, masked: String::new(), now, ends_at: now };
    let mut transaction = database.begin().await.unwrap();
    transaction.rotate_api_key(&key, &rotation).await.unwrap();
    transaction.commit().await.unwrap();
    deployment.gateway.directory.key_changed(database, id).await.unwrap();
    assert_eq!(used(&deployment, value.expose()).await.unwrap().id, id);
}

#[tokio::test]
async fn changes_before_the_first_use_are_in_force_at_it() {
    let deployment = Deployment::open().await;
    for (verb, code) in [("disable", RefusalCode::KeyDisabled), ("revoke", RefusalCode::KeyRevoked)]
    {
        let (value, path) = made(&deployment).await;
        deployment.post(&format!("{path}/{verb}"), json!({})).await.is(200);
        assert!(in_memory(&deployment, &value).is_none());
        assert_eq!(refused(&deployment, &value).await, code);
    }
    let (value, path) = made(&deployment).await;
    deployment.delete(&path).await.is(200);
    assert_eq!(refused(&deployment, &value).await, RefusalCode::KeyRevoked);

    // Both values of a key that was rotated twice, whichever is used first.
    let (value, path) = made(&deployment).await;
    let rotate = async || {
        let body = json!({"grace_seconds": 600});
        let answer = deployment.post(&format!("{path}/rotate"), body).await.is(200);
        answer["key"].as_str().unwrap().to_owned()
    };
    let second = rotate().await;
    let third = rotate().await;
    assert_eq!(refused(&deployment, &value).await, RefusalCode::KeyRotated);
    let old = used(&deployment, &second).await.unwrap();
    assert!(Arc::ptr_eq(&old, &used(&deployment, &third).await.unwrap()));
}

#[tokio::test]
async fn an_owner_who_is_blocked_or_frozen_is_so_at_the_first_use_and_after() {
    let deployment = Deployment::open().await;
    let member = deployment.member("5").await;
    let make = async || {
        let made = deployment.post("/v1/api-keys", json!({"name": "a", "owner": member})).await;
        made.is(201)["key"].as_str().unwrap().to_owned()
    };
    let (one, two) = (make().await, make().await);
    let user = format!("/api/v1/users/{member}");
    deployment.post(&format!("{user}/freeze"), json!({})).await.is(200);
    assert!(used(&deployment, &one).await.unwrap().owner.rights().frozen);
    deployment.post(&format!("{user}/thaw"), json!({})).await.is(200);
    assert!(!used(&deployment, &one).await.unwrap().owner.rights().frozen);
    deployment.patch(&user, json!({"disabled": true})).await.is(200);
    assert_eq!(refused(&deployment, &one).await, RefusalCode::UserDisabled);
    assert_eq!(refused(&deployment, &two).await, RefusalCode::UserDisabled);
}

/// What a call finds once a change was answered.
type Expected = fn(Result<Arc<KeyEntry>, RefusalCode>) -> bool;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_is_in_force_when_it_is_answered_however_many_calls_read_the_key() {
    let deployment = Arc::new(Deployment::open().await);
    let changes: [(&str, Value, Expected); 5] = [
        ("/revoke", json!({}), |found| found.is_err_and(|code| code == RefusalCode::KeyRevoked)),
        ("/disable", json!({}), |found| found.is_err_and(|code| code == RefusalCode::KeyDisabled)),
        ("", json!({"quota": 7}), |found| found.is_ok_and(|key| key.policy.quota.is_some())),
        ("/rotate", json!({"grace_seconds": 0}), |found| {
            found.is_err_and(|code| code == RefusalCode::KeyRotated)
        }),
        ("delete", json!({}), |found| found.is_err_and(|code| code == RefusalCode::KeyRevoked)),
    ];
    for (verb, body, expected) in changes {
        for _ in 0..5 {
            let (value, path) = made(&deployment).await;
            let answered = Arc::new(AtomicBool::new(false));
            let calls: Vec<_> = (0..100)
                .map(|_| {
                    let (deployment, value) = (Arc::clone(&deployment), value.clone());
                    let answered = Arc::clone(&answered);
                    tokio::spawn(async move {
                        loop {
                            let last = answered.load(Ordering::Acquire);
                            let found = used(&deployment, &value).await;
                            if last {
                                return expected(found);
                            }
                            tokio::task::yield_now().await;
                        }
                    })
                })
                .collect();
            match verb {
                "" => deployment.patch(&path, body.clone()).await.is(200),
                "delete" => deployment.delete(&path).await.is(200),
                verb => deployment.post(&format!("{path}{verb}"), body.clone()).await.is(200),
            };
            answered.store(true, Ordering::Release);
            let held = join_all(calls).await;
            assert!(held.into_iter().all(|held| held.unwrap()), "{verb} was not in force");
        }
    }
}

/// A database that cannot be read from.
async fn away() -> (store::Database, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let database = store::Database::open_embedded(directory.path()).await.unwrap();
    database.close().await;
    (database, directory)
}

#[tokio::test]
async fn a_change_that_could_not_be_read_back_is_read_before_the_next_call() {
    let deployment = Deployment::open().await;
    let (directory, database) = (&deployment.gateway.directory, &deployment.gateway.database);
    let (away, _files) = away().await;
    let (value, path) = made(&deployment).await;
    let before = used(&deployment, &value).await.unwrap();
    let id = before.id;

    let change = async |disabled| {
        let mut transaction = database.begin().await.unwrap();
        transaction.set_api_key_disabled(id, None, disabled, None).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(directory.key_changed(&away, id).await.is_err());
    };
    change(true).await;
    assert_eq!(refused(&deployment, &value).await, RefusalCode::KeyDisabled);
    // Read once, it is in memory again.
    let after = in_memory(&deployment, &value).unwrap();
    assert!(after.policy.disabled && !Arc::ptr_eq(&before, &after));
    change(false).await;
    deployment.gateway.settle_doubts().await.unwrap();
    assert!(!in_memory(&deployment, &value).unwrap().policy.disabled);

    // Under its old value, whose grace ended meanwhile.
    let body = json!({"grace_seconds": 600});
    deployment.post(&format!("{path}/rotate"), body).await.is(200);
    assert_eq!(used(&deployment, &value).await.unwrap().id, id);
    let mut transaction = database.begin().await.unwrap();
    let now = deployment.gateway.ledger.now();
    transaction.end_key_grace(id, None, now, None).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(directory.key_changed(&away, id).await.is_err());
    assert_eq!(refused(&deployment, &value).await, RefusalCode::KeyRotated);
}

#[tokio::test]
async fn an_owner_whose_change_could_not_be_read_back_is_read_before_the_next_call() {
    let deployment = Deployment::open().await;
    let database = &deployment.gateway.database;
    let (away, _files) = away().await;
    let (value, _) = made(&deployment).await;
    let owner = deployment.owner;
    for (frozen, at_once) in [(true, true), (false, false)] {
        used(&deployment, &value).await.unwrap();
        let mut transaction = database.begin().await.unwrap();
        match frozen {
            true => {
                drop(transaction.freeze_user(owner, deployment.gateway.ledger.now()).await.unwrap())
            }
            false => drop(transaction.thaw_user(owner).await.unwrap()),
        }
        transaction.commit().await.unwrap();
        let directory = &deployment.gateway.directory;
        assert!(directory.user_changed(&away, owner).await.is_err());
        if !at_once {
            deployment.gateway.settle_doubts().await.unwrap();
        }
        assert_eq!(used(&deployment, &value).await.unwrap().owner.rights().frozen, frozen);
    }
}

#[tokio::test]
async fn an_owner_whose_change_could_not_be_read_back_has_their_money_read_too() {
    let deployment = Deployment::open().await;
    let (database, ledger) = (&deployment.gateway.database, &deployment.gateway.ledger);
    let (away, _files) = away().await;
    let (value, _) = made(&deployment).await;
    let owner = deployment.owner;
    let id = used(&deployment, &value).await.unwrap().id;
    ledger.key_book(id, owner).await.unwrap();
    let is_bounded = || ledger.loaded_user(owner).unwrap().free().is_some();
    let before = is_bounded();
    let credit = if before { Credit::Unlimited } else { Credit::Balance };
    let version = database.user(owner).await.unwrap().version;
    let change = UserChange { credit: Some(credit), ..UserChange::default() };
    let mut transaction = database.begin().await.unwrap();
    transaction.update_user(owner, version, &change).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(deployment.gateway.directory.user_changed(&away, owner).await.is_err());
    assert_eq!(is_bounded(), before, "nobody has read it yet");
    used(&deployment, &value).await.unwrap();
    assert_eq!(is_bounded(), !before);
}

#[tokio::test]
async fn what_is_in_doubt_makes_no_call_while_the_database_is_away() {
    let deployment = Deployment::open().await;
    let (directory, database) = (&deployment.gateway.directory, &deployment.gateway.database);
    let (one, _) = made(&deployment).await;
    let (other, _) = made(&deployment).await;
    let id = used(&deployment, &one).await.unwrap().id;
    used(&deployment, &other).await.unwrap();
    database.close().await;
    assert!(directory.key_changed(database, id).await.is_err());
    assert_eq!(refused(&deployment, &one).await, RefusalCode::BooksUnavailable);
    // Nobody changed this one.
    used(&deployment, &other).await.unwrap();
    assert!(deployment.gateway.user_changed(deployment.owner).await.is_err());
    assert_eq!(refused(&deployment, &other).await, RefusalCode::BooksUnavailable);
    assert!(deployment.gateway.settle_doubts().await.is_err());
}

#[tokio::test]
async fn a_change_lasts_and_is_in_force_although_whoever_asked_went_away() {
    let deployment = Arc::new(Deployment::open().await);
    // However far the request came: with each poll a little further.
    for polls in 0..60 {
        let (value, path) = made(&deployment).await;
        let id = used(&deployment, &value).await.unwrap().id;
        let path = format!("{path}/revoke");
        let mut request = Box::pin(deployment.post(&path, json!({})));
        for _ in 0..polls {
            if poll_fn(|context| Poll::Ready(request.as_mut().poll(context).is_ready())).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(request);
        // Another change of the key waits for what that one wrote, if it did.
        let database = &deployment.gateway.database;
        drop(database.begin().await.unwrap());
        let stored = database.api_key_for_lookup(id).await.unwrap().policy.revoked;
        let deadline = Instant::now() + Duration::from_secs(10);
        while stored && used(&deployment, &value).await.is_ok() {
            assert!(Instant::now() < deadline, "not in force after {polls} polls");
            tokio::task::yield_now().await;
        }
    }
}
