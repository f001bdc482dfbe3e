//! The native connection keeps the same books as the driver for both databases.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, NodeId, UserId};
use domain::money::Nanos;
use domain::usage::{Usage, UsageSource};
use rusqlite::types::Value;
use tempfile::TempDir;

use super::*;
use crate::batch::{Attempt, Outcome};

const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

const TABLES: [(&str, &str); 6] = [
    ("nodes", "SELECT * FROM nodes ORDER BY id"),
    ("calls", "SELECT * FROM calls ORDER BY id"),
    ("counters", "SELECT * FROM counters ORDER BY subject, period, starts_at"),
    ("usage_hours", "SELECT * FROM usage_hours ORDER BY key_id, hour, model"),
    ("usage_sums", "SELECT * FROM usage_sums ORDER BY subject, hour, model"),
    ("charges", "SELECT * FROM ledger_entries ORDER BY transaction_id, line"),
];

/// A database and a node that ships to it.
struct Books {
    database: Database,
    node: Node,
    _directory: TempDir,
}

impl Books {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_embedded(directory.path()).await.unwrap();
        let mut transaction = database.begin().await.unwrap();
        let node = transaction.start_node(NodeId::new(NOW, [1; 10]), NOW).await.unwrap();
        transaction.commit().await.unwrap();
        Self { database, node, _directory: directory }
    }

    async fn ship(&mut self, calls: &Arc<[FinishedCall]>) -> Result<(), StoreError> {
        let watermark = self.node.shipped + 10;
        self.database.ship(self.node, watermark, calls, NOW, ids_after(watermark)).await?;
        self.node.shipped = watermark;
        Ok(())
    }

    /// The rows of every table that shipping writes to.
    fn contents(&self) -> Vec<(&'static str, Vec<Vec<Value>>)> {
        let mut contents = Vec::new();
        let read = |connection: &Connection| {
            for (name, statement) in TABLES {
                let mut rows = connection.prepare(statement)?;
                let width = rows.column_count();
                let rows = rows.query_map([], |row| (0..width).map(|at| row.get(at)).collect())?;
                contents.push((name, rows.collect::<Result<_, _>>()?));
            }
            Ok(())
        };
        self.database.native().unwrap().write(read).unwrap();
        contents
    }

    fn count(&self, table: &str) -> usize {
        let contents = self.contents();
        contents.iter().find(|(name, _)| *name == table).unwrap().1.len()
    }
}

/// Ids of ledger transactions, different for each batch.
fn ids_after(watermark: i64) -> impl FnMut() -> TransactionId {
    let mut n = 0;
    move || {
        n += 1;
        TransactionId::new(NOW.plus(watermark), [n; 10])
    }
}

fn ids() -> impl FnMut() -> TransactionId {
    ids_after(0)
}

/// Calls of five keys and three users, of every kind.
fn calls(numbers: std::ops::Range<u8>) -> Arc<[FinishedCall]> {
    numbers.map(call).collect()
}

fn call(n: u8) -> FinishedCall {
    let number = i64::from(n);
    let channel = ChannelId::new(NOW, [n % 2; 10]);
    let attempt = Attempt {
        channel,
        status: (!n.is_multiple_of(4)).then_some(429),
        error: (n.is_multiple_of(4)).then(|| "\"refused\" – 拒绝".to_owned()),
        duration_ms: 3,
    };
    FinishedCall {
        id: CallId::new(NOW.plus(number / 3), [n; 10]),
        key: KeyId::new(NOW, [n % 5; 10]),
        user: UserId::new(NOW, [n % 5 % 3; 10]),
        model: ["gpt-5", "o5", "模型"][usize::from(n % 3)].into(),
        upstream_model: "gpt-5-2026".into(),
        channel,
        group: if n.is_multiple_of(6) { "".into() } else { "default".into() },
        dialect: Dialect::Chat,
        upstream_dialect: if n.is_multiple_of(2) { Dialect::Chat } else { Dialect::Messages },
        billing_method: BillingMethod::UsageBased,
        price_version: 3,
        multiplier: Multiplier::ONE,
        counted: !n.is_multiple_of(7),
        usage: Usage {
            input: 10 + u64::from(n),
            cached_input: 20,
            cache_write: 30,
            cache_write_1h: 40,
            output: 50,
            reasoning: 5,
        },
        cost: Nanos::new(if n.is_multiple_of(8) { 0 } else { 1_100 + number }),
        charged: Nanos::new(if n.is_multiple_of(8) { 0 } else { 1_000 }),
        source: UsageSource::UpstreamFinal,
        suspect: n.is_multiple_of(9),
        outcome: if n.is_multiple_of(10) { Outcome::ClientGone } else { Outcome::Completed },
        status: 200,
        started_at: NOW.plus(number),
        first_byte_ms: (!n.is_multiple_of(3)).then_some(120),
        duration_ms: 900,
        hour: NOW.plus(number / 20 * 3_600_000),
        day: NOW.plus(number / 40 * 86_400_000),
        month: NOW,
        attempts: vec![attempt; usize::from(n % 3)],
        client_ip: "203.0.113.7".into(),
        user_agent: "curl/8 'x'".into(),
    }
}

