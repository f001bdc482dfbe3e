//! What a call used: the upstream's own count where it sent a usable one, else an estimate.

use domain::bill::{Multiplier, Tariff};
use domain::money::Nanos;
use domain::usage::{Usage, UsageSource};
use ledger::flaw::{self, Flaw};
use protocol::observe::{AbsurdUsage, Delivered, StreamMeter};
use store::batch::Outcome;

use crate::admit::Expectation;

/// How an answer ended, as far as its bill is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The upstream finished its answer.
    Whole,
    /// The upstream broke off, sent an error, or was too slow.
    Cut,
    /// The client went away, and the answer was not read to its end.
    Abandoned,
    /// We ended it: a limit was reached or the key was revoked.
    Stopped,
}

/// What is known of an answer when it ended.
pub struct Observed {
    /// The upstream's last report, if it made one.
    pub reported: Result<Option<Usage>, AbsurdUsage>,
    /// Whether that report counts the whole answer.
    pub is_final: bool,
    /// Whether content may have come that the report does not count.
    pub is_behind: bool,
    /// What was delivered.
    pub delivered: Delivered,
    /// How it ended.
    pub end: End,
}

impl Observed {
    /// What a stream has shown.
    #[must_use]
    pub fn of_stream(stream: &dyn StreamMeter, end: End) -> Self {
        Self {
            reported: stream.usage(),
            is_final: stream.usage_is_final(),
            is_behind: stream.usage_is_behind(),
            delivered: *stream.delivered(),
            end,
        }
    }
}

/// What is charged for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Tokens by class.
    pub usage: Usage,
    /// What they cost.
    pub cost: Nanos,
    /// Where the figures come from.
    pub source: UsageSource,
    /// Whether the upstream's figures were missing or absurd.
    pub suspect: bool,
    /// Whether the call counts.
    pub counted: bool,
}

impl Charge {
    /// Nothing was used; the call does not count.
    pub const NOTHING: Self = Self {
        usage: ZERO,
        cost: Nanos::ZERO,
        source: UsageSource::None,
        suspect: false,
        counted: false,
    };
}

const ZERO: Usage =
    Usage { input: 0, cached_input: 0, cache_write: 0, cache_write_1h: 0, output: 0, reasoning: 0 };

/// A report above this many times the bound is not believed.
const ABSURD: u64 = 10;

/// Decides what a call is charged.
#[must_use]
pub fn charge(
    observed: &Observed,
    expectation: &Expectation,
    tariff: &Tariff,
    multiplier: Multiplier,
    bound: Nanos,
) -> Charge {
    let nothing_delivered = observed.delivered.is_empty();
    let reported = observed
        .reported
        .as_ref()
        .ok()
        .copied()
        .flatten()
        .filter(|usage| believable(usage, expectation));
    let whole = observed.end == End::Whole;
    // An upstream that breaks off before it said anything is not paid for having read.
    let seen = reported.is_some() && (observed.is_final || observed.end != End::Cut);
    if !whole && nothing_delivered && !seen {
        return Charge::NOTHING;
    }
    if !whole && flaw::is(Flaw::PartialIsFree) {
        return Charge { counted: true, ..Charge::NOTHING };
    }
    let (usage, source, suspect) = match reported {
        Some(usage) if whole || observed.is_final => (usage, UsageSource::UpstreamFinal, false),
        Some(usage) if observed.is_behind => {
            let output = usage.output.max(estimate(observed, expectation).output);
            (Usage { output, ..usage }, UsageSource::UpstreamPartial, false)
        }
        Some(usage) => (usage, UsageSource::UpstreamPartial, false),
        None => (estimate(observed, expectation), UsageSource::Estimated, whole),
    };
    if matches!(tariff, Tariff::Call(_)) && observed.end == End::Cut {
        return Charge { usage, suspect, counted: true, ..Charge::NOTHING };
    }
    match tariff.cost(&usage, multiplier) {
        Ok(cost) if source != UsageSource::Estimated || cost <= bound => {
            Charge { usage, cost, source, suspect, counted: true }
        }
        _ => {
            Charge { usage, cost: bound, source: UsageSource::Bound, suspect: true, counted: true }
        }
    }
}

/// What a call is charged whose client left before anything came, and whose answer was not read on:
/// the upstream had the whole request, so its input is charged as far as the text tells.
#[must_use]
pub fn unanswered(
    expectation: &Expectation,
    tariff: &Tariff,
    multiplier: Multiplier,
    bound: Nanos,
) -> Charge {
    let usage = Usage { input: expectation.input_estimate, ..ZERO };
    match tariff {
        Tariff::Call(_) => Charge { counted: true, ..Charge::NOTHING },
        Tariff::Tokens(_) => {
            let cost = tariff.cost(&usage, multiplier).map_or(bound, |cost| cost.min(bound));
            Charge { usage, cost, source: UsageSource::Estimated, suspect: false, counted: true }
        }
    }
}

/// What an answer has cost so far, for checkpoints and for the check against the reservation.
#[must_use]
pub fn running(
    observed: &Observed,
    expectation: &Expectation,
    tariff: &Tariff,
    multiplier: Multiplier,
) -> (Usage, Nanos) {
    let reported = observed
        .reported
        .as_ref()
        .ok()
        .copied()
        .flatten()
        .filter(|usage| believable(usage, expectation));
    // What was delivered beyond the maximum counts here: that is what is watched for.
    let output = observed.delivered.estimated_tokens();
    let estimated = Usage { input: expectation.input_estimate, output, ..ZERO };
    let usage = match reported {
        Some(usage) if usage.output >= estimated.output => usage,
        Some(usage) => Usage { output: estimated.output, ..usage },
        None => estimated,
    };
    (usage, tariff.cost(&usage, multiplier).unwrap_or(Nanos::MAX))
}

