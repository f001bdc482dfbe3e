//! Spending and requests over time, or by model or key.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use super::filter::Filter;
use crate::format::moment;
use crate::frame::Frame;
use crate::ui::{self, Column};

const HOUR: i64 = 3_600_000;
/// More columns than this cannot be told apart.
const MOST: i64 = 200;

/// What was used in a stretch of time, grouped.
#[derive(Default, Deserialize)]
pub(super) struct Usage {
    pub(super) requests: Requests,
    #[serde(default)]
    pub(super) by_model: Vec<Slice>,
    #[serde(default)]
    pub(super) data: Vec<Slice>,
}

/// Calls that count.
#[derive(Default, Deserialize)]
pub(super) struct Requests {
    /// Ever.
    pub(super) total: i64,
}

/// What was used in an hour or a day, of a model or by a key.
#[derive(Clone, Deserialize)]
pub(super) struct Slice {
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(super) starts_at: Option<UnixMillis>,
    #[serde(default)]
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) key_id: Option<String>,
    pub(super) requests: i64,
    pub(super) cost: Nanos,
}

/// What stands above the charts.
pub(super) struct Totals {
    pub(super) cost: Nanos,
    pub(super) requests: i64,
}

impl Usage {
    /// All of it: there may be more keys than are listed, but not models.
    pub(super) fn totals(&self) -> Totals {
        let cost = self.by_model.iter().fold(0_i64, |sum, it| sum.saturating_add(it.cost.get()));
        let requests = self.by_model.iter().fold(0_i64, |sum, it| sum.saturating_add(it.requests));
        Totals { cost: Nanos::new(cost), requests }
    }

    /// The dearest models or keys first.
    pub(super) fn ranked(mut self) -> Vec<Slice> {
        self.data.sort_by_key(|slice| std::cmp::Reverse((slice.cost, slice.requests)));
        self.data.truncate(12);
        self.data
    }
}

/// Spending and requests as columns, those of hours or days without a call too.
pub(super) fn draw(
    page: &Frame,
    usage: &Usage,
    filter: &Filter,
    span: (UnixMillis, UnixMillis),
) -> [ui::Html; 2] {
    let by = filter.by();
    let step = if by == "hour" { HOUR } else { 24 * HOUR };
    let stretches = filled(&usage.data, step, span);
    let label = |at: UnixMillis| match by {
        "hour" => page.exact(at).split(' ').rev().nth(1).and_then(|it| it.get(..5)).map_or_else(
            String::new,
            |time| {
                if span.1.since(span.0) > 48 * HOUR { page.short_date(at) } else { time.to_owned() }
            },
        ),
        _ => page.short_date(at),
    };
    let title = |at: UnixMillis| if by == "hour" { page.exact(at) } else { page.date(at) };
    // A local day may begin on the evening before, by UTC.
    let named = |at: UnixMillis| if by == "hour" { at } else { at.plus(12 * HOUR) };
    let column = |place: usize, stretch: &Stretch, value: Nanos| {
        let calls = page.t1("usage-calls", "count", stretch.requests);
        let at = named(stretch.at);
        let title = format!("{}: {} · {calls}", title(at), page.usd(stretch.cost));
        let next = stretches.get(place + 1).map_or(stretch.at.plus(step), |next| next.at);
        // Of the first day, only what is looked at is counted.
        let since = if by == "hour" { stretch.at } else { stretch.at.max(span.0) };
        Column { label: label(at), title, value, link: Some(filter.zoomed(since, next)) }
    };
    let columns = |value: fn(&Stretch) -> Nanos| -> Vec<Column> {
        let places = stretches.iter().enumerate();
        places.map(|(place, stretch)| column(place, stretch, value(stretch))).collect()
    };
    let costs = columns(|stretch| stretch.cost);
    let counts = columns(|stretch| Nanos::new(stretch.requests));
    let most = |columns: &[Column]| {
        columns.iter().map(|column| column.value).max().filter(|highest| *highest > Nanos::ZERO)
    };
    let highest = |amount: String| page.t1("log-highest", "amount", amount);
    let cost = most(&costs).map(|cost| highest(page.usd(cost)));
    // Calls that cost nothing can be looked at closer all the same.
    let zoom = most(&counts).map(|_| page.t("chart-zoom").into_owned());
    let below: Vec<String> = cost.into_iter().chain(zoom).collect();
    let count = most(&counts).map(|count| highest(page.number(count.get()))).unwrap_or_default();
    [
        ui::columns_chart(&page.t("log-spending"), &costs, &below.join(" · ")),
        ui::columns_chart(&page.t("log-requests"), &counts, &count),
    ]
}

/// An hour or a day, with a call in it or none.
struct Stretch {
    /// When it starts.
    at: UnixMillis,
    requests: i64,
    cost: Nanos,
}

/// Every stretch between two times.
fn filled(slices: &[Slice], step: i64, (since, until): (UnixMillis, UnixMillis)) -> Vec<Stretch> {
    // Local days begin at some hour of UTC; the last slice says at which.
    let offset =
        slices.last().and_then(|it| it.starts_at).map_or(0, |at| at.get().rem_euclid(step));
    let number = |at: UnixMillis| (at.get() - offset).div_euclid(step);
    // What begins where the stretch ends is not in it.
    let last = number(until.plus(-1)).max(number(since));
    let first = number(since).max(last.saturating_sub(MOST - 1));
    let mut filled: Vec<Stretch> = (first..=last)
        .map(|number| UnixMillis::new(number * step + offset))
        .map(|at| Stretch { at, requests: 0, cost: Nanos::ZERO })
        .collect();
    for slice in slices {
        let Some(at) = slice.starts_at else { continue };
        // A day may be an hour longer or shorter than others.
        let place = usize::try_from(number(at.plus(step / 4)) - first).ok();
        if let Some(stretch) = place.and_then(|place| filled.get_mut(place)) {
            *stretch = Stretch { at, requests: slice.requests, cost: slice.cost };
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_without_calls_are_drawn() {
        let at = |text: &str| UnixMillis::parse_rfc3339(text).unwrap();
        let slice = |text: &str, requests| Slice {
            starts_at: Some(at(text)),
            model: None,
            key_id: None,
            requests,
            cost: Nanos::ZERO,
        };
        let slices = [slice("2026-11-22T01:00:00Z", 2), slice("2026-11-22T03:00:00Z", 5)];
        let span = (at("2026-11-22T00:10:00Z"), at("2026-11-22T04:10:00Z"));
        let counts: Vec<i64> = filled(&slices, HOUR, span).iter().map(|it| it.requests).collect();
        assert_eq!(counts, [0, 2, 0, 5, 0]);
        let long = (at("1971-01-01T00:00:00Z"), span.1);
        assert_eq!(filled(&slices, HOUR, long).len(), usize::try_from(MOST).unwrap());
    }
}