#[tokio::test]
async fn both_drivers_keep_the_same_books() {
    let (mut native, mut shared) = (Books::new().await, Books::new().await);
    for batch in [calls(0..90), calls(90..91), calls(0..0), calls(60..160)] {
        native.ship(&batch).await.unwrap();
        let mut transaction = shared.database.begin().await.unwrap();
        let watermark = shared.node.shipped + 10;
        transaction.advance_watermark(shared.node, watermark).await.unwrap();
        shared.node.shipped = watermark;
        let batch: Vec<&FinishedCall> = batch.iter().collect();
        transaction.book_calls(&batch, NOW, ids_after(watermark)).await.unwrap();
        transaction.commit().await.unwrap();
    }
    assert_eq!(native.contents(), shared.contents());
    assert_eq!(native.count("calls"), 160);
    assert!(native.contents().iter().all(|(_, rows)| !rows.is_empty()));
}

#[tokio::test]
async fn a_batch_shipped_again_changes_nothing() {
    let mut books = Books::new().await;
    books.ship(&calls(0..50)).await.unwrap();
    let before = books.contents();
    let old = Node { shipped: 0, ..books.node };
    let again = books.database.ship(old, 10, &calls(0..50), NOW, ids()).await;
    assert!(matches!(again, Err(StoreError::Stale)));
    assert_eq!(books.contents(), before);

    books.ship(&calls(0..50)).await.unwrap();
    let but_nodes = |contents: Vec<(&'static str, _)>| -> Vec<_> {
        contents.into_iter().filter(|(name, _)| *name != "nodes").collect()
    };
    assert_eq!(but_nodes(books.contents()), but_nodes(before));
}

#[tokio::test]
async fn another_start_of_the_node_is_stale() {
    let books = Books::new().await;
    let before = books.contents();
    for node in [Node { epoch: 2, ..books.node }, Node { shipped: 1, ..books.node }] {
        let done = books.database.ship(node, 10, &calls(0..3), NOW, ids()).await;
        assert!(matches!(done, Err(StoreError::Stale)));
    }
    assert_eq!(books.contents(), before);
}

#[tokio::test]
async fn a_known_call_is_passed_over() {
    let (mut one, mut other) = (Books::new().await, Books::new().await);
    one.ship(&calls(1..2)).await.unwrap();
    one.ship(&[calls(2..4), calls(1..2), calls(2..3)].concat().into()).await.unwrap();
    other.ship(&calls(1..2)).await.unwrap();
    other.ship(&calls(2..4)).await.unwrap();
    assert_eq!(one.contents(), other.contents());
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing() {
    let mut books = Books::new().await;
    let native = books.database.native().unwrap().clone();
    let rename = |text: &'static str| native.write(|c| Ok(c.execute_batch(text)?)).unwrap();
    let before = books.contents();
    rename("ALTER TABLE ledger_entries RENAME TO hidden");
    assert!(matches!(books.ship(&calls(0..20)).await, Err(StoreError::Unavailable(_))));
    rename("ALTER TABLE hidden RENAME TO ledger_entries");
    assert_eq!(books.contents(), before);
    books.ship(&calls(0..20)).await.unwrap();
    assert_eq!(books.count("calls"), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_queue() {
    let mut books = Books::new().await;
    let others: Vec<_> = (0..4)
        .map(|_| {
            let database = books.database.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    let mut transaction = database.begin().await?;
                    let statement = sqlx::query("UPDATE deployment SET value = value");
                    statement.execute(transaction.connection()).await?;
                    transaction.commit().await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for n in 0..25 {
        books.ship(&calls(n * 10..n * 10 + 10)).await.unwrap();
    }
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(books.count("calls"), 250);
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_all_or_nothing() {
    let books = Books::new().await;
    let batch = calls(0..100);
    {
        let ship = books.database.ship(books.node, 10, &batch, NOW, ids());
        tokio::select! {
            biased;
            done = ship => done.unwrap(),
            () = tokio::task::yield_now() => {}
        }
    }
    books.database.begin().await.unwrap().commit().await.unwrap();
    assert!([0, 100].contains(&books.count("calls")));
    books.database.close().await;
    let closed = books.database.ship(books.node, 20, &batch, NOW, ids()).await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))));
}
