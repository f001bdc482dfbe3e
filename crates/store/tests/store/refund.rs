//! Refunds: never more than was charged, whoever else refunds at the same time.

use domain::id::{TransactionId, UserId};
use domain::money::Nanos;
use store::refund::{RefundOrder, RefundOutcome, SpanRefund};
use store::{Database, StoreError};

use crate::call::{book, finished};
use crate::fixture::{NOW, digest, key, new_key, new_user, on_each_database, random};

fn order(n: u8) -> RefundOrder<'static> {
    RefundOrder {
        transaction: TransactionId::new(NOW, random(100 + n)),
        by: UserId::new(NOW, random(9)),
        reason: "leaked",
        now: NOW,
    }
}

/// A user and a key that the calls of [`finished`] belong to.
async fn payer(database: &Database) {
    let call = finished(1, 0);
    let mut transaction = database.begin().await.unwrap();
    let mut user = new_user(1);
    user.id = call.user;
    transaction.insert_user(&user).await.unwrap();
    transaction.commit().await.unwrap();
    let mut new = new_key(call.user, 1);
    (new.id, new.digest) = (call.key, digest(77));
    key(database, &new).await;
}

async fn refund(database: &Database, amount: Option<i64>, n: u8) -> RefundOutcome {
    let mut transaction = database.begin().await.unwrap();
    let call = finished(1, 0).id;
    let outcome = transaction.refund_call(call, amount.map(Nanos::new), order(n)).await.unwrap();
    transaction.commit().await.unwrap();
    outcome
}

/// What the books say of refunds: nothing, if they are right.
async fn faults(database: &Database) -> Vec<String> {
    let mut books = database.snapshot().await.unwrap();
    let (mut rows, mut lines) =
        (books.refunds_by_call().await.unwrap(), books.refund_postings().await.unwrap());
    rows.sort();
    lines.sort();
    let mut faults = Vec::new();
    if rows != lines {
        faults.push(format!("{rows:?} are not {lines:?}"));
    }
    let beyond = books.refunds_beyond_charges().await.unwrap();
    faults.extend(beyond.into_iter().map(|(call, amount)| format!("{call}: {amount} too much")));
    let unbalanced = books.unbalanced_transactions().await.unwrap();
    faults.extend(unbalanced.into_iter().map(|(name, sum)| format!("{name} sums to {sum}")));
    faults
}

#[tokio::test]
async fn a_call_is_refunded_up_to_its_charge() {
    on_each_database(async |database| {
        payer(&database).await;
        let call = finished(1, 0);
        book(&database, std::slice::from_ref(&call)).await;
        let RefundOutcome::Booked { refund: first, left } = refund(&database, Some(400), 1).await
        else {
            panic!("it was not booked");
        };
        assert_eq!((first.call, first.key, first.user), (call.id, call.key, call.user));
        assert_eq!((first.amount, left), (Nanos::new(400), Nanos::new(600)));
        let too_much =
            RefundOutcome::TooMuch { charged: Nanos::new(1_000), refunded: Nanos::new(400) };
        assert_eq!(refund(&database, Some(601), 2).await, too_much);
        for amount in [0, -5] {
            assert_eq!(refund(&database, Some(amount), 2).await, too_much);
        }
        assert!(matches!(refund(&database, None, 3).await, RefundOutcome::Booked { .. }));
        assert!(matches!(refund(&database, None, 4).await, RefundOutcome::TooMuch { .. }));
        let amounts: Vec<i64> = database
            .refunds(&[call.id])
            .await
            .unwrap()
            .iter()
            .map(|refund| refund.amount.get())
            .collect();
        assert_eq!(amounts, [400, 600]);
        let user = database.user(call.user).await.unwrap();
        assert_eq!((user.credited, user.version), (Nanos::new(1_000), 1));
        let entries = database.ledger_transaction(order(1).transaction).await.unwrap();
        let lines: Vec<_> = entries
            .iter()
            .map(|entry| (entry.account.to_string(), entry.amount.get(), entry.reference.clone()))
            .collect();
        let id = call.id.to_string();
        assert_eq!(
            lines,
            [
                (format!("user:{}", call.user), 400, id.clone()),
                ("operator:refunds".to_owned(), -400, id)
            ]
        );
        assert_eq!(faults(&database).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn of_many_refunds_at_once_none_goes_beyond_the_charge() {
    on_each_database(async |database| {
        payer(&database).await;
        book(&database, &[finished(1, 0)]).await;
        let mut tries = Vec::new();
        for n in 1..=12 {
            let database = database.clone();
            tries.push(tokio::spawn(async move { refund(&database, Some(300), n).await }));
        }
        let mut booked = 0;
        for one in tries {
            booked += usize::from(matches!(one.await.unwrap(), RefundOutcome::Booked { .. }));
        }
        assert_eq!(booked, 3);
        assert_eq!(faults(&database).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_keys_calls_of_a_span_are_refunded_in_one_go() {
    on_each_database(async |database| {
        payer(&database).await;
        let calls: Vec<_> = (0..4).map(|hour| finished(1, hour)).collect();
        book(&database, &calls).await;
        refund(&database, None, 1).await;
        refund(&database, None, 1).await;
        let (since, until) = (calls[0].started_at, calls[3].started_at);
        let mut transaction = database.begin().await.unwrap();
        let done = transaction.refund_key(calls[0].key, since, until, order(2)).await.unwrap();
        // The first was refunded before, the last lies behind the span.
        assert_eq!(done, SpanRefund::Booked { calls: 2, amount: Nanos::new(2_000) });
        transaction.commit().await.unwrap();
        let mut transaction = database.begin().await.unwrap();
        let again = transaction.refund_key(calls[0].key, since, until, order(3)).await.unwrap();
        assert_eq!(again, SpanRefund::Booked { calls: 0, amount: Nanos::ZERO });
        let other = finished(2, 0).key;
        let missing = transaction.refund_key(other, since, until, order(3)).await;
        assert!(matches!(missing, Err(StoreError::NotFound)));
        drop(transaction);
        assert_eq!(faults(&database).await, Vec::<String>::new());
        assert_eq!(database.user(calls[0].user).await.unwrap().credited, Nanos::new(3_000));
    })
    .await;
}
