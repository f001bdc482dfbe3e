//! `tollkeeper verify`: every balance recomputed from the first entry, every charge from its usage.

use domain::bill::{BillingMethod, Multiplier, Tariff};
use domain::money::Nanos;
use domain::usage::UsageSource;
use serde::Serialize;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::audit_books::{ChargedCall, Figures, Sums};
use store::{Database, Snapshot, StoreError};

/// What was checked, and what differs.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Calls whose charge was recomputed.
    pub calls: u64,
    /// Counters that were recomputed.
    pub counters: u64,
    /// Accounts whose balance was recomputed.
    pub accounts: u64,
    /// Rows of the audit log whose hash was recomputed.
    pub audit_rows: u64,
    /// Calls that are held in doubt.
    pub in_doubt: u64,
    /// Everything that differs, a sentence each.
    pub differences: Vec<String>,
}

impl Report {
    fn differs(&mut self, sentence: String) {
        self.differences.push(sentence);
    }
}

/// Recomputes all books. Reads only, and one moment of them: a live deployment can be verified.
///
/// # Errors
/// When the database is unavailable.
pub async fn verify(database: &Database) -> Result<Report, StoreError> {
    let mut books = database.snapshot().await?;
    let in_doubt = u64::try_from(books.count_open_doubts().await?).unwrap_or_default();
    let mut report = Report { in_doubt, ..Report::default() };
    for (transaction, sum) in books.unbalanced_transactions().await? {
        report.differs(format!(
            "ledger transaction {transaction} sums to {} USD instead of 0",
            Nanos::new(sum)
        ));
    }
    recompute_charges(database, &mut books, &mut report).await?;
    compare_counters(&mut report, &books.counter_sums().await?, &books.recomputed_sums().await?);
    compare_accounts(&mut books, &mut report).await?;
    let audit = books.audit_chain().await?;
    report.audit_rows = u64::try_from(audit.rows).unwrap_or_default();
    report.differences.extend(audit.differences);
    let (posted, called) = (books.usage_postings().await?, books.usage_by_transaction().await?);
    compare(&mut report, "ledger transaction", posted, called, "its entries", "its calls");
    let (posted, refunded) = (books.refund_postings().await?, books.refunds_by_call().await?);
    compare(&mut report, "refunds of", posted, refunded, "the ledger's entries", "their rows");
    for (call, beyond) in books.refunds_beyond_charges().await? {
        report.differs(format!(
            "call {call} was refunded {} USD more than it was charged",
            Nanos::new(beyond)
        ));
    }
    Ok(report)
}

async fn recompute_charges(
    database: &Database,
    books: &mut Snapshot,
    report: &mut Report,
) -> Result<(), StoreError> {
    // A version of a price never changes, so it needs no snapshot.
    let mut prices = HashMap::new();
    let mut after = String::new();
    loop {
        let page = books.charged_calls(&after, 5_000).await?;
        let Some(last) = page.last() else { break };
        after = last.id.to_string();
        for call in &page {
            report.calls += 1;
            if let Entry::Vacant(slot) = prices.entry(call.price_version) {
                let version = database.price_version(call.price_version).await;
                slot.insert(version.ok().and_then(|version| version.price));
            }
            let price = prices.get(&call.price_version).and_then(Option::as_ref);
            let method = BillingMethod::from_name(&call.billing_method);
            let tariff = price.zip(method).and_then(|(price, method)| Tariff::of(price, method));
            check_charge(report, call, tariff.as_ref());
        }
    }
    let called = books.usage_of_calls().await?;
    let hours = books.rolled_up().await?;
    compare_usage(report, called, hours, ["calls", "hours"]);
    let summed = books.sums_of_hours().await?;
    compare_usage(report, summed, books.summed_up().await?, ["keys' hours", "sum"]);
    Ok(())
}

