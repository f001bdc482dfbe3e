//! Calendar windows: a key's whole life, a day or a month in the deployment's own time zone.
//!
//! A day is from local midnight to the next, so it has 23 or 25 hours when the clocks change, and
//! a charge belongs to the window in which its call was admitted.

use jiff::{ToSpan, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

/// Which stretch of time a limit counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// From the first call on, without end.
    Total,
    /// A local calendar day.
    Day,
    /// A local calendar month.
    Month,
}

impl Window {
    /// The name under which the books store this window.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// The windows that a moment falls into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Start of the local hour, for the usage roll-ups.
    pub hour: UnixMillis,
    /// Start of the local day.
    pub day: UnixMillis,
    /// Start of the local month.
    pub month: UnixMillis,
    /// First moment of the next local hour: until then this value holds.
    pub next_hour: UnixMillis,
    /// First moment of the next local day.
    pub next_day: UnixMillis,
    /// First moment of the next local month.
    pub next_month: UnixMillis,
}

impl Windows {
    /// The windows around `now` in a time zone.
    #[must_use]
    pub fn at(now: UnixMillis, zone: &TimeZone) -> Self {
        let local = now.to_timestamp().to_zoned(zone.clone());
        let hour = start_of_hour(&local);
        let day = local.start_of_day().unwrap_or_else(|_| local.clone());
        let month = local
            .first_of_month()
            .and_then(|first| first.start_of_day())
            .unwrap_or_else(|_| day.clone());
        let next = |start: &Zoned, span: jiff::Span| {
            start
                .checked_add(span)
                .and_then(|z| z.start_of_day())
                .map_or(UnixMillis::new(i64::MAX), |z| millis(&z))
        };
        let next_hour =
            UnixMillis::new(millis(&local).get().saturating_sub(offset_into_hour(&local)))
                .plus(HOUR);
        Self {
            hour: millis(&hour),
            day: millis(&day),
            month: millis(&month),
            next_hour: next_hour.min(next(&day, 1.day())),
            next_day: next(&day, 1.day()),
            next_month: next(&month, 1.month()),
        }
    }

    /// Whether `now` still falls into these windows.
    #[must_use]
    pub fn hold(&self, now: UnixMillis) -> bool {
        self.hour <= now && now < self.next_hour
    }

    /// The start of the given window; the epoch for the window without end.
    #[must_use]
    pub const fn start(&self, window: Window) -> UnixMillis {
        match window {
            Window::Total => UnixMillis::new(0),
            Window::Day => self.day,
            Window::Month => self.month,
        }
    }

    /// When the given window ends; none for the window without end.
    #[must_use]
    pub const fn end(&self, window: Window) -> Option<UnixMillis> {
        match window {
            Window::Total => None,
            Window::Day => Some(self.next_day),
            Window::Month => Some(self.next_month),
        }
    }
}

const HOUR: i64 = 3_600_000;

fn millis(zoned: &Zoned) -> UnixMillis {
    UnixMillis::new(zoned.timestamp().as_millisecond())
}

fn offset_into_hour(local: &Zoned) -> i64 {
    i64::from(local.minute()) * 60_000
        + i64::from(local.second()) * 1_000
        + i64::from(local.millisecond())
}

fn start_of_hour(local: &Zoned) -> Zoned {
    local.checked_sub(offset_into_hour(local).milliseconds()).unwrap_or_else(|_| local.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: &str) -> Windows {
        let zone = TimeZone::get(zone).unwrap();
        Windows::at(UnixMillis::parse_rfc3339(text).unwrap(), &zone)
    }

    #[test]
    fn a_day_in_shanghai_starts_at_sixteen_utc() {
        let windows = at("2026-11-21T17:00:00Z", "Asia/Shanghai");
        assert_eq!(windows.day.to_string(), "2026-11-21T16:00:00Z");
        assert_eq!(windows.month.to_string(), "2026-10-31T16:00:00Z");
        assert_eq!(windows.next_month.to_string(), "2026-11-30T16:00:00Z");
    }

    #[test]
    fn days_have_23_and_25_hours_when_the_clocks_change() {
        let spring = at("2026-03-29T12:00:00Z", "Europe/Berlin");
        assert_eq!(spring.next_day.since(spring.day), 23 * HOUR);
        let autumn = at("2026-10-25T12:00:00Z", "Europe/Berlin");
        assert_eq!(autumn.next_day.since(autumn.day), 25 * HOUR);
    }

    #[test]
    fn a_day_that_has_no_midnight_starts_when_it_starts() {
        let windows = at("2018-11-04T12:00:00Z", "America/Sao_Paulo");
        assert_eq!(windows.day.to_string(), "2018-11-04T03:00:00Z");
    }

    #[test]
    fn hours_follow_half_hour_zones() {
        let windows = at("2026-11-21T10:45:12.345Z", "Asia/Kolkata");
        assert_eq!(windows.hour.to_string(), "2026-11-21T10:30:00Z");
        assert_eq!(windows.next_hour.to_string(), "2026-11-21T11:30:00Z");
        assert!(windows.hold(UnixMillis::parse_rfc3339("2026-11-21T11:29:59.999Z").unwrap()));
        assert!(!windows.hold(windows.next_hour));
    }
}
