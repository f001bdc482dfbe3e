//! From a chart to a part of it, and back: a column leads to its day or hour at a finer grain, and
//! the address keeps the way that was taken.

use domain::time::UnixMillis;

use super::filter::{Filter, RANGES, typed};
use crate::api::with_query;
use crate::frame::Frame;
use crate::links;

const HOUR: i64 = 3_600_000;
/// What stands between two steps of the way.
const THEN: char = '~';
/// Further back nobody goes step by step; an address stays short.
const LONGEST: usize = 4;

/// A step back.
pub(super) struct Crumb {
    pub(super) title: String,
    pub(super) link: String,
}

/// Where a column of a day leads on the pages that show the last days: its hours in the logs, from
/// where the way back is the last 30 days.
pub(crate) fn day(key_id: &str, since: UnixMillis, until: UnixMillis) -> String {
    Filter { key_id: key_id.to_owned(), range: "30d".to_owned(), ..Filter::default() }
        .zoomed(since, until)
}

impl Filter {
    /// This page for a column from then to then: days become hours, and an hour the models that were
    /// called in it.
    pub(super) fn zoomed(&self, since: UnixMillis, until: UnixMillis) -> String {
        let mut way: Vec<String> = self.way().map(str::to_owned).collect();
        way.push(if self.range() == "at" {
            format!("{}/{}", self.since, self.until)
        } else {
            self.range().to_owned()
        });
        let by = if until.since(since) > HOUR { "hour" } else { "model" };
        let span = (written(since), written(until));
        self.at(&span.0, &span.1, by, &way)
    }

    /// The steps back to where it began.
    pub(super) fn crumbs(&self, page: &Frame) -> Vec<Crumb> {
        let way: Vec<String> = self.way().map(str::to_owned).collect();
        let before = |place: usize| way.get(..place).unwrap_or_default().to_vec();
        way.iter()
            .enumerate()
            .filter_map(|(place, step)| {
                if let Some((_, title, _)) = RANGES.iter().find(|(name, ..)| name == step) {
                    let back = Self {
                        range: step.clone(),
                        since: String::new(),
                        until: String::new(),
                        was: String::new(),
                        ..self.clone()
                    };
                    let link = back.link("by", "");
                    return Some(Crumb { title: page.say(*title).into_owned(), link });
                }
                let (since, until) = step.split_once('/')?;
                let title = spoken(page, typed(since)?, typed(until)?);
                let by =
                    if typed(until)?.since(typed(since)?) > 96 * HOUR { "day" } else { "hour" };
                Some(Crumb { title, link: self.at(since, until, by, &before(place)) })
            })
            .collect()
    }

    /// What the page shows, where it was come to step by step.
    pub(super) fn here(&self, page: &Frame) -> Option<String> {
        self.way().next()?;
        Some(spoken(page, typed(&self.since)?, typed(&self.until)?))
    }

    fn way(&self) -> impl Iterator<Item = &str> {
        // Who chose another stretch meanwhile has left the way.
        let was = if self.range() == "at" { self.was.as_str() } else { "" };
        was.split(THEN).filter(|step| !step.is_empty()).take(LONGEST)
    }

    fn at(&self, since: &str, until: &str, by: &str, way: &[String]) -> String {
        let way = way.join(&THEN.to_string());
        let pairs = [
            ("key_id", self.key_id.as_str()),
            ("model", &self.model),
            ("status", &self.status),
            ("client_ip", &self.client_ip),
            ("range", "at"),
            ("since", since),
            ("until", until),
            ("by", by),
            ("was", &way),
        ];
        with_query(links::USAGE, &pairs)
    }
}

/// A stretch of time as people say it: an hour, a day, or from one day to another.
fn spoken(page: &Frame, since: UnixMillis, until: UnixMillis) -> String {
    let long = until.since(since);
    if long < 20 * HOUR {
        return page.exact(since);
    }
    // Local days may begin at another hour than those of UTC.
    let (first, last) = (page.date(since.plus(12 * HOUR)), page.date(until.plus(-12 * HOUR)));
    if first == last { first } else { format!("{first} – {last}") }
}

/// A time as `<input type="datetime-local">` takes it, in UTC.
fn written(at: UnixMillis) -> String {
    at.to_string().get(..16).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(link: &str) -> Filter {
        let query = link.split_once('?').unwrap().1;
        axum::extract::Query::try_from_uri(&format!("/?{query}").parse().unwrap()).unwrap().0
    }

    #[test]
    fn a_day_becomes_hours_and_an_hour_its_models() {
        let at = |text: &str| UnixMillis::parse_rfc3339(text).unwrap();
        let hours = read(&day("key_1", at("2026-11-21T00:00:00Z"), at("2026-11-22T00:00:00Z")));
        assert_eq!((hours.range(), hours.by()), ("at", "hour"));
        assert_eq!(
            (hours.since.as_str(), hours.until.as_str()),
            ("2026-11-21T00:00", "2026-11-22T00:00")
        );
        assert_eq!((hours.key_id.as_str(), hours.was.as_str()), ("key_1", "30d"));
        let models = read(&hours.zoomed(at("2026-11-21T13:00:00Z"), at("2026-11-21T14:00:00Z")));
        assert_eq!((models.by(), models.until.as_str()), ("model", "2026-11-21T14:00"));
        assert_eq!(models.was, "30d~2026-11-21T00:00/2026-11-22T00:00");
        let left = Filter { range: "30d".to_owned(), ..models };
        assert_eq!(
            read(&left.zoomed(at("2026-11-20T00:00:00Z"), at("2026-11-21T00:00:00Z"))).was,
            "30d"
        );
    }

    #[test]
    fn the_way_back_does_not_grow_for_ever() {
        let mut filter = Filter::default();
        for _ in 0..20 {
            filter = read(&filter.zoomed(UnixMillis::new(0), UnixMillis::new(HOUR)));
        }
        assert!(filter.was.len() < 300, "{}", filter.was);
    }
}
