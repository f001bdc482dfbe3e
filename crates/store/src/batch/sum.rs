//! What a batch comes to: the changes of counters, hours and the ledger, from its calls alone.

use domain::id::{KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::Usage;
use domain::window::Window;
use std::collections::BTreeMap;

use super::FinishedCall;
use super::row::Transactions;
use crate::counter::{Counter, CounterChange, Subject};
use crate::dialect::{JsonRows, json_rows};
use crate::ledger_entry::Posting;
use crate::value::Value;

/// The subject of the sums over everybody: no user has this id.
const EVERYBODY: &str = "";

/// Every call of one user in a batch shares one ledger transaction.
pub(crate) fn transactions<'c>(
    calls: impl Iterator<Item = &'c FinishedCall>,
    mut transaction_id: impl FnMut() -> TransactionId,
) -> Transactions {
    let mut transactions = Transactions::new();
    for call in calls.filter(|call| call.cost != Nanos::ZERO) {
        transactions.entry(call.user).or_insert_with(&mut transaction_id);
    }
    transactions
}

/// What a batch adds to the counters of its keys and users.
pub(crate) fn counter_changes(calls: &[&FinishedCall]) -> Vec<CounterChange> {
    // First what has the same counters altogether, so that a call costs one look-up.
    let mut alike: BTreeMap<(KeyId, UserId, UnixMillis, UnixMillis), Counter> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.counted) {
        let sum = alike.entry((call.key, call.user, call.day, call.month)).or_default();
        let tokens = i64::try_from(call.usage.total()).unwrap_or(i64::MAX);
        add(sum, call.charged, 1, tokens, call.started_at);
    }
    let mut sums: BTreeMap<(Subject, Window, UnixMillis), Counter> = BTreeMap::new();
    for ((key, user, day, month), part) in alike {
        let windows =
            [(Window::Total, UnixMillis::new(0)), (Window::Day, day), (Window::Month, month)];
        for subject in [Subject::Key(key), Subject::User(user)] {
            for (window, starts_at) in windows {
                let sum = sums.entry((subject, window, starts_at)).or_default();
                add(sum, part.settled, part.requests, part.tokens, part.last_used_at);
            }
        }
    }
    sums.into_iter()
        .map(|((subject, window, starts_at), add)| CounterChange {
            subject,
            window,
            starts_at,
            add,
        })
        .collect()
}

fn add(sum: &mut Counter, settled: Nanos, requests: i64, tokens: i64, last_used_at: UnixMillis) {
    sum.settled = Nanos::new(sum.settled.get().saturating_add(settled.get()));
    sum.requests += requests;
    sum.tokens = sum.tokens.saturating_add(tokens);
    sum.last_used_at = sum.last_used_at.max(last_used_at);
}

pub(crate) const ADD_HOURS: JsonRows = json_rows!(
    "INSERT INTO usage_hours (key_id, hour, model, user_id, day, month, requests, input, cached_input, cache_write, \
     output, reasoning, charged)",
    13,
    "value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT), \
     CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT), \
     CAST(value ->> 9 AS BIGINT), CAST(value ->> 10 AS BIGINT), CAST(value ->> 11 AS BIGINT), CAST(value ->> 12 AS BIGINT)",
    "ON CONFLICT (key_id, hour, model) DO UPDATE SET requests = usage_hours.requests + excluded.requests, \
     input = usage_hours.input + excluded.input, cached_input = usage_hours.cached_input + excluded.cached_input, \
     cache_write = usage_hours.cache_write + excluded.cache_write, output = usage_hours.output + excluded.output, \
     reasoning = usage_hours.reasoning + excluded.reasoning, charged = usage_hours.charged + excluded.charged"
);

/// The same summed over the keys of each user, and over everybody.
pub(crate) const ADD_SUMS: JsonRows = json_rows!(
    "INSERT INTO usage_sums (subject, hour, model, day, month, requests, input, cached_input, cache_write, \
     output, reasoning, charged)",
    12,
    "value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, CAST(value ->> 3 AS BIGINT), CAST(value ->> 4 AS BIGINT), \
     CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT), \
     CAST(value ->> 9 AS BIGINT), CAST(value ->> 10 AS BIGINT), CAST(value ->> 11 AS BIGINT)",
    "ON CONFLICT (subject, hour, model) DO UPDATE SET requests = usage_sums.requests + excluded.requests, \
     input = usage_sums.input + excluded.input, cached_input = usage_sums.cached_input + excluded.cached_input, \
     cache_write = usage_sums.cache_write + excluded.cache_write, output = usage_sums.output + excluded.output, \
     reasoning = usage_sums.reasoning + excluded.reasoning, charged = usage_sums.charged + excluded.charged"
);

