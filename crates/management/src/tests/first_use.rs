//! Keys at their first use: many calls at once, and changes at the same moment.

use domain::key::{Kind, generate};
use domain::refusal::{Refusal, RefusalCode};
use futures_util::future::join_all;
use gateway::authenticate::holder;
use gateway::directory::KeyEntry;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::api_key::Rotation;

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
