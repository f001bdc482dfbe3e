//! Three books about the same calls: what the clients saw, what the ledger holds, what the
//! provider wrote down. Whatever does not fit together is a sentence in a list.

use std::collections::{BTreeMap, BTreeSet};

use testkit::provider::{BookedRequest, TokenCounts};

use crate::api::{Call, Doubt, Usage, View};
use crate::house::Key;
use crate::money::{Nanos, Tariff};
use crate::traffic::{Order, Receipt};
use crate::upstream::{Billed, UpstreamBooks};

/// A key that calls are made with.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) key: Key,
    /// Its owner.
    pub(crate) user: String,
    pub(crate) model: &'static str,
    pub(crate) tariff: Tariff,
}

/// A call that a client made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) round: u64,
    /// What it can cost at most: the bytes of its body as tokens, and the output it asked for.
    pub(crate) bound: Nanos,
    pub(crate) stream: bool,
    pub(crate) receipt: Receipt,
}

/// How a doubt was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolved {
    Settled,
    Released,
}

/// All that happened to one deployment, as its clients and operators know it.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) lanes: Vec<Lane>,
    /// Users and what they were topped up with.
    pub(crate) credited: BTreeMap<String, Nanos>,
    pub(crate) made: BTreeMap<String, Made>,
    /// Doubts with the round after which they first showed, and their bound.
    pub(crate) doubts: BTreeMap<String, (u64, usize, Nanos)>,
    /// Doubts that were ended on purpose.
    pub(crate) resolved: BTreeMap<String, Resolved>,
}

impl Case {
    /// Notes a call that was made in a round.
    pub(crate) fn note(&mut self, round: u64, order: &Order, receipt: Receipt) {
        let Some(lane) = self.lanes.get(order.lane) else { return };
        let number = |name: &str| order.body.get(name).and_then(serde_json::Value::as_u64);
        let choices = number("n").unwrap_or(1);
        let most = TokenCounts {
            prompt: order.body.to_string().len() as u64 + 64,
            completion: number("max_completion_tokens").unwrap_or(0) * choices,
            ..TokenCounts::default()
        };
        let stream = order.body.get("stream").and_then(serde_json::Value::as_bool) == Some(true);
        let made = Made { round, bound: lane.tariff.cost(most), stream, receipt };
        self.made.insert(order.name.clone(), made);
    }

    /// Notes the doubts that are new since the last round; gives how many.
    pub(crate) fn note_doubts(&mut self, round: u64, view: &View) -> usize {
        let before = self.doubts.len();
        for doubt in &view.doubts {
            let lane = self.lanes.iter().position(|lane| lane.key.id == doubt.key_id);
            let entry = (round, lane.unwrap_or(usize::MAX), doubt.bound);
            self.doubts.entry(doubt.id.clone()).or_insert(entry);
        }
        self.doubts.len() - before
    }

    /// The users, in order.
    pub(crate) fn users(&self) -> Vec<String> {
        self.credited.keys().cloned().collect()
    }
}

/// Everything that does not fit together.
pub(crate) fn differences(case: &Case, view: &View, upstream: &UpstreamBooks) -> Vec<String> {
    let mut found = Vec::new();
    let mut rows: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in &view.calls {
        rows.entry(call.user_agent.as_deref().unwrap_or_default()).or_default().push(call);
    }
    for (name, calls) in &rows {
        if calls.len() > 1 {
            found.push(format!("{name} is in the ledger {} times", calls.len()));
        }
        match case.made.get(*name) {
            None => found.push(format!("no client made {name}, but the ledger has it")),
            Some(made) => calls.iter().for_each(|call| {
                check_call(case, name, made, call, upstream.of(name), &mut found);
            }),
        }
    }
    for (name, made) in &case.made {
        check_receipt(
            name,
            made,
            rows.get(name.as_str()).copied_first(),
            upstream.of(name),
            &mut found,
        );
    }
    check_doubts(case, view, &rows, upstream, &mut found);
    check_sums(case, view, &mut found);
    found
}

trait First<'a> {
    fn copied_first(self) -> Option<&'a Call>;
}

impl<'a> First<'a> for Option<&Vec<&'a Call>> {
    fn copied_first(self) -> Option<&'a Call> {
        self.and_then(|calls| calls.first().copied())
    }
}

