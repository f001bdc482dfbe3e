//! Keys in the order of what was charged to them in a month.

use domain::id::KeyId;
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::window::Window;
use store::Database;
use store::api_key::{KeyQuery, KeySort};
use store::counter::{Counter, CounterChange, Subject};

use crate::fixture::{NOW, key, new_key, on_each_database, user};

/// When the month began.
const MONTH: UnixMillis = UnixMillis::new(1_788_220_800_000);
const HOUR: i64 = 3_600_000;

fn charged(subject: Subject, window: Window, starts_at: UnixMillis, amount: i64) -> CounterChange {
    let add = Counter { settled: Nanos::new(amount), requests: 1, ..Counter::default() };
    CounterChange { subject, window, starts_at, add }
}

/// Names of the keys in this order, read page by page.
async fn in_order(database: &Database, query: KeyQuery) -> Vec<String> {
    let (mut query, mut names) = (query, Vec::new());
    loop {
        let page = database.listed_api_keys(&query).await.unwrap();
        names.extend(page.keys.into_iter().map(|row| row.key.name));
        let Some(next) = page.next else { return names };
        // The place survives its text.
        query.after = Some(next.to_string().parse().unwrap());
    }
}

#[tokio::test]
async fn keys_are_sorted_by_what_a_month_cost() {
    on_each_database(async |database| {
        let (one, two) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let mut keys: Vec<KeyId> = Vec::new();
        for (n, owner) in [(1, one), (2, one), (3, two), (4, one), (5, two), (6, one), (7, one)] {
            keys.push(key(&database, &new_key(owner, n)).await.id);
        }
        let of = |n: usize| Subject::Key(keys[n - 1]);
        let changes = [
            charged(of(1), Window::Month, MONTH, 20),
            // Used twice, and by now the dearest.
            charged(of(2), Window::Month, MONTH, 10),
            charged(of(3), Window::Month, MONTH, 30),
            // As much as another.
            charged(of(6), Window::Month, MONTH, 20),
            // In another month, and in one that began when the clock was in another zone.
            charged(of(4), Window::Month, MONTH.plus(-30 * 24 * HOUR), 900),
            charged(of(4), Window::Month, MONTH.plus(-8 * HOUR), 900),
            // Another window that begins at the same time.
            charged(of(5), Window::Day, MONTH, 900),
            charged(of(5), Window::Total, UnixMillis::new(0), 900),
            // Used without a charge.
            charged(of(7), Window::Month, MONTH, 0),
            // What is a user's is no key's.
            charged(Subject::User(one), Window::Month, MONTH, 900),
            charged(Subject::User(two), Window::Month, MONTH, 900),
        ];
        let mut transaction = database.begin().await.unwrap();
        transaction.add_to_counters(&changes).await.unwrap();
        transaction.commit().await.unwrap();
        let again = charged(of(2), Window::Month, MONTH, 90);
        let mut transaction = database.begin().await.unwrap();
        transaction.add_to_counters(&[again]).await.unwrap();
        transaction.commit().await.unwrap();

        for (owner, dearest_first) in [
            (None, vec![2, 3, 6, 1, 7, 5, 4]),
            (Some(one), vec![2, 6, 1, 7, 4]),
            (Some(two), vec![3, 5]),
        ] {
            for limit in 1..=8 {
                let query =
                    |sort| KeyQuery { sort, month: MONTH, ..KeyQuery::newest(owner, NOW, limit) };
                let mut names: Vec<_> = dearest_first.iter().map(|n| format!("key {n}")).collect();
                let what = format!("pages of {limit}, {owner:?}");
                let found = in_order(&database, query(KeySort::ByMonthDescending)).await;
                assert_eq!(found, names, "{what}");
                names.reverse();
                let found = in_order(&database, query(KeySort::ByMonth)).await;
                assert_eq!(found, names, "{what}");
            }
        }
        // The months of another time zone are months of their own.
        let query = KeyQuery {
            sort: KeySort::ByMonthDescending,
            month: MONTH.plus(-8 * HOUR),
            ..KeyQuery::newest(None, NOW, 1)
        };
        assert_eq!(database.api_keys(&query).await.unwrap()[0].name, "key 4");

        // What is deleted is not listed.
        let mut transaction = database.begin().await.unwrap();
        transaction.delete_api_key(keys[1], None, NOW, None).await.unwrap();
        transaction.commit().await.unwrap();
        let query = KeyQuery { month: MONTH, ..query };
        assert_eq!(database.api_keys(&query).await.unwrap()[0].name, "key 3");
    })
    .await;
}
