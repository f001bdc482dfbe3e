//! Stage 7: the end of a call. The charge is journaled before the last bytes go out.

use domain::id::ChannelId;
use ledger::call::OpenCall;
use ledger::journal::{Intent, JournalError};
use std::sync::Arc;
use store::batch::{Attempt, FinishedCall, Outcome};
use tokio::time::Instant;

use crate::admit::Expectation;
use crate::gateway::{Gateway, UnderWay};
use crate::idempotency::Claim;
use crate::meter::Charge;
use crate::metrics::UnderWayGauge;
use crate::rates::{ParallelGuard, Rates};
use crate::route::Route;

/// What a call under way carries from its admission to its end.
pub struct Running {
    /// The shared state.
    pub gateway: Arc<Gateway>,
    /// The money set aside.
    pub open: OpenCall,
    /// What the call may use.
    pub expectation: Expectation,
    /// When it came.
    pub started: Instant,
    /// Every try so far.
    pub attempts: Vec<Attempt>,
    /// Until the first byte of the answer.
    pub first_byte_ms: Option<u32>,
    /// The claimed idempotency key.
    pub claim: Option<Claim>,
    /// The key's rates, to be corrected.
    pub rates: Option<Arc<Rates>>,
    /// The key's limits on rates.
    pub rate_limits: domain::policy::RateLimits,
    /// Ends with the call.
    pub guards: (ParallelGuard, UnderWayGauge),
    pub(crate) under_way: UnderWay,
}

/// How a call ended.
pub struct Ended<'a> {
    /// The route that served it, or was tried last.
    pub route: &'a Route,
    /// What is charged.
    pub charge: Charge,
    /// How it is listed.
    pub outcome: Outcome,
    /// The status that the client got.
    pub status: u16,
}

/// Settles a call. When this returns, its last bytes may go out.
///
/// # Errors
/// When the journal cannot take it: the last bytes must not go out.
pub fn settle(
    running: Running,
    ended: Ended<'_>,
) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
    let Running {
        gateway,
        open,
        expectation,
        started,
        attempts,
        first_byte_ms,
        claim,
        rates,
        rate_limits,
        guards,
        under_way,
    } = running;
    let channel = Arc::clone(&ended.route.channel);
    let finished = finished(open.intent(), &ended, attempts, first_byte_ms, started);
    let settled = open.settle(finished);
    async move {
        let finished = settled.await?;
        if let Some(rates) = rates {
            rates.correct(&rate_limits, expectation.input_estimate, finished.usage.total());
        }
        if let Some(claim) = claim.filter(|_| finished.counted) {
            claim.keep();
        }
        gateway.meters.settled(&finished, &channel.name);
        log(&finished);
        drop(guards);
        drop(under_way);
        Ok(())
    }
}

fn finished(
    intent: &Intent,
    ended: &Ended<'_>,
    attempts: Vec<Attempt>,
    first_byte_ms: Option<u32>,
    started: Instant,
) -> FinishedCall {
    let channel: ChannelId = ended.route.channel.id;
    FinishedCall {
        channel,
        upstream_dialect: ended.route.dialect,
        upstream_model: ended.route.upstream_model.clone(),
        group: ended.route.group.clone(),
        multiplier: ended.route.multiplier,
        counted: ended.charge.counted,
        usage: ended.charge.usage,
        cost: ended.charge.cost,
        source: ended.charge.source,
        suspect: ended.charge.suspect,
        status: ended.status,
        first_byte_ms,
        duration_ms: millis(started),
        attempts,
        ..intent.finished(ended.outcome)
    }
}

/// Milliseconds since then, saturating.
#[must_use]
pub fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

fn log(call: &FinishedCall) {
    tracing::debug!(
        call = %call.id,
        key = %call.key,
        model = %call.model,
        channel = %call.channel,
        outcome = call.outcome.name(),
        status = call.status,
        input = call.usage.total_input(),
        output = call.usage.output,
        cost = %call.cost,
        source = call.source.name(),
        ms = call.duration_ms,
        "call settled"
    );
    if call.suspect {
        tracing::warn!(call = %call.id, channel = %call.channel, model = %call.model, "the upstream's usage was missing or absurd; the call was estimated");
    }
    if call.cost > call.charged {
        tracing::warn!(call = %call.id, cost = %call.cost, charged = %call.charged, "the call cost more than its limits left; the rest is the operator's");
    }
}
