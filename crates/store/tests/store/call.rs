//! Calls: read as booked, filtered and paged.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use store::batch::{Attempt, FinishedCall, Outcome};
use store::call::CallQuery;
use store::{Database, StoreError};

use crate::fixture::{NOW, on_each_database, random};

const HOUR: i64 = 3_600_000;

/// A call of user and key `who`, admitted `hours` after [`NOW`].
pub(crate) fn finished(who: u8, hours: u8) -> FinishedCall {
    let started_at = NOW.plus(i64::from(hours) * HOUR);
    FinishedCall {
        id: CallId::new(started_at, random(who)),
        key: KeyId::new(NOW, random(who)),
        user: UserId::new(NOW, random(who)),
        model: "gpt-5".into(),
        upstream_model: "gpt-5-2026".into(),
        channel: ChannelId::new(NOW, random(who)),
        group: "default".into(),
        dialect: Dialect::Chat,
        upstream_dialect: Dialect::Messages,
        billing_method: BillingMethod::UsageBased,
        price_version: 3,
        multiplier: Multiplier::ONE,
        counted: true,
        usage: Usage {
            input: 10,
            cached_input: 20,
            cache_write: 30,
            cache_write_1h: 40,
            output: 50,
            reasoning: 5,
        },
        cost: Nanos::new(1_100),
        charged: Nanos::new(1_000),
        source: UsageSource::UpstreamFinal,
        suspect: true,
        outcome: Outcome::Completed,
        status: 200,
        started_at,
        first_byte_ms: Some(120),
        duration_ms: 900,
        hour: started_at,
        day: NOW.plus(i64::from(hours / 24) * 24 * HOUR),
        month: NOW,
        attempts: vec![Attempt {
            channel: ChannelId::new(NOW, random(who)),
            status: None,
            error: Some("refused".to_owned()),
            duration_ms: 3,
        }],
        client_ip: "203.0.113.7".into(),
        user_agent: "curl/8".into(),
    }
}

/// Books calls.
pub(crate) async fn book(database: &Database, calls: &[FinishedCall]) {
    let mut transaction = database.begin().await.unwrap();
    let mut n = 0;
    let id = || {
        n += 1;
        TransactionId::new(NOW, random(n))
    };
    let calls: Vec<&FinishedCall> = calls.iter().collect();
    transaction.book_calls(&calls, NOW, id).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_call_is_read_as_it_was_booked() {
    on_each_database(async |database| {
        let call = finished(1, 0);
        book(&database, std::slice::from_ref(&call)).await;
        let row = database.call(call.id, Some(call.user)).await.unwrap();
        assert_eq!(
            (row.id, row.key, row.user, row.channel),
            (call.id, call.key, call.user, call.channel)
        );
        assert_eq!((row.dialect, row.upstream_dialect), (Dialect::Chat, Dialect::Messages));
        assert_eq!((row.usage, row.cost, row.charged), (call.usage, call.cost, call.charged));
        assert_eq!((row.source, row.outcome, row.status), (call.source, call.outcome, 200));
        assert_eq!((row.first_byte_ms, row.duration_ms), (Some(120), 900));
        assert_eq!((row.started_at, row.day, row.month), (call.started_at, call.day, call.month));
        assert_eq!(row.attempts, call.attempts);
        assert_eq!(row.transaction, Some(TransactionId::new(NOW, random(1))));
        assert_eq!(row.client_ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(row.user_agent.as_deref(), Some("curl/8"));
        assert!(row.suspect && row.counted);

        let other = database.call(call.id, Some(finished(2, 0).user)).await;
        assert!(matches!(other, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn calls_are_filtered_and_paged() {
    on_each_database(async |database| {
        let mut failed = finished(1, 2);
        (failed.status, failed.outcome, failed.first_byte_ms) = (502, Outcome::Failed, None);
        let mut other_model = finished(1, 3);
        other_model.model = "o5".into();
        other_model.client_ip = "203.0.113.9".into();
        let calls =
            [finished(1, 0), finished(1, 1), failed, other_model, finished(2, 4), finished(2, 90)];
        book(&database, &calls).await;

        let positions = async |query: CallQuery| -> Vec<usize> {
            let rows =
                database.calls(&CallQuery { limit: query.limit.max(1), ..query }).await.unwrap();
            rows.iter()
                .map(|row| calls.iter().position(|call| call.id == row.id).unwrap())
                .collect()
        };
        let all = CallQuery { limit: 9_999, ..CallQuery::default() };
        let (one, two) = (&calls[0], &calls[5]);
        assert_eq!(positions(all.clone()).await, [5, 4, 3, 2, 1, 0]);
        assert_eq!(
            positions(CallQuery { limit: 2, after: Some(two.id), ..all.clone() }).await,
            [4, 3]
        );
        assert_eq!(positions(CallQuery { key: Some(two.key), ..all.clone() }).await, [5, 4]);
        assert_eq!(positions(CallQuery { user: Some(two.user), ..all.clone() }).await, [5, 4]);
        assert_eq!(positions(CallQuery { owner: Some(two.user), ..all.clone() }).await, [5, 4]);
        let foreign = CallQuery { owner: Some(two.user), key: Some(one.key), ..all.clone() };
        assert_eq!(positions(foreign).await, [0; 0]);
        let foreign = CallQuery { owner: Some(two.user), user: Some(one.user), ..all.clone() };
        assert_eq!(positions(foreign).await, [0; 0]);
        assert_eq!(positions(CallQuery { model: Some("o5".to_owned()), ..all.clone() }).await, [3]);
        assert_eq!(
            positions(CallQuery { channel: Some(two.channel), ..all.clone() }).await,
            [5, 4]
        );
        let address = Some("203.0.113.9".to_owned());
        assert_eq!(positions(CallQuery { client_ip: address, ..all.clone() }).await, [3]);
        assert_eq!(positions(CallQuery { status: Some(502), ..all.clone() }).await, [2]);
        assert_eq!(
            positions(CallQuery { outcome: Some(Outcome::Failed), ..all.clone() }).await,
            [2]
        );
        let range = CallQuery {
            since: Some(NOW.plus(HOUR)),
            until: Some(NOW.plus(3 * HOUR)),
            ..all.clone()
        };
        assert_eq!(positions(range).await, [2, 1]);
        let far = CallQuery { until: Some(UnixMillis::new(i64::MAX)), ..all };
        assert_eq!(positions(far).await, [5, 4, 3, 2, 1, 0]);
    })
    .await;
}