/// A call that the ledger has: charged exactly what the provider counted, or for a reason less.
fn check_call(
    case: &Case,
    name: &str,
    made: &Made,
    call: &Call,
    requests: &[BookedRequest],
    found: &mut Vec<String>,
) {
    let Some(lane) = case.lanes.get(made.receipt.lane) else { return };
    let what = format!("{name} ({}, {}, {})", call.id, call.outcome, call.usage_source);
    if call.key_id != lane.key.id || call.user_id != lane.user {
        found.push(format!("{what} is booked on {} of {}", call.key_id, call.user_id));
    }
    if call.outcome == "reconciled" {
        return check_resolved(case, &what, call, found);
    }
    if call.charged != call.cost {
        found.push(format!("{what} cost {} USD, but {} USD is charged", call.cost, call.charged));
    }
    let Some(request) = requests.first() else {
        if call.charged != Nanos::ZERO {
            found.push(format!(
                "{what} is charged {} USD, but the provider never saw it",
                call.charged
            ));
        }
        return;
    };
    if requests.len() > 1 {
        found.push(format!("the provider was asked {} times for {what}", requests.len()));
    }
    let expected = match (call.usage_source.as_str(), request.reported()) {
        ("upstream_final" | "upstream_partial", Some(tokens)) => {
            if call.usage != by_class(tokens) {
                found.push(format!(
                    "{what}: the provider sent {tokens:?}, the ledger has {:?}",
                    call.usage
                ));
            }
            lane.tariff.cost(tokens)
        }
        ("estimated", None) if request.was_cut() => {
            if call.charged == Nanos::ZERO || call.charged > made.bound {
                found.push(format!("{what} is estimated at {} USD", call.charged));
            }
            return;
        }
        ("none", _) if request.was_cut() => {
            let delivered = made.stream && request.counted().completion > 0;
            if delivered && matches!(lane.tariff, Tariff::Tokens { .. }) {
                found.push(format!("{what} was cut after {:?} and is free", request.counted()));
            }
            Nanos::ZERO
        }
        (source, reported) => {
            found.push(format!("{what} is billed by {source}, the provider reported {reported:?}"));
            return;
        }
    };
    if call.charged != expected {
        found.push(format!("{what} is charged {} USD instead of {expected} USD", call.charged));
    }
}

fn check_resolved(case: &Case, what: &str, call: &Call, found: &mut Vec<String>) {
    let bound = case.doubts.get(&call.id).map(|(_, _, bound)| *bound);
    let fits = match (case.resolved.get(&call.id), bound) {
        (Some(Resolved::Released), Some(bound)) => {
            call.charged == Nanos::ZERO && call.cost == bound
        }
        (Some(Resolved::Settled), Some(bound)) => match call.usage_source.as_str() {
            "bound" => call.charged == bound,
            "checkpoint" => call.charged > Nanos::ZERO && call.charged <= bound,
            _ => false,
        },
        _ => false,
    };
    if !fits {
        found.push(format!(
            "{what} was in doubt with {bound:?} held and is now charged {} USD",
            call.charged
        ));
    }
}

/// What the client saw: a complete answer is billed; a refusal must have a reason.
fn check_receipt(
    name: &str,
    made: &Made,
    call: Option<&Call>,
    requests: &[BookedRequest],
    found: &mut Vec<String>,
) {
    let receipt = &made.receipt;
    if receipt.complete {
        match call {
            None => found.push(format!(
                "the client has all of {name} ({:?}), but it is not billed",
                receipt.id
            )),
            Some(call) => {
                if receipt.id.as_deref() != Some(&call.id) {
                    found.push(format!(
                        "the client was told {:?} for {name}, the ledger says {}",
                        receipt.id, call.id
                    ));
                }
                let ended_well =
                    call.usage_source == "upstream_final" && call.outcome == "completed";
                let cut_at_the_end = requests.first().is_some_and(Billed::was_cut);
                if !ended_well && !cut_at_the_end {
                    found.push(format!(
                        "the client has all of {name}, but it is {} by {}",
                        call.outcome, call.usage_source
                    ));
                }
            }
        }
        let reported = requests.first().and_then(Billed::reported);
        if receipt.usage.is_some() && receipt.usage != reported {
            found.push(format!(
                "the client of {name} was shown {:?}, the provider sent {reported:?}",
                receipt.usage
            ));
        }
    }
    if let Some(code) = &receipt.code {
        let cut = code == "upstream_failed" && requests.first().is_some_and(Billed::was_cut);
        let stopping = code == "shutting_down" && requests.is_empty();
        if !cut && !stopping {
            found.push(format!("{name} was refused: {code}"));
        }
    }
}

