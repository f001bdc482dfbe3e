//! Values of keys that are replaced or kept sealed, many keys at once, and templates.

use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::user::Tier;
use domain::window::{Window, Windows};
use store::StoreError;
use store::api_key::{LookupPrevious, NewApiKey, PreviousUse, Rotation};
use store::counter::{Counter, CounterChange, Subject};
use store::key_template::KeyTemplate;
use store::user::UserChange;

use crate::fixture::{NOW, digest, key, new_key, on_each_database, user};

fn rotation(n: u32, now: UnixMillis, grace: i64) -> Rotation {
    Rotation { digest: digest(n), masked: format!("sk-{n:04}…"), now, ends_at: now.plus(grace) }
}

#[tokio::test]
async fn a_replaced_value_is_known_until_its_end_and_after() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let made = key(&database, &new_key(owner, 1)).await;
        let mut transaction = database.begin().await.unwrap();
        let first = transaction.rotate_api_key(&made, &rotation(77, NOW, 1_000)).await.unwrap();
        let stale = transaction.rotate_api_key(&made, &rotation(78, NOW, 1_000)).await;
        transaction.commit().await.unwrap();
        assert!(matches!(stale, Err(StoreError::Stale)));
        assert_eq!((first.digest, first.version, first.rotated_at), (digest(77), 2, Some(NOW)));
        assert_eq!((first.id, &first.name, &first.policy), (made.id, &made.name, &made.policy));

        // The second rotation ends the older value.
        let later = NOW.plus(10);
        let mut transaction = database.begin().await.unwrap();
        let second = transaction.rotate_api_key(&first, &rotation(78, later, 5)).await.unwrap();
        transaction.commit().await.unwrap();
        let previous =
            |n, ends_at| LookupPrevious { digest: digest(n), current: digest(78), ends_at };
        let expected = [previous(1, later), previous(77, later.plus(5))];
        for value in [1, 77, 78] {
            let found = database.api_key_by_value(&digest(value)).await.unwrap().unwrap();
            assert_eq!((found.id, found.digest), (made.id, digest(78)));
        }
        let mut of_key = database.api_key_for_lookup(second.id).await.unwrap().previous;
        of_key.sort_by_key(|value| value.digest);
        assert_eq!(of_key, expected);

        // The end of the grace counts as an edit, once.
        let mut transaction = database.begin().await.unwrap();
        let foreign = transaction.end_key_grace(made.id, Some(other), later, None).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        let end = later.plus(1);
        let ended = transaction.end_key_grace(made.id, Some(owner), end, Some(3)).await.unwrap();
        let again = transaction.end_key_grace(made.id, None, end.plus(1), None).await.unwrap();
        let stale = transaction.end_key_grace(made.id, None, end, Some(3)).await;
        transaction.commit().await.unwrap();
        assert_eq!((ended.version, again.version), (4, 4));
        assert!(matches!(stale, Err(StoreError::Stale)));
        let value = database.previous_key_value(made.id, owner).await.unwrap().unwrap();
        assert_eq!((value.digest, value.ends_at, value.last_use), (digest(77), end, None));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_not_rotated() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let made = key(&database, &new_key(owner, 1)).await;
        let mut transaction = database.begin().await.unwrap();
        let revoked = transaction.revoke_api_key(made.id, None, NOW, None).await.unwrap();
        let refused = transaction.rotate_api_key(&revoked, &rotation(77, NOW, 0)).await;
        assert!(matches!(refused, Err(StoreError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_replaced_value_is_kept() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let made = key(&database, &new_key(owner, 1)).await;
        let mut transaction = database.begin().await.unwrap();
        transaction.rotate_api_key(&made, &rotation(77, NOW, 1_000)).await.unwrap();
        let use_at = |at, client: &str| PreviousUse {
            at: NOW.plus(at),
            ip: "2001:db8::1".to_owned(),
            client: client.to_owned(),
        };
        transaction.note_previous_use(digest(1), &use_at(7, "later")).await.unwrap();
        transaction.note_previous_use(digest(1), &use_at(5, "earlier")).await.unwrap();
        transaction.commit().await.unwrap();
        let value = database.previous_key_value(made.id, owner).await.unwrap().unwrap();
        assert_eq!(value.last_use, Some(use_at(7, "later")));
        let other = user(&database, 2).await.id;
        assert_eq!(database.previous_key_value(made.id, other).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_sealed_value_is_its_owners_and_ends_with_the_key() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let ids = [1, 2, 3].map(|n| new_key(owner, n).id);
        for n in 1..=3 {
            key(&database, &new_key(owner, n)).await;
        }
        let mut transaction = database.begin().await.unwrap();
        for id in ids {
            transaction.keep_sealed_key(id, "v1:old").await.unwrap();
            transaction.keep_sealed_key(id, "v1:new").await.unwrap();
        }
        transaction.revoke_api_key(ids[1], None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();
        let read = async |id, owner| database.sealed_key_value(id, owner).await.unwrap();
        assert_eq!(read(ids[0], owner).await.as_deref(), Some("v1:new"));
        assert_eq!((read(ids[0], other).await, read(ids[1], owner).await), (None, None));
        let mut transaction = database.begin().await.unwrap();
        assert_eq!(transaction.forget_all_sealed_keys().await.unwrap(), 2);
        transaction.commit().await.unwrap();
        assert_eq!(read(ids[2], owner).await, None);
    })
    .await;
}

#[tokio::test]
async fn many_keys_are_made_at_once_and_read_as_written() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        key(&database, &new_key(owner, 1)).await;
        let mut wanted: Vec<NewApiKey> = (2..=40).map(|n| new_key(owner, n)).collect();
        wanted[0].name = "say \"hi\" \\ 令牌".to_owned();
        wanted[0].policy.quota = Some(Nanos::MAX);
        wanted[0].policy.daily.requests = Some(7);
        wanted[0].policy.groups = Box::new(["a".into(), "b".into()]);
        wanted[0].tags = vec!["x,y".to_owned()];
        wanted[0].metadata = serde_json::json!({"a": [1, null]}).as_object().unwrap().clone();
        wanted[0].soft_limit = Some(domain::policy::SoftLimit {
            window: domain::policy::SoftWindow::Day,
            amount: Nanos::new(3),
        });
        wanted[1].owner = other;
        let mut transaction = database.begin().await.unwrap();
        let made = transaction.insert_api_keys(&wanted).await.unwrap();
        transaction.commit().await.unwrap();
        let ids: Vec<_> = wanted.iter().map(|key| key.id).collect();
        let mut read = database.api_keys_by_ids(&ids, None).await.unwrap();
        read.sort_by_key(|key| key.number);
        assert_eq!((read.clone(), read[0].number), (made, 2));
        let theirs = database.api_keys_by_ids(&ids, Some(other)).await.unwrap();
        assert_eq!(theirs.iter().map(|key| key.id).collect::<Vec<_>>(), [ids[1]]);

        // One that is there already keeps all of them out.
        let mut transaction = database.begin().await.unwrap();
        let twins = [new_key(owner, 60), new_key(owner, 2)];
        let refused = transaction.insert_api_keys(&twins).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        drop(transaction);
        assert_eq!(database.api_keys_by_ids(&[twins[0].id], None).await.unwrap(), []);
    })
    .await;
}