fn believable(usage: &Usage, expectation: &Expectation) -> bool {
    usage.total_input() <= expectation.most_input.saturating_mul(ABSURD)
        && usage.output <= expectation.most_output.saturating_mul(ABSURD)
}

fn estimate(observed: &Observed, expectation: &Expectation) -> Usage {
    let output = observed.delivered.estimated_tokens().min(expectation.most_output);
    Usage { input: expectation.input_estimate, output, ..ZERO }
}

/// How the call is listed.
#[must_use]
pub const fn outcome(end: End, client_gone: bool, charge: &Charge) -> Outcome {
    match end {
        _ if client_gone => Outcome::ClientGone,
        End::Whole | End::Stopped => Outcome::Completed,
        End::Cut if charge.counted => Outcome::UpstreamCut,
        End::Cut => Outcome::Failed,
        End::Abandoned => Outcome::ClientGone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTATION: Expectation =
        Expectation { most_input: 100, most_output: 50, input_estimate: 20 };
    const BOUND: Nanos = Nanos::new(200_000);

    fn tariff() -> Tariff {
        Tariff::Tokens(serde_json::from_str(r#"{"input":1,"output":2}"#).unwrap())
    }

    fn observed(
        reported: Result<Option<Usage>, AbsurdUsage>,
        delivered_bytes: u64,
        end: End,
    ) -> Observed {
        let mut delivered = Delivered::default();
        delivered.text.add(protocol::estimate::TextSize::ascii(delivered_bytes));
        Observed { reported, is_final: end == End::Whole, is_behind: false, delivered, end }
    }

    fn charged(observed: &Observed) -> (i64, UsageSource, bool, bool) {
        let charge = charge(observed, &EXPECTATION, &tariff(), Multiplier::ONE, BOUND);
        (charge.cost.get(), charge.source, charge.suspect, charge.counted)
    }

    #[test]
    fn the_upstreams_final_count_is_the_bill() {
        let usage = Usage { input: 10, output: 5, ..Usage::default() };
        assert_eq!(
            charged(&observed(Ok(Some(usage)), 20, End::Whole)),
            (20_000, UsageSource::UpstreamFinal, false, true)
        );
        assert_eq!(
            charged(&observed(Ok(Some(usage)), 20, End::Cut)),
            (20_000, UsageSource::UpstreamPartial, false, true)
        );
        assert_eq!(
            charged(&observed(Ok(Some(ZERO)), 20, End::Whole)),
            (0, UsageSource::UpstreamFinal, false, true)
        );
    }

    #[test]
    fn a_count_from_the_beginning_is_completed_by_what_was_delivered() {
        let usage = Usage { input: 10, output: 1, ..Usage::default() };
        let behind =
            |bytes, end| Observed { is_behind: true, ..observed(Ok(Some(usage)), bytes, end) };
        for end in [End::Cut, End::Abandoned, End::Stopped] {
            assert_eq!(
                charged(&behind(80, end)),
                (50_000, UsageSource::UpstreamPartial, false, true)
            );
        }
        assert_eq!(charged(&behind(0, End::Stopped)).0, 12_000);
        assert_eq!(charged(&behind(0, End::Cut)).1, UsageSource::None);
    }

    #[test]
    fn without_a_usable_count_it_is_estimated_and_suspect() {
        let absurd = Usage { input: 10, output: 501, ..Usage::default() };
        for reported in [Ok(None), Err(AbsurdUsage::NotJson), Ok(Some(absurd))] {
            let (cost, source, suspect, counted) = charged(&observed(reported, 40, End::Whole));
            assert!(cost > 20_000 && cost <= BOUND.get());
            assert_eq!((source, suspect, counted), (UsageSource::Estimated, true, true));
        }
    }

    #[test]
    fn a_cut_before_any_content_costs_nothing() {
        for end in [End::Cut, End::Abandoned, End::Stopped] {
            assert_eq!(charged(&observed(Ok(None), 0, end)), (0, UsageSource::None, false, false));
        }
    }

    #[test]
    fn a_call_that_nobody_waits_for_is_not_free() {
        let charge = unanswered(&EXPECTATION, &tariff(), Multiplier::ONE, BOUND);
        assert_eq!(
            (charge.cost.get(), charge.source, charge.counted),
            (20_000, UsageSource::Estimated, true)
        );
        let per_call =
            unanswered(&EXPECTATION, &Tariff::Call(Nanos::new(7)), Multiplier::ONE, BOUND);
        assert_eq!((per_call.cost.get(), per_call.counted), (0, true));
    }

    #[test]
    fn a_price_per_call_is_due_when_it_completed_or_the_client_left() {
        let tariff = Tariff::Call(Nanos::new(7));
        let cost = |bytes, end| {
            charge(
                &observed(Ok(None), bytes, end),
                &EXPECTATION,
                &tariff,
                Multiplier::ONE,
                Nanos::new(7),
            )
            .cost
            .get()
        };
        assert_eq!(
            (
                cost(9, End::Whole),
                cost(9, End::Abandoned),
                cost(9, End::Cut),
                cost(0, End::Abandoned)
            ),
            (7, 7, 0, 0)
        );
    }
}
