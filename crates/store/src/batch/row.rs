//! The rows of a finished call: which columns, and what is in them.

use domain::id::TransactionId;
use domain::id::UserId;
use domain::money::Nanos;
use std::collections::BTreeMap;

use super::FinishedCall;
use crate::dialect::WideInsert;
use crate::value::Value;

/// The ledger transaction that each user's calls of one batch share.
pub(crate) type Transactions = BTreeMap<UserId, TransactionId>;

pub(crate) const INSERT_CALLS: WideInsert = WideInsert {
    head: "INSERT INTO calls (id, key_id, user_id, model, upstream_model, channel_id, group_name, dialect, \
           upstream_dialect, billing_method, price_version, multiplier, counted, input, cached_input, cache_write, \
           cache_write_1h, output, reasoning, cost, charged, usage_source, suspect, outcome, status, started_at, \
           first_byte_ms, duration_ms, day, month, attempts, transaction_id, client_ip, user_agent) VALUES",
    columns: 34,
    tail: "",
};

/// A call's columns in the order of [`INSERT_CALLS`].
pub(crate) fn call<'v>(call: &'v FinishedCall, transactions: &Transactions) -> [Value<'v>; 34] {
    let transaction = transactions.get(&call.user).filter(|_| call.cost != Nanos::ZERO);
    [
        call.id.into(),
        call.key.into(),
        call.user.into(),
        (&*call.model).into(),
        (&*call.upstream_model).into(),
        call.channel.into(),
        (&*call.group).into(),
        call.dialect.name().into(),
        call.upstream_dialect.name().into(),
        call.billing_method.name().into(),
        call.price_version.into(),
        call.multiplier.get().into(),
        call.counted.into(),
        call.usage.input.into(),
        call.usage.cached_input.into(),
        call.usage.cache_write.into(),
        call.usage.cache_write_1h.into(),
        call.usage.output.into(),
        call.usage.reasoning.into(),
        call.cost.get().into(),
        call.charged.get().into(),
        call.source.name().into(),
        call.suspect.into(),
        call.outcome.name().into(),
        i64::from(call.status).into(),
        call.started_at.into(),
        call.first_byte_ms.map_or(Value::NoNumber, |millis| i64::from(millis).into()),
        i64::from(call.duration_ms).into(),
        call.day.into(),
        call.month.into(),
        attempts(call),
        transaction.map_or(Value::NoText, |id| (*id).into()),
        (&*call.client_ip).into(),
        (&*call.user_agent).into(),
    ]
}

/// Every try. Of the only one, which served, no more than its time is to be said.
fn attempts(call: &FinishedCall) -> Value<'_> {
    match &*call.attempts {
        [one]
            if one.error.is_none()
                && one.channel == call.channel
                && one.status == Some(call.status) =>
        {
            Value::Digits(one.duration_ms)
        }
        all => Value::Attempts(all),
    }
}
