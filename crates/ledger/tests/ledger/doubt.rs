//! What becomes of calls in doubt.

use domain::money::Nanos;
use domain::usage::Usage;
use ledger::Options;
use ledger::doubt::Resolution;

use crate::books::{BOUND, Books, COST};

async fn in_doubt(checkpoint: bool) -> Books {
    let books = Books::with_balance(BOUND).await;
    let mut call = books.open_call().await;
    if checkpoint {
        call.checkpoint(Usage { input: 400, output: 600, ..Usage::default() }, COST);
    }
    std::mem::forget(call);
    let books = books.crash(|options| options).await;
    assert_eq!(books.free().await, Nanos::ZERO);
    books
}

async fn the_call(books: &Books) -> domain::id::CallId {
    books.database.open_doubts(None).await.unwrap().first().unwrap().call_id
}

#[tokio::test]
async fn a_release_gives_the_amount_back_and_books_it_as_absorbed() {
    let books = in_doubt(false).await;
    let call = the_call(&books).await;
    let finished = books.ledger.resolve_doubt(call, Resolution::Release).await.unwrap();
    assert_eq!((finished.charged, finished.cost), (Nanos::ZERO, BOUND));
    assert_eq!(books.free().await, BOUND);
    assert!(books.ledger.resolve_doubt(call, Resolution::Release).await.is_err());
    books.verified().await;
}

#[tokio::test]
async fn a_settlement_charges_the_last_checkpoint_else_the_bound() {
    for (checkpoint, charged) in [(true, COST), (false, BOUND)] {
        let books = in_doubt(checkpoint).await;
        let call = the_call(&books).await;
        let finished = books.ledger.resolve_doubt(call, Resolution::Settle(None)).await.unwrap();
        assert_eq!(finished.charged, charged);
        assert_eq!(books.free().await, Nanos::new(BOUND.get() - charged.get()));
        books.verified().await;
    }
}

#[tokio::test]
async fn a_known_usage_can_be_charged() {
    let books = in_doubt(false).await;
    let call = the_call(&books).await;
    let usage = Usage { input: 2, output: 1, ..Usage::default() };
    let finished = books.ledger.resolve_doubt(call, Resolution::Settle(Some(usage))).await.unwrap();
    assert_eq!(finished.charged, Nanos::new(3_000));
    books.verified().await;
}

#[tokio::test]
async fn a_doubt_whose_time_is_up_resolves_itself() {
    let books = in_doubt(true).await;
    let books = books.crash(|options| Options { doubt_hold: -1, ..options }).await;
    while books.verified().await.in_doubt > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(books.free().await, Nanos::new(BOUND.get() - COST.get()));
}