/// Bulk and single creates at once never share a number, and never pass the tier's limit.
#[tokio::test]
async fn the_limit_is_exact_under_parallel_bulk_creates() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        // The single ones alone would pass the limit: whoever comes last meets it.
        let tasks: Vec<_> = (0..16_u8)
            .map(|n| {
                let database = database.clone();
                tokio::spawn(async move {
                    let keys: Vec<_> = (0..3).map(|m| new_key(owner, n * 3 + m)).collect();
                    let mut transaction = database.begin().await?;
                    if n % 4 == 0 {
                        transaction.check_key_limit(owner, 3).await?;
                        transaction.insert_api_keys(&keys).await?;
                    } else {
                        transaction.check_key_limit(owner, 1).await?;
                        transaction.insert_api_key(&keys[0], None).await?;
                    }
                    transaction.commit().await
                })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) | Err(StoreError::AllowanceReached(10)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(database.count_api_keys(owner).await.unwrap(), 10);
        // Another tier counts at once.
        let change = UserChange { tier: Some(Tier::Enterprise), ..UserChange::default() };
        let mut transaction = database.begin().await.unwrap();
        transaction.update_user(owner, 1, &change).await.unwrap();
        transaction.check_key_limit(owner, 1_000_000).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn counters_of_several_keys_are_read_at_once() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let ids = [1, 2].map(|n| new_key(owner, n).id);
        let windows = Windows::at(NOW, &jiff::tz::TimeZone::UTC);
        let change = |window, starts_at, cents: i64| CounterChange {
            subject: Subject::Key(ids[0]),
            window,
            starts_at,
            add: Counter { settled: Nanos::new(cents), ..Counter::default() },
        };
        let mut transaction = database.begin().await.unwrap();
        let changes = [
            change(Window::Total, UnixMillis::default(), 3),
            change(Window::Day, windows.day, 2),
            change(Window::Day, windows.day.plus(-86_400_000), 9),
            change(Window::Month, windows.month, 1),
        ];
        transaction.add_to_counters(&changes).await.unwrap();
        transaction.commit().await.unwrap();
        let found = database.counters_of_keys(&ids, &windows).await.unwrap();
        let alone = database.counters(Subject::Key(ids[0]), &windows).await.unwrap();
        assert_eq!((found.len(), found[&ids[0]]), (1, alone));
        assert_eq!(alone.day.settled, Nanos::new(2));
    })
    .await;
}

#[tokio::test]
async fn a_template_is_its_owners_and_edited_by_version() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let wanted = |body: &str| KeyTemplate {
            owner,
            name: "mine".to_owned(),
            body: body.to_owned(),
            created_at: NOW,
            version: 1,
        };
        let mut transaction = database.begin().await.unwrap();
        let first = transaction.set_key_template(&wanted("{}"), None).await.unwrap();
        let second = transaction.set_key_template(&wanted("{\"quota\":1}"), Some(1)).await.unwrap();
        let stale = transaction.set_key_template(&wanted("{}"), Some(1)).await;
        assert_eq!(transaction.count_key_templates(owner).await.unwrap(), 1);
        transaction.commit().await.unwrap();
        assert_eq!((first.version, second.version), (1, 2));
        assert!(matches!(stale, Err(StoreError::Stale)));
        assert_eq!(database.key_template(owner, "mine").await.unwrap(), second);
        assert!(matches!(database.key_template(other, "mine").await, Err(StoreError::NotFound)));
        assert_eq!(database.key_templates(owner).await.unwrap(), [second]);
        let mut transaction = database.begin().await.unwrap();
        let foreign = transaction.delete_key_template(other, "mine", None).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        transaction.delete_key_template(owner, "mine", Some(2)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(database.key_templates(owner).await.unwrap(), []);
    })
    .await;
}
