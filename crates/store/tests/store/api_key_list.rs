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
                    query.after = Some(last.id);
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
        transaction.revoke_api_key(keys[4].id, None, NOW).await.unwrap();
        transaction.delete_api_key(keys[5].id, None, NOW).await.unwrap();
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
