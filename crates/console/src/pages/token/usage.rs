//! Usage as the API shows it, and its chart by day.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::format::moment;
use crate::frame::Frame;
use crate::pages::log::zoom;
use crate::ui;

const DAY: i64 = 86_400_000;

/// What was used.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Usage {
    pub(crate) today_usage: Nanos,
    pub(crate) month_usage: Nanos,
    pub(crate) requests: Requests,
    #[serde(default)]
    pub(crate) by_model: Vec<Model>,
    #[serde(default)]
    pub(crate) data: Option<Vec<Slice>>,
}

/// Calls that count.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Requests {
    pub(crate) today: i64,
    pub(crate) month: i64,
    pub(crate) total: i64,
}

/// What was used of a model.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Model {
    pub(crate) model: String,
    pub(crate) requests: i64,
    pub(crate) cost: Nanos,
}

/// What was used in a stretch of time.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Slice {
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) starts_at: Option<UnixMillis>,
    pub(crate) requests: i64,
    pub(crate) cost: Nanos,
}

/// A day of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    /// A moment in it, by which it is named.
    pub(crate) at: UnixMillis,
    /// When it begins.
    pub(crate) since: UnixMillis,
    pub(crate) requests: i64,
    pub(crate) cost: Nanos,
}

/// The last days up to now, those without a call too.
pub(crate) fn days(slices: &[Slice], now: UnixMillis, count: i64) -> Vec<Day> {
    // Local days begin at some hour of UTC; the last slice says at which.
    let offset = slices.last().and_then(|slice| slice.starts_at).map_or(0, |at| at.get() % DAY);
    let today = (now.get() - offset).div_euclid(DAY);
    (0..count)
        .rev()
        .map(|back| {
            let day = today - back;
            let on = |slice: &&Slice| {
                slice
                    .starts_at
                    .is_some_and(|at| (at.get() - offset + DAY / 4).div_euclid(DAY) == day)
            };
            let found = slices.iter().find(on);
            let begins = UnixMillis::new(day * DAY + offset);
            Day {
                at: begins.plus(DAY / 2),
                since: found.and_then(|slice| slice.starts_at).unwrap_or(begins),
                requests: found.map_or(0, |slice| slice.requests),
                cost: found.map_or(Nanos::ZERO, |slice| slice.cost),
            }
        })
        .collect()
}

/// The cost of each day as columns, which lead to the day's hours: of one key, or of all.
pub(crate) fn chart(page: &Frame, days: &[Day], key_id: &str) -> ui::Html {
    let columns: Vec<ui::Column> = days
        .iter()
        .enumerate()
        .map(|(place, day)| {
            // A day is as long as the clock makes it.
            let until = days.get(place + 1).map_or(day.since.plus(DAY), |next| next.since);
            let calls = page.t1("usage-calls", "count", day.requests);
            ui::Column {
                label: page.short_date(day.at),
                title: format!("{}: {} · {calls}", page.date(day.at), page.usd(day.cost)),
                value: day.cost,
                link: Some(zoom::day(key_id, day.since, until)),
            }
        })
        .collect();
    ui::chart(page.words(), &page.t("usage-by-day"), &columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_calls_are_drawn() {
        let at = |text: &str| UnixMillis::parse_rfc3339(text).unwrap();
        let slice = |text: &str, nanos| Slice {
            starts_at: Some(at(text)),
            requests: 1,
            cost: Nanos::new(nanos),
        };
        // Days of Shanghai begin at 16:00 UTC.
        let slices = [slice("2026-11-18T16:00:00Z", 5), slice("2026-11-20T16:00:00Z", 7)];
        let days = days(&slices, at("2026-11-21T10:00:00Z"), 4);
        let costs: Vec<i64> = days.iter().map(|day| day.cost.get()).collect();
        assert_eq!(costs, [0, 5, 0, 7]);
    }
}
