//! What Prometheus sees: rates, latencies, tokens and cost by model, channel and group; never by
//! key.

use domain::refusal::RefusalCode;
use hashbrown::{Equivalent, HashMap};
use metrics::{Counter, Histogram, counter, gauge, histogram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::batch::{FinishedCall, Outcome};

/// What is counted on every call.
///
/// It is counted here, in few places that lie together, and brought to the exporter when someone
/// asks: the exporter's own handles cost two or three times as much where several workers use them.
#[derive(Clone)]
pub struct Meters {
    under_way: Arc<AtomicU64>,
    duration: Histogram,
    first_byte: Histogram,
    drained: Counter,
    routes: Arc<RwLock<HashMap<RouteKey, RouteMeters>>>,
}

impl Meters {
    /// Registers the handles.
    #[must_use]
    pub fn new() -> Self {
        let meters = Self {
            under_way: Arc::default(),
            duration: histogram!("tollkeeper_call_duration_seconds"),
            first_byte: histogram!("tollkeeper_call_first_byte_seconds"),
            drained: counter!("tollkeeper_calls_read_on_after_client_left_total"),
            routes: Arc::default(),
        };
        meters.publish();
        meters
    }

    /// Brings what was counted to the exporter.
    pub fn publish(&self) {
        #[expect(clippy::cast_precision_loss, reason = "fewer calls than 2^53 are under way")]
        gauge!("tollkeeper_calls_under_way").set(self.under_way.load(Ordering::Relaxed) as f64);
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        routes.iter().for_each(|(key, meters)| meters.publish(key));
    }

    /// Another call is under way until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> UnderWayGauge {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWayGauge(Arc::clone(&self.under_way))
    }

    /// A call was refused.
    pub fn refused(&self, code: RefusalCode) {
        counter!("tollkeeper_calls_refused_total", "code" => code.as_str()).increment(1);
    }

    /// An answer is read on although its client left.
    pub fn drained(&self) {
        self.drained.increment(1);
    }

    /// A call was settled.
    pub fn settled(&self, call: &FinishedCall, channel: &str) {
        self.count(call, channel);
        if call.cost > call.charged {
            let overrun = call.cost.get().saturating_sub(call.charged.get());
            counter!("tollkeeper_overrun_nanodollars_total").increment(overrun.unsigned_abs());
        }
        if call.suspect {
            counter!("tollkeeper_suspect_usage_total").increment(1);
        }
        self.duration.record(Duration::from_millis(u64::from(call.duration_ms)));
        if let Some(millis) = call.first_byte_ms {
            self.first_byte.record(Duration::from_millis(u64::from(millis)));
        }
    }

    /// Counts a call for its model, channel and group, which are known from their first call on.
    fn count(&self, call: &FinishedCall, channel: &str) {
        let names = RouteNames([&call.model, channel, &call.group]);
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = routes.get(&names) {
            return known.add(call);
        }
        drop(routes);
        let key: RouteKey = names.0.map(Into::into);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(key).or_default().add(call);
    }
}

type RouteKey = [Box<str>; 3];

/// A [`RouteKey`] to look up, without owning its names.
#[derive(Hash)]
struct RouteNames<'a>([&'a str; 3]);

impl Equivalent<RouteKey> for RouteNames<'_> {
    fn equivalent(&self, key: &RouteKey) -> bool {
        self.0.iter().zip(key).all(|(name, known)| **name == **known)
    }
}

/// The counters of a model on a channel in a group.
#[derive(Default)]
struct RouteMeters {
    calls: [AtomicU64; Outcome::ALL.len()],
    input: AtomicU64,
    output: AtomicU64,
    cost: AtomicU64,
}

impl RouteMeters {
    fn add(&self, call: &FinishedCall) {
        let mut counters = Outcome::ALL.iter().zip(&self.calls);
        if let Some((_, calls)) = counters.find(|(outcome, _)| **outcome == call.outcome) {
            calls.fetch_add(1, Ordering::Relaxed);
        }
        self.input.fetch_add(call.usage.total_input(), Ordering::Relaxed);
        self.output.fetch_add(call.usage.output, Ordering::Relaxed);
        self.cost.fetch_add(call.cost.get().unsigned_abs(), Ordering::Relaxed);
    }

    fn publish(&self, [model, channel, group]: &RouteKey) {
        let labels = [
            ("model", model.to_string()),
            ("channel", channel.to_string()),
            ("group", group.to_string()),
        ];
        for (outcome, calls) in Outcome::ALL.iter().zip(&self.calls) {
            let [model, channel, group] = labels.clone();
            let labels = [model, channel, group, ("outcome", outcome.name().to_owned())];
            counter!("tollkeeper_calls_total", &labels).absolute(calls.load(Ordering::Relaxed));
        }
        let input = self.input.load(Ordering::Relaxed);
        counter!("tollkeeper_input_tokens_total", &labels).absolute(input);
        let output = self.output.load(Ordering::Relaxed);
        counter!("tollkeeper_output_tokens_total", &labels).absolute(output);
        let cost = self.cost.load(Ordering::Relaxed);
        counter!("tollkeeper_cost_nanodollars_total", &labels).absolute(cost);
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts a call as under way.
pub struct UnderWayGauge(Arc<AtomicU64>);

impl Drop for UnderWayGauge {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_under_way_until_its_guard_is_dropped() {
        let meters = Meters::new();
        let under_way = || meters.under_way.load(Ordering::Relaxed);
        let guards = [meters.enter(), meters.enter()];
        assert_eq!(under_way(), 2);
        drop(guards);
        assert_eq!(under_way(), 0);
    }

    #[test]
    fn names_are_found_without_being_copied() {
        let key: RouteKey = ["model", "channel", "group"].map(Into::into);
        let routes: HashMap<RouteKey, u8> = HashMap::from([(key, 1)]);
        assert_eq!(routes.get(&RouteNames(["model", "channel", "group"])), Some(&1));
        assert_eq!(routes.get(&RouteNames(["model", "channel", "other"])), None);
    }
}