/// What the provider saw and the ledger has not as a call is held in doubt, with a bound that covers it.
fn check_doubts(
    case: &Case,
    view: &View,
    rows: &BTreeMap<&str, Vec<&Call>>,
    upstream: &UpstreamBooks,
    found: &mut Vec<String>,
) {
    let by_id: BTreeMap<&str, &Doubt> =
        view.doubts.iter().map(|doubt| (doubt.id.as_str(), doubt)).collect();
    for call in &view.calls {
        if by_id.contains_key(call.id.as_str()) {
            found.push(format!("{} is billed and in doubt at once", call.id));
        }
    }
    for (id, (_, _, bound)) in &case.doubts {
        match by_id.get(id.as_str()) {
            Some(doubt) if doubt.bound != *bound => {
                found.push(format!("{id} held {bound} USD and now holds {} USD", doubt.bound));
            }
            None if !case.resolved.contains_key(id) => {
                found.push(format!("the doubt about {id} is gone"))
            }
            _ => {}
        }
    }
    // A doubt's name is known where the client got the answer's head; the others are counted,
    // round by round and key by key.
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut unnamed: BTreeMap<(u64, usize), (usize, Nanos)> = BTreeMap::new();
    for (name, made) in &case.made {
        if rows.contains_key(name.as_str()) {
            continue;
        }
        let counted = upstream.of(name).first().map(Billed::counted);
        let lane = made.receipt.lane;
        let cost =
            |tokens| case.lanes.get(lane).map_or(Nanos::ZERO, |lane| lane.tariff.cost(tokens));
        match made.receipt.id.as_deref().filter(|id| case.doubts.contains_key(*id)) {
            Some(id) => {
                named.insert(id);
                let held = case.doubts.get(id).map_or(Nanos::ZERO, |(_, _, bound)| *bound);
                if counted.is_some_and(|tokens| cost(tokens) > held) {
                    found.push(format!("{name} holds {held} USD, the provider counts {counted:?}"));
                }
            }
            None if counted.is_some() => {
                let (count, most) = unnamed.entry((made.round, lane)).or_default();
                *count += 1;
                *most = (*most).max(counted.map_or(Nanos::ZERO, cost));
            }
            None => {}
        }
    }
    let mut held: BTreeMap<(u64, usize), Vec<Nanos>> = BTreeMap::new();
    for (id, (round, lane, bound)) in &case.doubts {
        if !named.contains(id.as_str()) {
            held.entry((*round, *lane)).or_default().push(*bound);
        }
    }
    for (place, (count, most)) in unnamed {
        let bounds = held.get(&place).map_or(&[] as &[Nanos], Vec::as_slice);
        let (round, lane) = place;
        if bounds.len() < count {
            found.push(format!(
                "the provider saw {count} calls of key {lane} in round {round} that are neither billed nor released, {} are in doubt",
                bounds.len()
            ));
        } else if bounds.iter().all(|bound| *bound < most) {
            found.push(format!("the calls of key {lane} in round {round} hold {bounds:?}, the provider counts {most} USD"));
        }
    }
}

/// Balances, counters and what keys are told, each against the calls and doubts themselves.
fn check_sums(case: &Case, view: &View, found: &mut Vec<String>) {
    for user in &view.users {
        let charged: Nanos =
            view.calls.iter().filter(|call| call.user_id == user.id).map(|call| call.charged).sum();
        let held: Nanos = view
            .doubts
            .iter()
            .filter(|doubt| doubt.user_id == user.id)
            .map(|doubt| doubt.bound)
            .sum();
        let credited = case.credited.get(&user.id).copied().unwrap_or_default();
        let figures = [
            ("credited", user.credited, credited),
            ("spent", user.spent, charged),
            ("held", user.held, held),
            ("reserved", user.reserved, Nanos::ZERO),
            ("balance", user.balance, credited - charged),
        ];
        for (figure, is, should) in figures {
            if is != should {
                found.push(format!("{}: {figure} is {is} USD instead of {should} USD", user.id));
            }
        }
    }
    for (key, own) in view.keys.iter().zip(&view.own_usages) {
        let charged: Nanos =
            view.calls.iter().filter(|call| call.key_id == key.id).map(|call| call.charged).sum();
        let held: Nanos = view
            .doubts
            .iter()
            .filter(|doubt| doubt.key_id == key.id)
            .map(|doubt| doubt.bound)
            .sum();
        let figures = [
            ("used", key.used, charged),
            ("held", key.held, held),
            ("reserved", key.reserved, Nanos::ZERO),
            ("the total it is told", own.total_usage, charged),
        ];
        for (figure, is, should) in figures {
            if is != should {
                found.push(format!("{}: {figure} is {is} USD instead of {should} USD", key.id));
            }
        }
    }
}

/// The provider's counts in the ledger's classes.
fn by_class(tokens: TokenCounts) -> Usage {
    Usage {
        input: tokens.prompt - tokens.cached,
        cached_input: tokens.cached,
        output: tokens.completion,
        reasoning: tokens.reasoning,
    }
}