/// Compares usage as it was summed up with what it is the sum of.
fn compare_usage(
    report: &mut Report,
    parts: Vec<(String, Figures)>,
    sums: Vec<(String, Figures)>,
    [of_parts, of_sums]: [&str; 2],
) {
    let called: BTreeMap<_, _> = parts.into_iter().collect();
    let rolled_up: BTreeMap<_, _> = sums.into_iter().collect();
    for name in called.keys().chain(rolled_up.keys()).collect::<BTreeSet<_>>() {
        let (calls, hours) = (called.get(name), rolled_up.get(name));
        if calls != hours {
            let (calls, hours) =
                (calls.copied().unwrap_or_default(), hours.copied().unwrap_or_default());
            report.differs(format!(
                "usage of {name}: its {of_parts} come to {calls:?}, its {of_sums} to {hours:?} (requests, tokens by class, nano-USD)"
            ));
        }
    }
}

fn check_charge(report: &mut Report, call: &ChargedCall, tariff: Option<&Tariff>) {
    if call.charged > call.cost || call.charged.is_negative() {
        report.differs(format!(
            "call {} is charged {} USD but cost {} USD",
            call.id, call.charged, call.cost
        ));
    }
    let expected = match UsageSource::from_name(&call.source) {
        None => {
            return report.differs(format!(
                "call {} has the unknown usage source {:?}",
                call.id, call.source
            ));
        }
        Some(UsageSource::None) => Some(Nanos::ZERO),
        // The bound and a checkpoint's cost were fixed while the call ran, at the dearest group.
        Some(UsageSource::Bound | UsageSource::Checkpoint) => return,
        Some(_) => Multiplier::from_parts_per_million(call.multiplier)
            .and_then(|multiplier| tariff?.cost(&call.usage, multiplier).ok()),
    };
    match expected {
        None => report.differs(format!(
            "call {} refers to price version {}, which is missing",
            call.id, call.price_version
        )),
        Some(expected) if expected != call.cost => {
            report.differs(format!(
                "call {} cost {} USD, but its usage at its price comes to {expected} USD",
                call.id, call.cost
            ));
        }
        Some(_) => {}
    }
}

fn compare_counters(report: &mut Report, stored: &Sums, recomputed: &Sums) {
    let names: BTreeSet<&String> = stored.keys().chain(recomputed.keys()).collect();
    for name in names {
        report.counters += 1;
        let (is, should) = (
            stored.get(name).copied().unwrap_or_default(),
            recomputed.get(name).copied().unwrap_or_default(),
        );
        if is != should {
            report.differs(format!(
                "counter {name} is {is:?}, but the calls and doubts come to {should:?}"
            ));
        }
    }
}

async fn compare_accounts(books: &mut Snapshot, report: &mut Report) -> Result<(), StoreError> {
    let balances: BTreeMap<String, i64> = books.account_balances().await?.into_iter().collect();
    let sums = books.counter_sums().await?;
    report.accounts = balances.len() as u64;
    for (user, credited) in books.user_credits().await? {
        let spent = sums.get(&format!("{user} total 0")).map_or(0, |sum| sum.settled);
        let ledger = balances.get(&format!("user:{user}")).copied().unwrap_or(0);
        if ledger != credited - spent {
            report.differs(format!(
                "the ledger gives {user} a balance of {} USD, but {} USD credited less {} USD spent is {} USD",
                Nanos::new(ledger), Nanos::new(credited), Nanos::new(spent), Nanos::new(credited - spent),
            ));
        }
    }
    Ok(())
}

fn compare(
    report: &mut Report,
    what: &str,
    left: Vec<(String, i64)>,
    right: Vec<(String, i64)>,
    left_name: &str,
    right_name: &str,
) {
    let (left, right): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (left.into_iter().collect(), right.into_iter().collect());
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    for name in names {
        let (a, b) = (left.get(name).copied().unwrap_or(0), right.get(name).copied().unwrap_or(0));
        if a != b {
            report.differs(format!(
                "{what} {name}: {left_name} come to {} USD, {right_name} to {} USD",
                Nanos::new(a),
                Nanos::new(b)
            ));
        }
    }
}
