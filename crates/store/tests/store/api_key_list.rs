//! Lists of keys: search, filters, orders and pages.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::pattern::ModelPattern;
use domain::status::KeyStatus;
use domain::time::UnixMillis;
use domain::window::Window;
use std::time::Duration;
use store::Database;
use store::api_key::{KeyQuery, KeySort, NewApiKey, Rotation};
use store::counter::{Counter, CounterChange, Subject};

use crate::fixture::{NOW, digest, key, new_key, on_each_database, random, user};

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
        numbers.extend(page.keys.iter().map(|row| row.key.number));
        let Some(next) = page.next else { return numbers };
        assert_eq!(page.keys.len(), usize::try_from(size).unwrap());
        // The place survives its text.
        query.after = Some(next.to_string().parse().unwrap());
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

#[tokio::test]
async fn the_many_keys_of_one_owner_come_in_the_order_of_everybodys() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let new = |owner, n: u32| NewApiKey {
            id: KeyId::new(NOW.plus(i64::from(n)), random(1)),
            digest: digest(n),
            ..new_key(owner, 1)
        };
        let many: Vec<NewApiKey> = (1..=10_001).map(|n| new(owner, n)).collect();
        let charged = |n: usize, amount: i64| CounterChange {
            subject: Subject::Key(many[n].id),
            window: Window::Total,
            starts_at: UnixMillis::new(0),
            add: Counter {
                settled: Nanos::new(amount),
                last_used_at: NOW.plus(amount),
                ..Counter::default()
            },
        };
        let mut transaction = database.begin().await.unwrap();
        for some in many.chunks(1_000) {
            transaction.insert_api_keys(some).await.unwrap();
        }
        let few = [new(other, 20_001), new(other, 20_002)];
        transaction.insert_api_keys(&few).await.unwrap();
        let ever = [charged(7, 30), charged(1, 10), charged(5, 20), charged(9, 10)];
        let in_month = |change: CounterChange| CounterChange {
            window: Window::Month,
            starts_at: NOW,
            ..change
        };
        let charges: Vec<_> = ever.into_iter().flat_map(|it| [it, in_month(it)]).collect();
        transaction.add_to_counters(&charges).await.unwrap();
        transaction.commit().await.unwrap();

        for sort in
            [KeySort::ByUsedDescending, KeySort::ByLastUseDescending, KeySort::ByMonthDescending]
        {
            let mut query =
                KeyQuery { sort, month: NOW, limit: 3, ..KeyQuery::newest(Some(owner), NOW, 0) };
            let first = database.listed_api_keys(&query).await.unwrap();
            query.after = first.next;
            let second = database.listed_api_keys(&query).await.unwrap();
            let numbers: Vec<i64> =
                first.keys.iter().chain(&second.keys).map(|listed| listed.key.number).collect();
            // Those without a figure follow, the newest first; none is the other's.
            assert_eq!(numbers, [8, 6, 10, 2, 10_001, 10_000], "{sort:?}");
        }
        let few = KeyQuery { sort: KeySort::ByUsed, ..KeyQuery::newest(Some(other), NOW, 9) };
        assert_eq!(database.api_keys(&few).await.unwrap().len(), 2);
    })
    .await;
}

/// Keys of one owner that are no more than their names and tags.
async fn many_keys(database: &Database, owner: UserId, names: &[(&str, &str)]) -> Vec<KeyId> {
    let new = |(n, (name, tag)): (u32, &(&str, &str))| NewApiKey {
        id: KeyId::new(NOW.plus(i64::from(n)), random(1)),
        digest: digest(n),
        name: (*name).to_owned(),
        tags: vec![(*tag).to_owned()],
        ..new_key(owner, 1)
    };
    let new: Vec<NewApiKey> = (1..).zip(names).map(new).collect();
    let mut transaction = database.begin().await.unwrap();
    for some in new.chunks(1_000) {
        transaction.insert_api_keys(some).await.unwrap();
    }
    transaction.commit().await.unwrap();
    new.iter().map(|key| key.id).collect()
}

