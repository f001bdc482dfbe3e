//! Stage 4: whether the limits hold. What the call can cost at most is set aside on all of them.

use domain::bill::Tariff;
use domain::dialect::Dialect;
use domain::money::Nanos;
use domain::policy::WhenShort;
use domain::refusal::{Refusal, RefusalCode};
use domain::time::UnixMillis;
use ledger::book::{Caps, Limit, Shortage};
use ledger::call::Reservation;
use protocol::bound::InputBound;
use protocol::peek::Peek;
use std::sync::Arc;

use crate::authenticate::Authenticated;
use crate::gateway::Gateway;
use crate::rates::{ParallelGuard, RateShortage};
use crate::route::Routed;

/// A call whose bound is set aside.
pub struct Admitted {
    /// What may serve it.
    pub routed: Routed,
    /// The bound, set aside on every limit.
    pub reservation: Reservation,
    /// Its place among the calls under way.
    pub guard: ParallelGuard,
    /// What the call may use at most, and seems to use.
    pub expectation: Expectation,
    /// The output maximum that was put in or lowered, if one was.
    pub lowered: Option<u64>,
}

/// What a call may use at most, and seems to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// The most input tokens.
    pub most_input: u64,
    /// The most output tokens, over all choices.
    pub most_output: u64,
    /// The input as far as the text tells.
    pub input_estimate: u64,
}

/// What is assumed of a model whose price does not name its longest answer.
const ASSUMED_MAX_OUTPUT: u64 = 131_072;

/// Loads a key's books at its first use. What follows until the bound is set aside waits for
/// nothing, so no edit can slip in between.
///
/// # Errors
/// When the database is unavailable.
pub async fn open_books(gateway: &Gateway, call: &Authenticated) -> Result<(), Refusal> {
    let key = &call.key;
    if key.running().is_some() {
        return Ok(());
    }
    let book = gateway.ledger.key_book(key.id, key.owner.id).await.map_err(|error| {
        tracing::error!(%error, key = %key.id, "the books of a key cannot be read");
        books_unavailable()
    })?;
    key.start(book);
    Ok(())
}

/// Checks rates, parallelism and money.
///
/// # Errors
/// The refusal to answer with; nothing is set aside then.
pub fn admit(gateway: &Gateway, routed: Routed, peek: &Peek<'_>) -> Result<Admitted, Refusal> {
    let (reservation, guard, expectation, lowered) = check(gateway, &routed, peek)?;
    Ok(Admitted { routed, reservation, guard, expectation, lowered })
}

type Checked = (Reservation, ParallelGuard, Expectation, Option<u64>);

fn check(gateway: &Gateway, routed: &Routed, peek: &Peek<'_>) -> Result<Checked, Refusal> {
    if !gateway.ledger.admits() {
        return Err(books_unavailable());
    }
    let key = &routed.authenticated.key;
    let now = routed.authenticated.received.at;
    let running = key.running().ok_or_else(books_unavailable)?;
    let (expectation, asked) = expect(routed, peek)?;
    let guard = running
        .rates
        .admit(&key.policy.rates, expectation.input_estimate, now)
        .map_err(|shortage| rate_limited(shortage, routed))?;
    let bound = routed
        .tariff
        .bound(expectation.most_input, expectation.most_output, routed.multiplier)
        .map_err(|_| {
            Refusal::new(
                RefusalCode::InvalidRequest,
                "This call could cost more than the books can hold. Lower its output maximum.",
            )
        })?;
    let mut affordable = None;
    let shrink = |free: Nanos| {
        affordable = shrink(gateway, routed, peek, &expectation, free);
        affordable.map(|(_, smaller)| smaller)
    };
    let caps = Caps::from(&*key.policy);
    let reservation =
        gateway.ledger.reserve(&running.book, caps, bound, now, shrink).map_err(|shortage| {
            // Refused calls never count: else a used-up key would soon be told that it is too fast.
            running.rates.give_back(&key.policy.rates, expectation.input_estimate);
            used_up(gateway, &shortage, bound, now)
        })?;
    let lowered = affordable.map(|(most, _)| most).or(asked);
    let choices = peek.choices().max(1);
    let most_output =
        affordable.map_or(expectation.most_output, |(most, _)| most.saturating_mul(choices));
    Ok((reservation, guard, Expectation { most_output, ..expectation }, lowered))
}

/// What the call may use at most, and the maximum that the key's own rule puts in.
fn expect(routed: &Routed, peek: &Peek<'_>) -> Result<(Expectation, Option<u64>), Refusal> {
    let price = &routed.priced.price;
    let own_most = routed.authenticated.key.policy.max_tokens_per_request;
    let makes_output = peek.shape.makes_output();
    let asked = if makes_output { peek.largest_output_maximum() } else { Some(0) };
    let by_model = price.max_output.or(price.context_window).unwrap_or(ASSUMED_MAX_OUTPUT);
    let most = asked.unwrap_or(by_model);
    let put_in = own_most.filter(|own| *own < most || asked.is_none());
    if let Some((budget, own)) =
        peek.thinking_budget.zip(own_most).filter(|(budget, own)| budget > own)
    {
        let message = format!(
            "This call may think with {budget} tokens, and this key may use {own} output tokens a call. Lower the thinking budget."
        );
        return Err(Refusal::new(RefusalCode::MaxTokensExceeded, message).at("thinking_budget"));
    }
    let prediction = peek.prediction.map_or(0, |span| span.len() as u64);
    let most_output = most
        .min(put_in.unwrap_or(u64::MAX))
        .saturating_mul(peek.choices().max(1))
        .saturating_add(prediction);
    let mut most_input = 0;
    for route in &routed.routes {
        let translated = route.dialect != routed.authenticated.received.dialect;
        let bound = match translated {
            true => InputBound::of_translated(peek, &route.upstream_model),
            false => InputBound::of(peek, &route.upstream_model),
        };
        let Some(tokens) = bound.tokens(price.context_window) else {
            let message = format!(
                "The input of this call is not all in its body, and the longest input of {:?} is not known here, so its cost has no bound. \
                 The operator can set the model's context_window.",
                routed.model
            );
            let field = match routed.authenticated.received.dialect {
                Dialect::Responses => "input",
                Dialect::Gemini => "contents",
                Dialect::Chat | Dialect::Messages => "messages",
            };
            return Err(Refusal::new(RefusalCode::InvalidRequest, message).at(field));
        };
        most_input = most_input.max(tokens);
    }
    // An input above the context window is refused by the upstream, which costs nothing.
    let most_input = most_input.min(price.context_window.unwrap_or(u64::MAX));
    let input_estimate = peek.estimated_input().min(most_input);
    Ok((Expectation { most_input, most_output, input_estimate }, put_in))
}

