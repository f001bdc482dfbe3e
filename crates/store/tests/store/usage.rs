//! Usage: sums by everything.

use domain::money::Nanos;
use store::usage::{UsageOf, UsageQuery, UsageSum};

use crate::call::{book, finished};
use crate::fixture::{NOW, on_each_database};

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
        assert_eq!(database.usage_by_key(&everything).await.unwrap(), keys);
    })
    .await;
}
