//! Keys: made, edited, ended, owned and counted.

use domain::bill::BillingMethod;
use domain::money::Nanos;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, SoftLimit, SoftWindow, WhenShort, WindowLimit};
use store::StoreError;
use store::api_key::{ApiKey, LookupKey, NewApiKey};

use crate::fixture::{NOW, key, new_key, new_user, on_each_database, user};

/// A key with a value in every column.
fn full(owner: domain::id::UserId) -> NewApiKey {
    let policy = KeyPolicy {
        disabled: true,
        revoked: false,
        expires_at: Some(NOW.plus(5)),
        permissions: Permissions::from_names(["chat", "usage.read"]).unwrap(),
        billing_method: BillingMethod::ByModel,
        quota: Some(Nanos::MAX),
        daily: WindowLimit { requests: Some(1_000), amount: Some(Nanos::new(1)) },
        monthly: WindowLimit { requests: None, amount: Some(Nanos::from_usd(300)) },
        rates: RateLimits {
            requests_per_minute: Some(u32::MAX),
            tokens_per_minute: Some(100_000),
            parallel: Some(8),
        },
        max_tokens_per_request: Some(4_000),
        when_short: WhenShort::Refuse,
        allowed_models: Box::new([ModelPattern::new("gpt-5*"), ModelPattern::new("m\"_%")]),
        ip_allowlist: Box::new(
            ["192.168.1.0/24", "2001:db8::1"].map(|range| range.parse().unwrap()),
        ),
        groups: Box::new(["vip".into(), "default".into()]),
    };
    NewApiKey {
        policy,
        soft_limit: Some(SoftLimit { window: SoftWindow::Month, amount: Nanos::new(1) }),
        tags: vec!["prod".to_owned(), "生产".to_owned()],
        metadata: serde_json::json!({"team": {"id": 7}}).as_object().unwrap().clone(),
        ..new_key(owner, 1)
    }
}

#[tokio::test]
async fn a_key_is_read_as_written() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let new = full(owner);
        let made = key(&database, &new).await;
        let expected = ApiKey {
            id: new.id,
            number: 1,
            owner,
            name: new.name,
            masked: new.masked,
            digest: new.digest,
            policy: new.policy,
            soft_limit: new.soft_limit,
            tags: new.tags,
            metadata: new.metadata,
            created_at: NOW,
            revoked_at: None,
            rotated_at: None,
            deleted: false,
            version: 1,
        };
        assert_eq!(made, expected);
        assert_eq!(database.api_key(made.id, Some(owner)).await.unwrap(), expected);
        assert_eq!(database.api_key_by_number(1, None).await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn another_owner_does_not_find_it() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let id = key(&database, &new_key(owner, 1)).await.id;
        let mut transaction = database.begin().await.unwrap();
        assert!(matches!(database.api_key(id, Some(other)).await, Err(StoreError::NotFound)));
        assert!(matches!(
            database.api_key_by_number(1, Some(other)).await,
            Err(StoreError::NotFound)
        ));
        let switched = transaction.set_api_key_disabled(id, Some(other), true, None).await;
        let revoked = transaction.revoke_api_key(id, Some(other), NOW, None).await;
        let deleted = transaction.delete_api_key(id, Some(other), NOW, None).await;
        for refused in [switched, revoked, deleted] {
            assert!(matches!(refused, Err(StoreError::NotFound)));
        }
    })
    .await;
}