/// What a batch adds to an hour of a key and a model.
pub(crate) struct Hour<'c> {
    key: KeyId,
    hour: UnixMillis,
    model: &'c str,
    user: UserId,
    day: UnixMillis,
    month: UnixMillis,
    requests: i64,
    usage: Usage,
    charged: i64,
}

/// What a batch adds to the hourly roll-ups of keys.
pub(crate) fn hours<'c>(calls: &[&'c FinishedCall]) -> Vec<Hour<'c>> {
    summed(calls, |call| call.key)
}

/// What a batch adds to the hourly roll-ups of users, and of everybody.
pub(crate) fn sums<'c>(calls: &[&'c FinishedCall]) -> Vec<[Value<'c>; 12]> {
    let of_users = summed(calls, |call| call.user).into_iter().map(|hour| (true, hour));
    let of_all = summed(calls, |_| ()).into_iter().map(|hour| (false, hour));
    of_users.chain(of_all).map(|(of_user, hour)| hour.sum_row(of_user)).collect()
}

/// The hours of each subject.
fn summed<'c, S: Ord>(
    calls: &[&'c FinishedCall],
    subject: impl Fn(&FinishedCall) -> S,
) -> Vec<Hour<'c>> {
    let mut hours: BTreeMap<(S, UnixMillis, &str), Hour<'c>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.counted) {
        let hour =
            hours.entry((subject(call), call.hour, &call.model)).or_insert_with(|| Hour::of(call));
        hour.add(call);
    }
    hours.into_values().collect()
}

impl<'c> Hour<'c> {
    fn of(call: &'c FinishedCall) -> Self {
        Self {
            key: call.key,
            hour: call.hour,
            model: &call.model,
            user: call.user,
            day: call.day,
            month: call.month,
            requests: 0,
            usage: Usage::default(),
            charged: 0,
        }
    }

    fn add(&mut self, call: &FinishedCall) {
        self.requests += 1;
        self.charged = self.charged.saturating_add(call.charged.get());
        let (sum, add) = (&mut self.usage, &call.usage);
        sum.input = sum.input.saturating_add(add.input);
        sum.cached_input = sum.cached_input.saturating_add(add.cached_input);
        sum.cache_write =
            sum.cache_write.saturating_add(add.cache_write).saturating_add(add.cache_write_1h);
        sum.output = sum.output.saturating_add(add.output);
        sum.reasoning = sum.reasoning.saturating_add(add.reasoning);
    }

    /// The columns in the order of [`ADD_SUMS`].
    fn sum_row(&self, of_user: bool) -> [Value<'c>; 12] {
        [
            if of_user { self.user.into() } else { EVERYBODY.into() },
            self.hour.into(),
            self.model.into(),
            self.day.into(),
            self.month.into(),
            self.requests.into(),
            self.usage.input.into(),
            self.usage.cached_input.into(),
            self.usage.cache_write.into(),
            self.usage.output.into(),
            self.usage.reasoning.into(),
            self.charged.into(),
        ]
    }

    /// The columns in the order of [`ADD_HOURS`].
    pub(crate) fn row(&self) -> [Value<'c>; 13] {
        [
            self.key.into(),
            self.hour.into(),
            self.model.into(),
            self.user.into(),
            self.day.into(),
            self.month.into(),
            self.requests.into(),
            self.usage.input.into(),
            self.usage.cached_input.into(),
            self.usage.cache_write.into(),
            self.usage.output.into(),
            self.usage.reasoning.into(),
            self.charged.into(),
        ]
    }
}

/// The ledger lines of a batch: what each user pays, what the operator bears, and the revenue.
pub(crate) fn charges(
    calls: &[&FinishedCall],
    transactions: &Transactions,
    now: UnixMillis,
) -> Vec<Posting> {
    let mut sums: BTreeMap<UserId, (i64, i64, i64)> = BTreeMap::new();
    for call in calls {
        let (charged, overrun, count) = sums.entry(call.user).or_default();
        *charged = charged.saturating_add(call.charged.get());
        *overrun = overrun.saturating_add(call.cost.get().saturating_sub(call.charged.get()));
        *count += 1;
    }
    let mut entries = Vec::new();
    for (user, (charged, overrun, count)) in sums {
        let Some(transaction) = transactions.get(&user) else {
            continue;
        };
        let note = if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
        let mut line = 0;
        let mut entry = |account: String, amount: i64| {
            if amount != 0 {
                line += 1;
                entries.push(Posting {
                    transaction: *transaction,
                    line,
                    account,
                    amount: Nanos::new(amount),
                    kind: "usage",
                    reference: String::new(),
                    note: note.clone(),
                    at: now,
                });
            }
        };
        entry(format!("user:{user}"), -charged);
        entry("operator:overrun".to_owned(), -overrun);
        entry("operator:revenue".to_owned(), charged.saturating_add(overrun));
    }
    entries
}
