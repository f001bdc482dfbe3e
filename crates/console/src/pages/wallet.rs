//! `/console/wallet`: the balance, what it lasts for, its ledger, and codes that raise it.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use super::settings::account::Account;
use crate::api::{List, with_query};
use crate::form::{Form, object};
use crate::format::{moment, padded, places};
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const DAY: i64 = 86_400_000;
/// Whole days by which the rate of spending is judged.
const DAYS: i64 = 7;

#[derive(Template)]
#[template(path = "pages/wallet.html")]
struct Wallet {
    page: Frame,
    account: Account,
    entries: List<Entry>,
    cursor: String,
    /// What is spent in a day.
    rate: Nanos,
    form: Form,
}

/// A line of the ledger.
#[derive(Deserialize)]
struct Entry {
    transaction_id: String,
    amount: Nanos,
    kind: String,
    reference: String,
    #[serde(default)]
    reference_name: Option<String>,
    note: String,
    #[serde(deserialize_with = "moment::one")]
    created_at: UnixMillis,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    data: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    cost: Nanos,
}

/// Which page of the ledger.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Paged {
    cursor: String,
}

#[derive(Deserialize)]
struct Redemption {
    amount: Nanos,
}

impl Wallet {
    /// How many days the balance lasts; none: nothing is spent, or there is no bound.
    fn lasts(&self) -> Option<i64> {
        let left = self.account.available?;
        lasts(left, self.rate)
    }
}

impl Wallet {
    /// An exact amount with as many decimals as the others of the page.
    fn aligned(&self, amount: &Nanos) -> String {
        let words = self.page.words();
        let all = self.entries.data.iter().map(|entry| words.usd_exact(entry.amount));
        padded(&words.usd_exact(*amount), places(all))
    }
}

impl Entry {
    fn name(&self, words: Words) -> String {
        let message = match self.kind.as_str() {
            "topup" => Message("wallet-kind-topup"),
            "usage" => Message("wallet-kind-usage"),
            "refund" => Message("wallet-kind-refund"),
            "redemption" => Message("wallet-kind-redemption"),
            other => return other.to_owned(),
        };
        words.say(message).into_owned()
    }

    /// What was written beside it.
    fn noted(&self, words: Words) -> String {
        noted(&self.kind, &self.note, words)
    }

    /// The call that it is about.
    fn call(&self) -> Option<&str> {
        Some(self.reference.as_str()).filter(|id| id.starts_with("call_"))
    }
}

/// A booking's note; how many calls a sum holds is said in the visitor's language.
pub(crate) fn noted(kind: &str, note: &str, words: Words) -> String {
    let calls = note.split_once(' ').filter(|(_, what)| what.starts_with("call"));
    match calls.and_then(|(count, _)| count.parse::<i64>().ok()) {
        Some(count) if kind == "usage" => words.t1("usage-calls", "count", count),
        _ => note.to_owned(),
    }
}

/// The whole days that an amount lasts.
fn lasts(left: Nanos, rate: Nanos) -> Option<i64> {
    (rate > Nanos::ZERO).then(|| (left.get().max(0) / rate.get()).min(3_650))
}

pub(crate) async fn page(user: SignedIn, Query(paged): Query<Paged>) -> Result<Response, Trouble> {
    show(user, paged, Form::default()).await
}

pub(crate) async fn redeem(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let body = object([("code", form.text("code").into())]);
    match user.api().post::<_, Redemption>("/api/v1/me/redemptions", &body).await {
        Ok(reply) => {
            let page = user.frame(links::WALLET);
            let amount = page.usd(reply.body.amount);
            Ok(page.go(links::WALLET, Notice::new(Message("wallet-redeemed"), amount)))
        }
        Err(Trouble::Refused(problem)) if problem.code == "unknown_code" => {
            let words = user.visit.words;
            form.fail("code", words.say(Message("wallet-unknown-code")));
            show(user, Paged::default(), form).await
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, Paged::default(), form).await
        }
    }
}

async fn show(user: SignedIn, paged: Paged, form: Form) -> Result<Response, Trouble> {
    let page = user.frame(links::WALLET);
    let account = Account::of(&user).await?;
    let path = format!("/api/v1/users/{}/ledger", account.id);
    let query = with_query(&path, &[("limit", "25"), ("cursor", &paged.cursor)]);
    let entries = user.api().get(&query).await?;
    let today = page.now().get().div_euclid(DAY) * DAY;
    let since = UnixMillis::new(today - DAYS * DAY).to_string();
    let until = UnixMillis::new(today).to_string();
    let asked = [("by", "day"), ("user_id", &account.id), ("since", &since), ("until", &until)];
    let usage: Usage = user.api().get(&with_query("/v1/usage", &asked)).await?;
    let spent = usage.data.iter().fold(0_i64, |sum, day| sum.saturating_add(day.cost.get()));
    let rate = Nanos::new(spent / DAYS);
    let wallet = Wallet { page, account, entries, cursor: paged.cursor, rate, form };
    wallet.page.show(&wallet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_lasts_as_long_as_it_is_spent() {
        assert_eq!(lasts(Nanos::from_usd(77), Nanos::from_usd(10)), Some(7));
        assert_eq!(lasts(Nanos::from_usd(-3), Nanos::from_usd(10)), Some(0));
        assert_eq!(lasts(Nanos::from_usd(5), Nanos::ZERO), None);
    }
}
