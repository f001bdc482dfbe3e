//! What Prometheus sees: rates, latencies, tokens and cost by model, channel and group; never by
//! key.

use domain::refusal::RefusalCode;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Duration;
use store::batch::FinishedCall;

/// The handles that are used on every call.
#[derive(Clone)]
pub struct Meters {
    under_way: Gauge,
    duration: Histogram,
    first_byte: Histogram,
    drained: Counter,
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
        let labels = [
            ("model", call.model.clone()),
            ("channel", channel.to_owned()),
            ("group", call.group.clone()),
            ("outcome", call.outcome.name().to_owned()),
        ];
        counter!("tollkeeper_calls_total", &labels).increment(1);
        let [model, channel, group, _] = labels;
        let labels = [model, channel, group];
        counter!("tollkeeper_input_tokens_total", &labels).increment(call.usage.total_input());
        counter!("tollkeeper_output_tokens_total", &labels).increment(call.usage.output);
        counter!("tollkeeper_cost_nanodollars_total", &labels)
            .increment(call.cost.get().unsigned_abs());
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
