//! What Prometheus sees: rates, latencies, tokens and cost by model, channel and group; never by
//! key.

use domain::refusal::RefusalCode;
use hashbrown::{Equivalent, HashMap};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::batch::{FinishedCall, Outcome};

/// The handles that are used on every call.
#[derive(Clone)]
pub struct Meters {
    under_way: Gauge,
    duration: Histogram,
    first_byte: Histogram,
    drained: Counter,
    routes: Arc<RwLock<HashMap<RouteKey, Arc<RouteMeters>>>>,
}

impl Meters {
    /// Registers the handles.
    #[must_use]
    pub fn new() -> Self {
        Self {
            under_way: gauge!("tollkeeper_calls_under_way"),
            duration: histogram!("tollkeeper_call_duration_seconds"),
            first_byte: histogram!("tollkeeper_call_first_byte_seconds"),
            drained: counter!("tollkeeper_calls_read_on_after_client_left_total"),
            routes: Arc::default(),
        }
    }

    /// Another call is under way until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> UnderWayGauge {
        self.under_way.increment(1.0);
        UnderWayGauge(self.under_way.clone())
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
        let of = self.of(&call.model, channel, &call.group);
        of.calls(call.outcome).increment(1);
        of.input.increment(call.usage.total_input());
        of.output.increment(call.usage.output);
        of.cost.increment(call.cost.get().unsigned_abs());
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

    /// The counters of a model on a channel in a group, registered at first use.
    fn of(&self, model: &str, channel: &str, group: &str) -> Arc<RouteMeters> {
        let names = RouteNames([model, channel, group]);
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(&names).cloned();
        known.unwrap_or_else(|| {
            let key: RouteKey = names.0.map(Into::into);
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry(key).or_insert_with_key(|key| Arc::new(RouteMeters::new(key))))
        })
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

struct RouteMeters {
    calls: [Counter; Outcome::ALL.len()],
    input: Counter,
    output: Counter,
    cost: Counter,
}

impl RouteMeters {
    fn new([model, channel, group]: &RouteKey) -> Self {
        let labels = [
            ("model", model.to_string()),
            ("channel", channel.to_string()),
            ("group", group.to_string()),
        ];
        let calls = Outcome::ALL.map(|outcome| {
            let [model, channel, group] = labels.clone();
            let labels = [model, channel, group, ("outcome", outcome.name().to_owned())];
            counter!("tollkeeper_calls_total", &labels)
        });
        Self {
            calls,
            input: counter!("tollkeeper_input_tokens_total", &labels),
            output: counter!("tollkeeper_output_tokens_total", &labels),
            cost: counter!("tollkeeper_cost_nanodollars_total", &labels),
        }
    }

    fn calls(&self, outcome: Outcome) -> &Counter {
        let mut counters = Outcome::ALL.iter().zip(&self.calls);
        let found = counters.find(|(known, _)| **known == outcome).map(|(_, counter)| counter);
        let [first, ..] = &self.calls;
        found.unwrap_or(first)
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts a call as under way.
pub struct UnderWayGauge(Gauge);

impl Drop for UnderWayGauge {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
