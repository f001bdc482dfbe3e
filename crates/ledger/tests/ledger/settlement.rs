//! Calls that end, in order and otherwise.

use domain::money::Nanos;
use ledger::lock_directory;
use std::time::Duration;
use store::batch::FinishedCall;
use store::counter::Subject;

use crate::books::{BOUND, Books, COST, used};

#[tokio::test]
async fn a_settled_call_costs_what_it_used_and_gives_the_rest_back() {
    let books = Books::with_balance(Nanos::from_usd(1)).await;
    let call = books.open_call().await;
    assert_eq!(books.free().await, Nanos::new(1_000_000_000 - BOUND.get()));
    let finished = used(&call);
    call.settle(finished).await.unwrap();
    assert_eq!(books.free().await, Nanos::new(1_000_000_000 - COST.get()));
    books.ledger.flush().await;
    assert_eq!(books.verified().await.calls, 1);
}

#[tokio::test]
async fn a_reservation_that_is_dropped_is_given_back() {
    let books = Books::with_balance(BOUND).await;
    let reservation = books.reserve().await;
    assert_eq!(books.free().await, Nanos::ZERO);
    drop(reservation);
    assert_eq!(books.free().await, BOUND);
}

#[tokio::test]
async fn a_call_that_is_dropped_is_held_in_doubt() {
    let books = Books::with_balance(BOUND).await;
    drop(books.open_call().await);
    books.ledger.flush().await;
    assert_eq!(books.free().await, Nanos::ZERO);
    assert_eq!(books.verified().await.in_doubt, 1);
}

#[tokio::test]
async fn what_a_call_costs_above_every_limit_is_the_operators() {
    let books = Books::with_balance(Nanos::new(BOUND.get() + 7)).await;
    let call = books.open_call().await;
    let usage = domain::usage::Usage { output: 6_000, ..used(&call).usage };
    let cost = Nanos::new(6_400_000);
    let finished = FinishedCall { usage, cost, ..used(&call) };
    let settled = call.settle(finished).await.unwrap();
    assert_eq!((settled.cost, settled.charged), (cost, Nanos::new(BOUND.get() + 7)));
    assert_eq!(books.free().await, Nanos::ZERO);
    books.ledger.flush().await;
    books.verified().await;
}

#[tokio::test]
async fn a_call_can_be_enlarged_up_to_what_is_left() {
    let books = Books::with_balance(Nanos::new(BOUND.get() + 10)).await;
    let mut call = books.open_call().await;
    assert!(call.enlarge(Nanos::new(BOUND.get() + 4)).await);
    assert!(!call.enlarge(Nanos::new(BOUND.get() + 11)).await);
    assert_eq!(call.bound(), Nanos::new(BOUND.get() + 10));
    let finished = used(&call);
    call.settle(finished).await.unwrap();
    assert_eq!(books.free().await, Nanos::new(BOUND.get() + 10 - COST.get()));
}

#[tokio::test]
async fn a_second_process_on_the_directory_is_refused() {
    let books = Books::with_balance(BOUND).await;
    let refused = lock_directory(books.directory.path()).unwrap_err();
    assert!(refused.to_string().contains("another tollkeeper process"));
}

#[tokio::test]
async fn calls_reach_the_database_although_nobody_waits_for_them() {
    let books = Books::with_balance(Nanos::from_usd(5)).await;
    let windows = books.ledger.windows(books.ledger.now());
    let mut settled = 0;
    // Fewer than make a batch, more than make two, and again the first after a pause.
    for calls in [1, 2_500, 1] {
        for _ in 0..calls {
            books.settled_call().await;
        }
        settled += calls;
        let shipped = async {
            let counted =
                async || books.database.counters(Subject::Key(books.key), &windows).await.unwrap();
            while counted().await.total.requests < settled {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), shipped).await.unwrap();
    }
    assert_eq!(books.verified().await.calls, 2_502);
}