#[tokio::test]
async fn what_few_of_many_keys_have_is_found_in_every_order() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let other = user(&database, 2).await.id;
        let mut names = vec![("usual", "usual"); 10_001];
        (names[0], names[5_000], names[10_000]) =
            (("a Needle", "x"), ("c needle", "Rare"), ("b needle", "rare"));
        let ids = many_keys(&database, owner, &names).await;
        let found = async |mut query: KeyQuery| {
            // Without any patience, the search is waited for by pages that hold nothing.
            loop {
                let page = database.listed_api_keys(&query).await.unwrap();
                query.after = page.next.map(|next| next.to_string().parse().unwrap());
                if query.after.is_none_or(|after| after.search.is_none()) {
                    let numbers: Vec<i64> = page.keys.iter().map(|it| it.key.number).collect();
                    return (numbers, page.next.is_some());
                }
                assert!(page.keys.is_empty());
            }
        };
        for (sort, order) in [
            (KeySort::NewestFirst, [10_001, 5_001, 1]),
            (KeySort::OldestFirst, [1, 5_001, 10_001]),
            (KeySort::ByName, [1, 10_001, 5_001]),
            (KeySort::ByExpiryDescending, [10_001, 5_001, 1]),
            (KeySort::ByUsed, [1, 5_001, 10_001]),
            (KeySort::ByLastUseDescending, [10_001, 5_001, 1]),
        ] {
            for (of, many) in [(None, true), (Some(owner), true), (Some(other), false)] {
                let query = KeyQuery {
                    text: "NEEDLE".to_owned(),
                    sort,
                    patience: Duration::ZERO,
                    ..KeyQuery::newest(of, NOW, 2)
                };
                let (numbers, more) = found(query).await;
                assert_eq!(numbers, if many { &order[..2] } else { &[] }, "{sort:?}");
                assert_eq!(more, many, "{sort:?}");
            }
        }
        let all = KeyQuery { patience: Duration::ZERO, ..KeyQuery::newest(None, NOW, 9) };
        let nothing = KeyQuery { text: "no such".to_owned(), ..all.clone() };
        assert_eq!(found(nothing).await, (vec![], false));
        let tagged = |tag: &str| KeyQuery { tag: tag.to_owned(), ..all.clone() };
        assert!(found(tagged("rare")).await.0.contains(&10_001));

        // What a key is found by changes with it.
        let mut key = database.api_key(ids[7], None).await.unwrap();
        key.name = "renamed".to_owned();
        let mut transaction = database.begin().await.unwrap();
        let key = transaction.update_api_key(&key).await.unwrap();
        let rotation = Rotation {
            digest: digest(20_000),
            masked: "sk-NEWM…MASK".to_owned(),
            now: NOW,
            ends_at: NOW,
        };
        transaction.rotate_api_key(&key, &rotation).await.unwrap();
        transaction.delete_api_key(ids[0], None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();
        for (text, numbers) in [("renamed", vec![8]), ("newm…", vec![8]), ("a needle", vec![])] {
            let query = KeyQuery { text: text.to_owned(), ..all.clone() };
            assert_eq!(found(query).await, (numbers, false), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_that_takes_long_goes_on_where_it_was() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let names: Vec<(&str, &str)> =
            (0..7_000).map(|n| if n < 2_500 { ("old", "") } else { ("new", "") }).collect();
        many_keys(&database, owner, &names).await;
        for (status, text, sort, expected) in [
            // More than few have the text, and all of them are at the end.
            (None, "old", KeySort::NewestFirst, 2_500),
            (None, "old", KeySort::ByLastUseDescending, 2_500),
            (Some(KeyStatus::Active), "", KeySort::NewestFirst, 0),
            (Some(KeyStatus::Active), "", KeySort::ByName, 0),
            (Some(KeyStatus::Exhausted), "", KeySort::ByExpiry, 0),
        ] {
            let mut query = KeyQuery {
                text: text.to_owned(),
                status,
                sort,
                patience: Duration::ZERO,
                ..KeyQuery::newest(None, NOW, 200)
            };
            let (mut numbers, mut empty) = (Vec::new(), 0);
            loop {
                let page = database.listed_api_keys(&query).await.unwrap();
                numbers.extend(page.keys.iter().map(|it| it.key.number));
                empty += usize::from(page.keys.is_empty());
                query.after = page.next;
                if page.next.is_none() {
                    break;
                }
            }
            // Each once, and none of them on the first pages.
            numbers.sort_unstable();
            assert!(numbers.iter().copied().eq(1..=expected), "{text} {status:?} {sort:?}");
            assert!(empty > 3, "{text} {status:?} {sort:?}");
            let at_once = KeyQuery { patience: Duration::MAX, limit: 1, after: None, ..query };
            assert_eq!(database.api_keys(&at_once).await.unwrap().is_empty(), expected == 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_behind_the_pages_is_found_again_by_the_next_one_alone() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut names = vec![("usual", "usual"); 10_001];
        names[77] = ("a needle", "");
        let ids = many_keys(&database, owner, &names).await;
        let hasty = |text: &str, after| KeyQuery {
            text: text.to_owned(),
            after,
            patience: Duration::ZERO,
            ..KeyQuery::newest(None, NOW, 2)
        };
        let patient = |text: &str, after| KeyQuery {
            patience: Duration::from_secs(60),
            ..hasty(text, after)
        };
        let page = async |query: KeyQuery| {
            let page = database.listed_api_keys(&query).await.unwrap();
            (page.keys.iter().map(|it| it.key.number).collect::<Vec<_>>(), page.next)
        };
        // One reads at a time: behind so many others, it cannot be done when its page has to be.
        let crowd: Vec<String> = (0..40).map(|n| format!("crowd {n}")).collect();
        let texts = crowd.iter().map(String::as_str).chain(["needle"]);
        let all = texts.map(|text| page(hasty(text, None)));
        let (nothing, next) = futures_util::future::join_all(all).await.pop().unwrap();
        assert!(nothing.is_empty() && next.is_some_and(|next| next.search.is_some()));
        // Asked for with another text, it is another search.
        assert_eq!(page(patient("no such", next)).await, (vec![], None));
        assert_eq!(page(patient("needle", next)).await, (vec![78], None));
        // It is gone, or another node's: it begins anew.
        assert_eq!(page(patient("needle", next)).await, (vec![78], None));

        // More of them than are kept.
        let mut cursors = Vec::new();
        for _ in 0..100 {
            cursors.push(page(hasty("needle", None)).await.1);
        }
        for cursor in [cursors[0], cursors[99]] {
            assert_eq!(page(patient("needle", cursor)).await, (vec![78], None));
        }

        // A search that began after a change finds what it left.
        let mut key = database.api_key(ids[500], None).await.unwrap();
        key.name = "another needle".to_owned();
        let mut transaction = database.begin().await.unwrap();
        transaction.update_api_key(&key).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(page(patient("needle", None)).await, (vec![501, 78], None));
    })
    .await;
}
