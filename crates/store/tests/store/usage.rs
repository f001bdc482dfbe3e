//! Usage: sums by everything.

use domain::id::KeyId;
use domain::money::Nanos;
use std::time::Duration;
use store::batch::FinishedCall;
use store::usage::{UsageOf, UsageQuery, UsageSum};

use crate::call::{book, finished};
use crate::fixture::{NOW, key, new_key, on_each_database, user};

const HOUR: i64 = 3_600_000;

fn sum(calls: i64) -> UsageSum {
    UsageSum {
        requests: calls,
        input: 10 * calls,
        cached_input: 20 * calls,
        cache_write: 70 * calls,
        output: 50 * calls,
        reasoning: 5 * calls,
        charged: Nanos::new(1_000 * calls),
    }
}

#[tokio::test]
async fn usage_is_summed_by_everything() {
    on_each_database(async |database| {
        let mut other_model = finished(1, 1);
        other_model.model = "o5".into();
        let calls = [finished(1, 0), other_model, finished(1, 30), finished(2, 1)];
        book(&database, &calls).await;
        let (one, two) = (&calls[0], &calls[3]);
        let everything = UsageQuery {
            of: UsageOf::Everybody,
            owner: None,
            since: NOW,
            until: NOW.plus(99 * HOUR),
        };
        let of_one = UsageQuery { of: UsageOf::User(one.user), ..everything };

        assert_eq!(database.usage_total(&everything).await.unwrap(), sum(4));
        assert_eq!(database.usage_total(&of_one).await.unwrap(), sum(3));
        let of_key = UsageQuery { of: UsageOf::Key(two.key), ..everything };
        assert_eq!(database.usage_total(&of_key).await.unwrap(), sum(1));
        let foreign = UsageQuery { owner: Some(one.user), ..of_key };
        assert_eq!(database.usage_total(&foreign).await.unwrap(), sum(0));
        let first_hour = UsageQuery { until: NOW.plus(HOUR), ..everything };
        assert_eq!(database.usage_total(&first_hour).await.unwrap(), sum(1));

        let models = [("gpt-5".to_owned(), sum(2)), ("o5".into(), sum(1))];
        assert_eq!(database.usage_by_model(&of_one).await.unwrap(), models);
        let days = [(NOW, sum(2)), (NOW.plus(24 * HOUR), sum(1))];
        assert_eq!(database.usage_by_day(&of_one).await.unwrap(), days);
        let hours = [(NOW, sum(1)), (NOW.plus(HOUR), sum(2)), (NOW.plus(30 * HOUR), sum(1))];
        assert_eq!(database.usage_by_hour(&everything).await.unwrap(), hours);
        let keys = [(one.key, sum(3)), (two.key, sum(1))];
        assert_eq!(database.usage_of_dearest_keys(&everything, 9).await.unwrap(), keys);
        assert_eq!(database.usage_of_dearest_keys(&everything, 1).await.unwrap(), keys[..1]);
        assert_eq!(database.usage_of_dearest_keys(&of_one, 9).await.unwrap(), keys[..1]);
        let one_key = [(two.key, sum(1))];
        assert_eq!(database.usage_of_dearest_keys(&of_key, 9).await.unwrap(), one_key);
        assert_eq!(database.usage_of_dearest_keys(&foreign, 9).await.unwrap(), []);
        // What is dearest, and what it cost, is of the time that is asked for.
        let later = UsageQuery { since: NOW.plus(HOUR), until: NOW.plus(2 * HOUR), ..everything };
        let keys = [(one.key, sum(1)), (two.key, sum(1))];
        assert_eq!(database.usage_of_dearest_keys(&later, 9).await.unwrap(), keys);
    })
    .await;
}

#[tokio::test]
async fn a_ranking_that_nobody_waits_for_any_longer_holds_nothing_up() {
    on_each_database(async |database| {
        let calls = [finished(1, 0), finished(2, 1), finished(2, 2)];
        book(&database, &calls).await;
        let everything = UsageQuery {
            of: UsageOf::Everybody,
            owner: None,
            since: NOW,
            until: NOW.plus(99 * HOUR),
        };
        let ranked = async || database.usage_of_dearest_keys(&everything, 9).await.unwrap();
        for _ in 0..20 {
            // Given up before it begins, in the queue, or while it runs.
            drop(ranked());
            let _ = tokio::time::timeout(Duration::ZERO, ranked()).await;
        }
        let all = futures_util::future::join_all((0..20).map(|_| ranked())).await;
        let expected = vec![(calls[1].key, sum(2)), (calls[0].key, sum(1))];
        assert!(all.iter().all(|keys| *keys == expected), "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn usage_by_key_is_read_in_parts() {
    on_each_database(async |database| {
        let (one, other) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let mut calls = Vec::new();
        for (n, owner) in [(1, one), (2, other), (3, one), (4, one), (5, one)] {
            let made = key(&database, &new_key(owner, n)).await;
            // Not all of them were used, and one only before.
            let hour = match n {
                3 => continue,
                4 => 1,
                _ => 30,
            };
            calls.push(FinishedCall { key: made.id, user: owner, ..finished(n, hour) });
        }
        book(&database, &calls).await;
        let all = UsageQuery {
            of: UsageOf::Everybody,
            owner: None,
            since: NOW.plus(2 * HOUR),
            until: NOW.plus(99 * HOUR),
        };
        let [first, second, _, fifth] = [0, 1, 2, 3].map(|at| calls[at].key);
        for (query, expected) in [
            (all, vec![first, second, fifth]),
            (UsageQuery { of: UsageOf::User(one), ..all }, vec![first, fifth]),
            (UsageQuery { of: UsageOf::Key(second), ..all }, vec![second]),
            (UsageQuery { of: UsageOf::Key(second), owner: Some(one), ..all }, vec![]),
        ] {
            for many in 1..=6 {
                let (mut found, mut after, mut parts) = (Vec::new(), None, 0);
                loop {
                    let part = database.usage_of_next_keys(&query, after, many).await.unwrap();
                    found.extend(part.0);
                    (after, parts) = (part.1, parts + 1);
                    if after.is_none() {
                        break;
                    }
                }
                let keys: Vec<KeyId> = found.iter().map(|(key, _)| *key).collect();
                assert_eq!(keys, expected, "{query:?}, {many} at once");
                assert!(found.iter().all(|(_, used)| *used == sum(1)));
                assert!(many > 1 || parts > found.len());
            }
        }
    })
    .await;
}