/// The output that the free amount pays for, if that is worth having.
fn shrink(
    gateway: &Gateway,
    routed: &Routed,
    peek: &Peek<'_>,
    expectation: &Expectation,
    free: Nanos,
) -> Option<(u64, Nanos)> {
    let policy = &routed.authenticated.key.policy;
    if policy.when_short == WhenShort::Refuse
        || matches!(routed.tariff, Tariff::Call(_))
        || peek.prediction.is_some()
    {
        return None;
    }
    let choices = peek.choices().max(1);
    let total = routed.tariff.affordable_output(
        expectation.most_input,
        free,
        routed.multiplier,
        expectation.most_output,
    )?;
    let each = total / choices;
    let floor = gateway.options.lowered_floor.min(expectation.most_output / choices);
    // An answer needs room beyond its thinking, or the upstream refuses it.
    let thinks = peek.thinking_budget.unwrap_or(0);
    if each < floor || each <= thinks {
        return None;
    }
    let bound = routed
        .tariff
        .bound(expectation.most_input, each.saturating_mul(choices), routed.multiplier)
        .ok()?;
    Some((each, bound))
}

fn books_unavailable() -> Refusal {
    let message =
        "The gateway cannot write its books at present and admits no call. Try again in a moment.";
    Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5)
}

fn rate_limited(shortage: RateShortage, routed: &Routed) -> Refusal {
    let rates = &routed.authenticated.key.policy.rates;
    match shortage {
        RateShortage::Requests(wait) => {
            let limit = rates.requests_per_minute.unwrap_or_default();
            let message = format!(
                "This key may make {limit} requests a minute. Try again in {wait} seconds."
            );
            Refusal::new(RefusalCode::RateLimited, message).retry_after(wait)
        }
        RateShortage::Tokens(wait) => {
            let limit = rates.tokens_per_minute.unwrap_or_default();
            let message =
                format!("This key may use {limit} tokens a minute. Try again in {wait} seconds.");
            Refusal::new(RefusalCode::RateLimited, message).retry_after(wait)
        }
        RateShortage::Parallel => {
            let limit = rates.parallel.unwrap_or_default();
            let message =
                format!("This key may have {limit} calls under way at once. Wait until one ends.");
            Refusal::new(RefusalCode::TooManyParallelRequests, message).retry_after(1)
        }
    }
}

fn used_up(gateway: &Gateway, shortage: &Shortage, bound: Nanos, now: UnixMillis) -> Refusal {
    let free = shortage.free;
    let need = format!("This call may cost up to {bound} USD, and {free} USD is left.");
    let reset =
        shortage.resets_at.map(|end| end.to_timestamp().to_zoned(gateway.ledger.zone().clone()));
    let starts = reset.map_or_else(String::new, |at| {
        format!(" It starts anew at {}.", at.strftime("%Y-%m-%dT%H:%M:%S%:z"))
    });
    let (code, message) = match shortage.limit {
        Limit::KeyQuota => (
            RefusalCode::KeyQuotaExhausted,
            format!("This key's quota is used up. {need} Its owner can raise the quota."),
        ),
        Limit::Balance => (
            RefusalCode::BalanceExhausted,
            format!("The balance of this key's owner is used up. {need} Top it up to go on."),
        ),
        Limit::DailyAmount => (
            RefusalCode::DailyLimitReached,
            format!("This key's daily limit is reached. {need}{starts}"),
        ),
        Limit::MonthlyAmount => (
            RefusalCode::MonthlyLimitReached,
            format!("This key's monthly limit is reached. {need}{starts}"),
        ),
        Limit::DailyRequests => (
            RefusalCode::DailyLimitReached,
            format!("This key has made all its requests for the day.{starts}"),
        ),
        Limit::MonthlyRequests => (
            RefusalCode::MonthlyLimitReached,
            format!("This key has made all its requests for the month.{starts}"),
        ),
    };
    let refusal = Refusal::new(code, message);
    match shortage.resets_at {
        Some(end) => {
            refusal.retry_after(u64::try_from(end.since(now)).unwrap_or(0).div_ceil(1_000))
        }
        None => refusal,
    }
}

/// The key's rates, for the correction at the end of a call.
#[must_use]
pub fn rates_of(routed: &Routed) -> Option<Arc<crate::rates::Rates>> {
    routed.authenticated.key.running().map(|running| Arc::clone(&running.rates))
}
