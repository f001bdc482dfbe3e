//! The rows of the benchmark: what is sent, which figures come of it, and their targets.

use super::report::{Figure, Target};
use super::{Measure, Rounds};

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static str,
    title: &'static str,
    pub(super) model: &'static str,
    pub(super) connections: usize,
    pub(super) body_bytes: usize,
    /// The share of `--requests` that a round sends, as a divisor.
    requests_divisor: usize,
    figures: &'static [Kind],
    /// The model whose calls pass through as they are: such a row holds Tollkeeper's translation
    /// against Tollkeeper's own pass-through instead of the bare proxy.
    pub(super) passed_through: Option<&'static str>,
}

/// A figure: what it is called, how it is taken from a round, and its target.
type Kind = (&'static str, fn(&Measure) -> f64, Target);

const CALLS: fn(&Measure) -> f64 = |measure| measure.calls_per_second;
const EVENTS: fn(&Measure) -> f64 = |measure| measure.events_per_second;
const CPU: fn(&Measure) -> f64 = |measure| measure.cpu;
const P50: fn(&Measure) -> f64 = |measure| measure.p50;
const P99: fn(&Measure) -> f64 = |measure| measure.p99;
const FIRST: fn(&Measure) -> f64 = |measure| measure.first_byte;

/// All rows that send load.
pub(super) const ROWS: [Row; 9] = [
    Row {
        name: "json-32",
        title: "JSON, 32 connections",
        model: "bench-json",
        connections: 32,
        body_bytes: 200,
        requests_divisor: 1,
        figures: &[
            ("calls/s", CALLS, Target::AtLeast(0.85)),
            ("CPU s/1,000", CPU, Target::AtMost(1.5)),
            ("p50 µs", P50, Target::None),
            ("p99 µs", P99, Target::None),
        ],
        passed_through: None,
    },
    Row {
        name: "json-256",
        title: "JSON, 256 connections",
        model: "bench-json",
        connections: 256,
        body_bytes: 200,
        requests_divisor: 1,
        figures: &[
            ("calls/s", CALLS, Target::AtLeast(0.85)),
            ("CPU s/1,000", CPU, Target::AtMost(1.5)),
            ("p99 µs", P99, Target::None),
        ],
        passed_through: None,
    },
    Row {
        name: "body-91k",
        title: "JSON, 91 KB bodies, 32",
        model: "bench-json",
        connections: 32,
        body_bytes: 91_000,
        requests_divisor: 4,
        figures: &[("calls/s", CALLS, Target::None), ("CPU s/1,000", CPU, Target::AtMost(1.2))],
        passed_through: None,
    },
    Row {
        name: "sse-64",
        title: "SSE, 64 × 32 events",
        model: "bench-sse",
        connections: 64,
        body_bytes: 200,
        requests_divisor: 5,
        figures: &[
            ("events/s", EVENTS, Target::AtLeast(0.85)),
            ("first event µs", FIRST, Target::None),
            ("CPU s/1,000", CPU, Target::None),
        ],
        passed_through: None,
    },
    Row {
        name: "sse-paced",
        title: "SSE, 10 ms apart, 64",
        model: "bench-paced",
        connections: 64,
        body_bytes: 200,
        requests_divisor: 20,
        figures: &[
            ("CPU s/1,000", CPU, Target::AtMost(1.2)),
            ("first event µs", FIRST, Target::None),
        ],
        passed_through: None,
    },
    Row {
        name: "latency-1",
        title: "JSON, 1 connection",
        model: "bench-json",
        connections: 1,
        body_bytes: 200,
        requests_divisor: 5,
        figures: &[
            ("added p50 µs", P50, Target::AddedAtMost(1.5)),
            ("added p99 µs", P99, Target::AddedAtMost(2.0)),
            ("CPU s/1,000", CPU, Target::None),
        ],
        passed_through: None,
    },
    // End to end, with the upstream's work in it: a floor for what the admission alone can do.
    Row {
        name: "hot-key",
        title: "one hot key, 128",
        model: "bench-json",
        connections: 128,
        body_bytes: 200,
        requests_divisor: 1,
        figures: &[("admissions/s", CALLS, Target::Absolute(20_000.0))],
        passed_through: None,
    },
    Row {
        name: "json-translated",
        title: "JSON, chat on a Messages channel ÷ passed through",
        model: "bench-translated-json",
        connections: 32,
        body_bytes: 200,
        requests_divisor: 2,
        figures: &[("CPU s/1,000", CPU, Target::AtMost(2.0)), ("calls/s", CALLS, Target::None)],
        passed_through: Some("bench-json"),
    },
    Row {
        name: "sse-translated",
        title: "SSE, chat on a Messages channel ÷ passed through",
        model: "bench-translated-sse",
        connections: 64,
        body_bytes: 200,
        requests_divisor: 5,
        figures: &[("CPU s/1,000", CPU, Target::AtMost(2.0)), ("events/s", EVENTS, Target::None)],
        passed_through: Some("bench-sse"),
    },
];

impl Row {
    pub(super) fn requests(&self, requests: usize) -> usize {
        (requests / self.requests_divisor).max(self.connections)
    }

    pub(super) fn figures(&self, rounds: &Rounds) -> Vec<Figure> {
        let figure = |(what, take, target): &Kind| {
            let [direct, bare, tollkeeper] =
                rounds.each_ref().map(|measures| median(measures.iter().map(take).collect()));
            Figure::new(self.name, self.title, what, [direct, bare, tollkeeper], *target)
        };
        self.figures.iter().map(figure).collect()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|below| values.get(below)).copied();
    (lower.unwrap_or(upper) + upper) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_lists() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
        assert!(median(vec![]).is_nan());
    }
}
