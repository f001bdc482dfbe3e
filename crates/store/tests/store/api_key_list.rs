//! Lists of keys: search, filters, orders and pages.

use domain::id::UserId;
use domain::money::Nanos;
use domain::pattern::ModelPattern;
use domain::status::KeyStatus;
use domain::time::UnixMillis;
use domain::window::Window;
use store::Database;
use store::api_key::{KeyQuery, KeySort, NewApiKey};
use store::counter::{Counter, CounterChange, Subject};

use crate::fixture::{NOW, key, new_key, on_each_database, user};

async fn names(database: &Database, query: &KeyQuery) -> Vec<String> {
    database.api_keys(query).await.unwrap().into_iter().map(|key| key.name).collect()
}

async fn three_keys(database: &Database) -> (UserId, UserId) {
    let (one, two) = (user(database, 1).await.id, user(database, 2).await.id);
    for (owner, n, name) in [(one, 1, "Prod_a"), (one, 2, "dev b"), (two, 3, "prodXa")] {
        key(database, &NewApiKey { name: name.to_owned(), ..new_key(owner, n) }).await;
    }
    (one, two)
}

#[tokio::test]
async fn keys_are_listed_by_owner_and_searched() {
    on_each_database(async |database| {
        let (one, two) = three_keys(&database).await;
        let all = KeyQuery::newest(None, NOW, 9);
        assert_eq!(names(&database, &all).await, ["prodXa", "dev b", "Prod_a"]);
        assert_eq!(
            names(&database, &KeyQuery { owner: Some(two), ..all.clone() }).await,
            ["prodXa"]
        );
        let search = |owner, text: &str| KeyQuery { text: text.to_owned(), owner, ..all.clone() };
        assert_eq!(names(&database, &search(None, "PROD")).await, ["prodXa", "Prod_a"]);
        assert_eq!(names(&database, &search(None, "prod_")).await, ["Prod_a"]);
        assert_eq!(names(&database, &search(Some(one), "prod")).await, ["Prod_a"]);
        assert_eq!(names(&database, &search(None, "%")).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn keys_are_sorted_and_paged() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        for (n, name) in [(1, "b"), (2, "a"), (3, "b"), (4, "c")] {
            key(&database, &NewApiKey { name: name.to_owned(), ..new_key(owner, n) }).await;
        }
        for (sort, order) in [
            (KeySort::NewestFirst, [4, 3, 2, 1]),
            (KeySort::OldestFirst, [1, 2, 3, 4]),
            (KeySort::ByName, [2, 1, 3, 4]),
            (KeySort::ByNameDescending, [4, 3, 1, 2]),
        ] {
            for owner in [Some(owner), None] {
                let mut query = KeyQuery { sort, limit: 3, ..KeyQuery::newest(owner, NOW, 0) };
                let mut numbers = Vec::new();
                loop {
                    let page = database.api_keys(&query).await.unwrap();
                    let Some(last) = page.last() else { break };
                    query.after = Some(last.id.into());
                    numbers.extend(page.iter().map(|key| key.number));
                }
                assert_eq!(numbers, order, "{sort:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_filtered_by_whole_entries() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut first = new_key(owner, 1);
        first.policy.groups = Box::new(["vip".into()]);
        first.policy.allowed_models = Box::new([ModelPattern::new("gpt-5*")]);
        first.tags = vec!["say \"hi\"_\\".to_owned()];
        key(&database, &first).await;
        let mut second = new_key(owner, 2);
        second.policy.groups = Box::new(["vip2".into(), "default".into()]);
        second.tags = vec!["say".to_owned()];
        key(&database, &second).await;

        let all = KeyQuery::newest(None, NOW, 9);
        let group = |text: &str| KeyQuery { group: text.to_owned(), ..all.clone() };
        let tag = |text: &str| KeyQuery { tag: text.to_owned(), ..all.clone() };
        let model = |text: &str| KeyQuery { model: text.to_owned(), ..all.clone() };
        assert_eq!(names(&database, &group("vip")).await, ["key 1"]);
        assert_eq!(names(&database, &group("default")).await, ["key 2"]);
        assert_eq!(names(&database, &tag("say \"hi\"_\\")).await, ["key 1"]);
        assert_eq!(names(&database, &tag("say")).await, ["key 2"]);
        assert_eq!(names(&database, &model("gpt-5*")).await, ["key 1"]);
        assert_eq!(names(&database, &model("gpt-5")).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn each_status_is_found_and_deleted_keys_are_not() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut keys: Vec<NewApiKey> = (1..=7).map(|n| new_key(owner, n)).collect();
        keys[1].policy.quota = Some(Nanos::from_usd(1));
        keys[2].policy.expires_at = Some(NOW);
        keys[3].policy.disabled = true;
        keys[3].policy.expires_at = Some(NOW);
        for new in &keys {
            key(&database, new).await;
        }
        let mut transaction = database.begin().await.unwrap();
        let spent = |key: usize| CounterChange {
            subject: Subject::Key(keys[key].id),
            window: Window::Total,
            starts_at: UnixMillis::new(0),
            add: Counter {
                settled: Nanos::new(600_000_000),
                held: Nanos::new(400_000_000),
                last_used_at: NOW,
                ..Counter::default()
            },
        };
        transaction.add_to_counters(&[spent(0), spent(1)]).await.unwrap();
        transaction.revoke_api_key(keys[4].id, None, NOW, None).await.unwrap();
        transaction.delete_api_key(keys[5].id, None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();

        for (status, expected) in [
            (KeyStatus::Active, "key 1"),
            (KeyStatus::Exhausted, "key 2"),
            (KeyStatus::Expired, "key 3"),
            (KeyStatus::Disabled, "key 4"),
            (KeyStatus::Revoked, "key 5"),
            (KeyStatus::NotUsed, "key 7"),
        ] {
            let query = KeyQuery { status: Some(status), ..KeyQuery::newest(Some(owner), NOW, 9) };
            assert_eq!(names(&database, &query).await, [expected], "{status:?}");
        }
    })
    .await;
}

/// Numbers of the keys in an order, read page by page.
async fn in_order(
    database: &Database,
    sort: KeySort,
    owner: Option<UserId>,
    size: u32,
) -> Vec<i64> {
    let mut query = KeyQuery { sort, limit: size, ..KeyQuery::newest(owner, NOW, 0) };
    let mut numbers = Vec::new();
    loop {
        let page = database.listed_api_keys(&query).await.unwrap();
        let Some(last) = page.last() else { return numbers };
        // The place survives its text.
        query.after = Some(last.cursor.to_string().parse().unwrap());
        numbers.extend(page.iter().map(|row| row.key.number));
    }
}

#[tokio::test]
async fn keys_are_sorted_by_expiry_and_by_use_page_by_page() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let expiries = [None, Some(9), Some(3), None, Some(3)];
        let mut changes = Vec::new();
        for (n, expiry) in (1..=5_u8).zip(expiries) {
            let mut new = new_key(owner, n);
            new.policy.expires_at = expiry.map(|after| NOW.plus(after));
            key(&database, &new).await;
            // Keys 1 and 4 were never used; 2 and 5 at the same time; 3 was used and cost nothing.
            if let Some((at, settled)) =
                [None, Some((5, 20)), Some((9, 0)), None, Some((5, 70))][usize::from(n) - 1]
            {
                changes.push(CounterChange {
                    subject: Subject::Key(new.id),
                    window: Window::Total,
                    starts_at: UnixMillis::new(0),
                    add: Counter {
                        settled: Nanos::new(settled),
                        last_used_at: NOW.plus(at),
                        ..Counter::default()
                    },
                });
            }
        }
        // What is a user's is no key's.
        changes.push(CounterChange { subject: Subject::User(owner), ..changes[0] });
        let mut transaction = database.begin().await.unwrap();
        transaction.add_to_counters(&changes).await.unwrap();
        transaction.commit().await.unwrap();
        for (sort, order) in [
            (KeySort::ByExpiry, [3, 5, 2, 1, 4]),
            (KeySort::ByExpiryDescending, [4, 1, 2, 5, 3]),
            (KeySort::ByLastUse, [1, 4, 2, 5, 3]),
            (KeySort::ByLastUseDescending, [3, 5, 2, 4, 1]),
            (KeySort::ByUsed, [1, 3, 4, 2, 5]),
            (KeySort::ByUsedDescending, [5, 2, 4, 3, 1]),
        ] {
            for size in 1..=6 {
                for scope in [None, Some(owner)] {
                    let found = in_order(&database, sort, scope, size).await;
                    assert_eq!(found, order, "{sort:?}, pages of {size}, {scope:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn words_are_found_in_names_masks_and_tags() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut tagged = new_key(owner, 1);
        tagged.tags = vec!["Billing-Team".to_owned()];
        tagged.masked = "sk-AAAA…0001".to_owned();
        key(&database, &tagged).await;
        key(&database, &NewApiKey { masked: "sk-BBBB…0002".to_owned(), ..new_key(owner, 2) }).await;
        let search = async |text: &str| {
            let query = KeyQuery { text: text.to_owned(), ..KeyQuery::newest(None, NOW, 9) };
            names(&database, &query).await
        };
        assert_eq!(search("billing-t").await, ["key 1"]);
        assert_eq!(search("0002").await, ["key 2"]);
        assert_eq!(search("key 2").await, ["key 2"]);
        for nothing in ["[", "\"", "]", ","] {
            assert_eq!(search(nothing).await, [""; 0], "{nothing}");
        }
    })
    .await;
}
