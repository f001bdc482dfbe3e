//! What a stop leaves, and what the next start makes of it.

use domain::money::Nanos;
use ledger::journal::Durability;
use std::os::unix::fs::FileExt;

use crate::books::{BOUND, Books, COST, used};

fn five_usd() -> Nanos {
    Nanos::from_usd(5)
}

#[tokio::test]
async fn a_crash_loses_no_settled_call_and_holds_the_open_ones() {
    let books = Books::with_balance(five_usd()).await;
    books.settled_call().await;
    std::mem::forget(books.open_call().await);
    let ledger = std::sync::Arc::clone(&books.ledger);
    drop(ledger);
    let books = leak_free_crash(books).await;
    assert_eq!(books.free().await, Nanos::new(five_usd().get() - COST.get() - BOUND.get()));
    let report = books.verified().await;
    assert_eq!((report.calls, report.in_doubt), (1, 1));
    // Once more: nothing is booked or held twice.
    let books = books.crash(|options| options).await;
    let report = books.verified().await;
    assert_eq!((report.calls, report.in_doubt), (1, 1));
    assert_eq!(books.free().await, Nanos::new(five_usd().get() - COST.get() - BOUND.get()));
}

/// The forgotten call keeps parts of the old books alive, but not the ledger itself.
async fn leak_free_crash(books: Books) -> Books {
    books.crash(|options| options).await
}

#[tokio::test]
async fn a_torn_record_is_cut_off_and_the_rest_is_kept() {
    let books = Books::with_balance(five_usd()).await;
    books.settled_call().await;
    books.ledger.flush().await;
    books.settled_call().await;
    let journal = books.directory.path().join("journal");
    let mut segments: Vec<_> =
        std::fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    let first = std::fs::File::options().read(true).write(true).open(&segments[0]).unwrap();
    let bytes = std::fs::read(&segments[0]).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
    // The last settlement loses its end: that call is in doubt again.
    first.write_all_at(&[0; 16], end - 16).unwrap();
    let books = books.crash(|options| options).await;
    let report = books.verified().await;
    assert!((report.calls, report.in_doubt) == (1, 1) || report.calls == 2, "{report:?}");
}

#[tokio::test]
async fn after_a_power_loss_what_may_be_lost_is_held() {
    let books = Books::with_balance(five_usd()).await;
    books.settled_call().await;
    let exposure = Nanos::from_usd(1);
    let books = books.crash(|options| ledger::Options { exposure, ..options }).await;
    books.settled_call().await;
    books.ledger.flush().await;
    let same_boot = books.crash(|options| ledger::Options { exposure, ..options }).await;
    assert_eq!(same_boot.verified().await.in_doubt, 0);
    same_boot.settled_call().await;
    let books = same_boot
        .crash(|options| ledger::Options { boot: "second boot".to_owned(), ..options })
        .await;
    assert_eq!(books.verified().await.in_doubt, 1);
    assert_eq!(books.free().await, Nanos::new(five_usd().get() - 3 * COST.get() - exposure.get()));
}

#[tokio::test]
async fn in_strict_mode_a_power_loss_takes_nothing() {
    let books = Books::with_balance(five_usd()).await;
    let strict = |options| ledger::Options { durability: Durability::Strict, ..options };
    let books = books.crash(strict).await;
    books.settled_call().await;
    let books = books
        .crash(|options| ledger::Options { boot: "second boot".to_owned(), ..strict(options) })
        .await;
    assert_eq!(books.verified().await.in_doubt, 0);
    assert_eq!(books.free().await, Nanos::new(five_usd().get() - COST.get()));
}

#[tokio::test]
async fn an_orderly_end_leaves_nothing_in_doubt() {
    let books = Books::with_balance(five_usd()).await;
    let call = books.open_call().await;
    let finished = used(&call);
    call.settle(finished).await.unwrap();
    books.ledger.flush().await;
    let books =
        books.crash(|options| ledger::Options { boot: "second boot".to_owned(), ..options }).await;
    // Flushed, but not closed: the declaration of the key still stands.
    assert_eq!(books.verified().await.in_doubt, 1);
}

#[tokio::test]
async fn segments_turn_over_and_are_removed_once_shipped() {
    let books = Books::with_balance(five_usd()).await;
    let books =
        books.crash(|options| ledger::Options { segment_size: 256 * 1024, ..options }).await;
    for _ in 0..1_500 {
        books.settled_call().await;
    }
    books.ledger.flush().await;
    let left = std::fs::read_dir(books.directory.path().join("journal")).unwrap().count();
    assert!(left <= 3, "{left} segments are left");
    assert_eq!(books.verified().await.calls, 1_500);
    assert_eq!(books.free().await, Nanos::new(five_usd().get() - 1_500 * COST.get()));
}

#[tokio::test]
async fn a_node_signs_off_only_when_it_owes_nothing() {
    for owes in [false, true] {
        let books = Books::with_balance(five_usd()).await;
        books.settled_call().await;
        if owes {
            std::mem::forget(books.open_call().await);
        }
        books.ledger.close().await.unwrap();
        let database = store::Database::open_embedded(books.directory.path()).await.unwrap();
        let nodes = database.nodes().await.unwrap();
        assert_eq!(nodes.iter().map(|(_, active)| *active).collect::<Vec<_>>(), [owes]);
    }
}
