//! Which calls are looked for, and in which stretch of time.

use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::with_query;
use crate::language::Message;
use crate::links;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Stretches to choose from: name, what it is called, how long.
pub(super) const RANGES: &[(&str, Message, i64)] = &[
    ("1h", Message("log-range-hour"), HOUR),
    ("24h", Message("log-range-day"), DAY),
    ("7d", Message("log-range-week"), 7 * DAY),
    ("30d", Message("log-range-month"), 30 * DAY),
    ("90d", Message("log-range-quarter"), 90 * DAY),
];

/// How a call ended, to filter by.
pub(super) const ENDS: &[(&str, Message)] = &[
    ("completed", Message("log-outcome-completed")),
    ("failed", Message("log-outcome-failed")),
    ("client_gone", Message("log-outcome-client-gone")),
    ("upstream_cut", Message("log-outcome-upstream-cut")),
    ("reconciled", Message("log-outcome-reconciled")),
];

/// Statuses to filter by.
pub(super) const STATUSES: &[&str] =
    &["400", "401", "402", "403", "404", "429", "500", "502", "503", "504"];

/// Which calls, and how they are drawn.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// A call's id, which is its answer's `x-request-id`.
    pub(super) id: String,
    pub(super) key_id: String,
    pub(super) model: String,
    pub(super) status: String,
    pub(super) client_ip: String,
    /// One of [`RANGES`], or `at`.
    pub(super) range: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) by: String,
    pub(super) live: String,
    pub(super) cursor: String,
    /// Whether to wait for what takes long, where there is much of it.
    pub(super) wait: String,
    /// From where a chart was zoomed into, step by step.
    pub(super) was: String,
}

impl Filter {
    /// The stretch's name.
    pub(super) fn range(&self) -> &str {
        let known = RANGES.iter().any(|(name, ..)| *name == self.range);
        if known || self.range == "at" { &self.range } else { "7d" }
    }

    /// By what the chart is drawn.
    pub(super) fn by(&self) -> &'static str {
        match self.by.as_str() {
            "hour" => "hour",
            "model" => "model",
            "key" => "key",
            "day" => "day",
            _ if matches!(self.range(), "1h" | "24h") => "hour",
            _ => "day",
        }
    }

    /// Whether the list follows what happens.
    pub(super) fn is_live(&self) -> bool {
        self.live == "on" && self.cursor.is_empty()
    }

    /// Whether anything but the time is left out.
    pub(super) fn is_on(&self) -> bool {
        [&self.key_id, &self.model, &self.status, &self.client_ip].iter().any(|it| !it.is_empty())
    }

    /// From when until when; none: until now.
    pub(super) fn span(&self, now: UnixMillis) -> (UnixMillis, Option<UnixMillis>) {
        let long = RANGES.iter().find(|(name, ..)| *name == self.range()).map(|(.., long)| *long);
        match long {
            Some(long) if long <= DAY => (now.plus(-long), None),
            Some(long) => (UnixMillis::new((now.get() + DAY).div_euclid(DAY) * DAY - long), None),
            None => {
                let since = typed(&self.since).unwrap_or(now.plus(-7 * DAY));
                (since, typed(&self.until))
            }
        }
    }

    /// What the API is asked for a page of calls, or for all of them.
    pub(super) fn calls(&self, path: &str, now: UnixMillis, limit: &str) -> String {
        let (since, until) = self.span(now);
        let since = since.to_string();
        let until = until.map(|at| at.to_string()).unwrap_or_default();
        let cursor = if limit.is_empty() { "" } else { &self.cursor };
        let pairs = [
            ("limit", limit),
            ("key_id", &self.key_id),
            ("model", &self.model),
            ("status", &self.status),
            ("client_ip", &self.client_ip),
            ("since", &since),
            ("until", &until),
            ("cursor", cursor),
        ];
        with_query(path, &pairs)
    }

    /// What the API is asked for the chart, in whole hours; a column's hours are whole already, where
    /// the clock is half an hour beside UTC too.
    pub(super) fn usage(&self, now: UnixMillis, by: &str) -> String {
        let (since, until) = self.span(now);
        let hour = if self.range() == "at" && !self.was.is_empty() { 1 } else { HOUR };
        let since = UnixMillis::new(since.get().div_euclid(hour) * hour).to_string();
        let whole = |at: UnixMillis| UnixMillis::new((at.get() + hour - 1).div_euclid(hour) * hour);
        let until = until.map(|at| whole(at).to_string()).unwrap_or_default();
        let pairs = [("by", by), ("key_id", &self.key_id), ("since", &since), ("until", &until)];
        with_query("/v1/usage", &pairs)
    }

    /// What is kept when the page changes, with its names; paging is not.
    pub(super) fn pairs(&self) -> [(&'static str, &str); 10] {
        [
            ("key_id", &self.key_id),
            ("model", &self.model),
            ("status", &self.status),
            ("client_ip", &self.client_ip),
            ("range", &self.range),
            ("since", &self.since),
            ("until", &self.until),
            ("by", &self.by),
            ("live", &self.live),
            ("was", &self.was),
        ]
    }

    /// This page with something else instead; any change but paging begins at the first page.
    pub(super) fn link(&self, name: &str, value: &str) -> String {
        let mut pairs: Vec<(&str, &str)> =
            self.pairs().into_iter().filter(|(known, _)| *known != name).collect();
        pairs.push((name, value));
        with_query(links::USAGE, &pairs)
    }

    /// The choice of another token, which keeps the rest.
    pub(super) fn choice(&self) -> String {
        with_query(links::USAGE_TOKEN, &self.pairs())
    }
}

/// A time as `<input type="datetime-local">` gives it, in UTC.
pub(super) fn typed(text: &str) -> Option<UnixMillis> {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    UnixMillis::parse_rfc3339(&format!("{text}{seconds}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_become_times() {
        let now = UnixMillis::parse_rfc3339("2026-11-22T10:20:30Z").unwrap();
        let filter = |range: &str| Filter { range: range.into(), ..Filter::default() };
        let since = |range: &str| filter(range).span(now).0.to_string();
        assert!(since("1h").starts_with("2026-11-22T09:20:30"), "{}", since("1h"));
        // Seven whole days, today being the last.
        assert!(since("").starts_with("2026-11-16T00:00:00"), "{}", since(""));
        assert!(filter("24h").usage(now, "hour").contains("since=2026-11-21T10%3A00%3A00"));
        let at = Filter { since: "2026-01-02T03:04".into(), until: "x".into(), ..filter("at") };
        assert_eq!(at.span(now).1, None);
        assert!(at.span(now).0.to_string().starts_with("2026-01-02T03:04:00"));
        assert_eq!((filter("1h").by(), filter("30d").by()), ("hour", "day"));
        let column = Filter {
            since: "2026-11-21T08:30".into(),
            until: "2026-11-21T09:30".into(),
            was: "24h".into(),
            ..filter("at")
        };
        let usage = column.usage(now, "");
        assert!(usage.contains("T08%3A30") && usage.contains("T09%3A30") && !usage.contains("by="));
    }
}