#[tokio::test]
async fn an_edit_writes_everything_once() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let before = key(&database, &new_key(owner, 1)).await;
        let wanted = full(owner);
        let billing_method = before.policy.billing_method;
        let edit = ApiKey {
            name: "renamed".to_owned(),
            policy: KeyPolicy { billing_method, ..wanted.policy },
            soft_limit: wanted.soft_limit,
            tags: wanted.tags,
            metadata: wanted.metadata,
            ..before
        };
        let mut transaction = database.begin().await.unwrap();
        let after = transaction.update_api_key(&edit).await.unwrap();
        let again = transaction.update_api_key(&edit).await;
        transaction.commit().await.unwrap();
        assert_eq!(after, ApiKey { version: 2, ..edit });
        assert!(matches!(again, Err(StoreError::Stale)));
        assert_eq!(database.api_key(after.id, None).await.unwrap(), after);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_switched_revoked_and_deleted() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let id = key(&database, &new_key(owner, 1)).await.id;
        let mut transaction = database.begin().await.unwrap();
        let disabled = transaction.set_api_key_disabled(id, Some(owner), true, None).await.unwrap();
        let enabled = transaction.set_api_key_disabled(id, Some(owner), false, None).await.unwrap();
        let revoked = transaction.revoke_api_key(id, Some(owner), NOW, None).await.unwrap();
        let again = transaction.revoke_api_key(id, None, NOW.plus(9), None).await.unwrap();
        let deleted = transaction.delete_api_key(id, None, NOW.plus(9), None).await.unwrap();
        let gone = transaction.delete_api_key(id, None, NOW, None).await;
        let edit = transaction.update_api_key(&deleted).await;
        transaction.commit().await.unwrap();

        assert!(disabled.policy.disabled && !enabled.policy.disabled);
        assert_eq!((enabled.version, revoked.version, again.version), (3, 4, 4));
        assert!(revoked.policy.revoked && !revoked.deleted && deleted.deleted);
        assert_eq!((again.revoked_at, deleted.revoked_at), (Some(NOW), Some(NOW)));
        assert!(matches!((gone, edit), (Err(StoreError::NotFound), Err(StoreError::NotFound))));
        assert!(matches!(database.api_key(id, None).await, Err(StoreError::NotFound)));
        assert!(database.api_key_for_lookup(id).await.unwrap().policy.revoked);
    })
    .await;
}

#[tokio::test]
async fn a_value_belongs_to_one_key() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        key(&database, &new_key(owner, 1)).await;
        let twin = NewApiKey { digest: new_key(owner, 1).digest, ..new_key(owner, 2) };
        let mut transaction = database.begin().await.unwrap();
        let refused = transaction.insert_api_key(&twin, None).await;
        assert!(matches!(refused, Err(StoreError::Conflict(what)) if what == "this digest"));
    })
    .await;
}

#[tokio::test]
async fn a_key_needs_an_owner() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        let refused = transaction.insert_api_key(&new_key(new_user(9).id, 1), None).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_allowance_is_exact_under_parallel_creates() {
    on_each_database(async |database| {
        let owners = [user(&database, 1).await.id, user(&database, 2).await.id];
        let tasks: Vec<_> = (0..40_u8)
            .map(|n| {
                let (database, owner) = (database.clone(), owners[usize::from(n % 2)]);
                tokio::spawn(async move {
                    let mut transaction = database.begin().await.unwrap();
                    let made = transaction.insert_api_key(&new_key(owner, n), Some(10)).await;
                    if made.is_ok() {
                        transaction.commit().await.unwrap();
                    }
                    made
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(key) => numbers.push(key.number),
                Err(error) => assert!(matches!(error, StoreError::AllowanceReached(10)), "{error}"),
            }
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=20).collect::<Vec<i64>>());
        assert_eq!(database.count_api_keys(owners[0]).await.unwrap(), 10);
    })
    .await;
}

#[tokio::test]
async fn ended_keys_do_not_count() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        for n in 1..=2 {
            transaction.insert_api_key(&new_key(owner, n), Some(2)).await.unwrap();
        }
        let third = new_key(owner, 3);
        let full = transaction.insert_api_key(&third, Some(2)).await;
        assert!(matches!(full, Err(StoreError::AllowanceReached(2))));
        transaction.revoke_api_key(new_key(owner, 1).id, None, NOW, None).await.unwrap();
        transaction.insert_api_key(&third, Some(2)).await.unwrap();
        transaction.delete_api_key(third.id, None, NOW, None).await.unwrap();
        transaction.insert_api_key(&new_key(owner, 4), Some(2)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(database.count_api_keys(owner).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_found_by_its_value() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let made = key(&database, &full(owner)).await;
        let second = key(&database, &new_key(owner, 2)).await;
        let mut transaction = database.begin().await.unwrap();
        transaction.delete_api_key(second.id, None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();

        let found = async |digest| database.api_key_by_value(digest).await.unwrap();
        assert_eq!(found(&made.digest).await, Some(LookupKey::from(&made)));
        assert!(found(&second.digest).await.unwrap().policy.revoked);
        assert_eq!(found(&new_key(owner, 99).digest).await, None);
    })
    .await;
}
