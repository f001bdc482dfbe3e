//! What was left on each account whenever somebody looked, and what check-ins brought: kept on this
//! machine, a line of JSON each.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::home::Home;
use crate::private_file::{self, FileError};
use crate::sites::{Balance, CheckIn};

/// How many lines are kept.
const MOST: usize = 5_000;

/// What was seen at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    pub at: UnixMillis,
    /// What was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
    /// How a check-in went, where this was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<CheckIn>,
}

/// Notes what was left.
///
/// # Errors
/// When the file cannot be written.
pub fn look(home: &Home, account: &str, balance: Balance, at: UnixMillis) -> Result<(), FileError> {
    append(home, account, Seen { at, balance: Some(balance), check_in: None })
}

/// Notes a check-in.
///
/// # Errors
/// When the file cannot be written.
pub fn checked_in(
    home: &Home,
    account: &str,
    check_in: CheckIn,
    balance: Option<Balance>,
    at: UnixMillis,
) -> Result<(), FileError> {
    append(home, account, Seen { at, balance, check_in: Some(check_in) })
}

/// Everything that was noted, oldest first. Lines that cannot be read are passed over.
///
/// # Errors
/// When the file cannot be read.
pub fn read(home: &Home, account: &str) -> Result<Vec<Seen>, FileError> {
    let bytes = private_file::read(&path(home, account))?.unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

pub(crate) fn forget(home: &Home, account: &str) -> Result<(), FileError> {
    private_file::remove(&path(home, account))
}

fn append(home: &Home, account: &str, seen: Seen) -> Result<(), FileError> {
    let _lock = private_file::lock(&home.state.join("history"))?;
    let mut all = read(home, account)?;
    all.push(seen);
    let from = all.len().saturating_sub(MOST);
    let mut text = String::new();
    for seen in all.iter().skip(from) {
        let path = path(home, account);
        let line = serde_json::to_string(seen);
        text.push_str(&line.map_err(|error| FileError::damaged(&path, &error))?);
        text.push('\n');
    }
    private_file::write(&path(home, account), text.as_bytes())
}

fn path(home: &Home, account: &str) -> PathBuf {
    home.state_file("history").join(format!("{account}.jsonl"))
}

/// What was last seen on each day on which somebody looked.
#[must_use]
pub fn by_day(seen: &[Seen]) -> Vec<(UnixMillis, Balance)> {
    const DAY: i64 = 86_400_000;
    let mut days: Vec<(UnixMillis, Balance)> = Vec::new();
    for (at, balance) in seen.iter().filter_map(|it| Some((it.at, it.balance?))) {
        match days.last_mut() {
            Some(day) if day.0.get().div_euclid(DAY) == at.get().div_euclid(DAY) => {
                day.1 = balance;
            }
            _ => days.push((at, balance)),
        }
    }
    days
}

/// What was spent on each of these days, since the one before it.
#[must_use]
pub fn spent(days: &[(UnixMillis, Balance)]) -> Vec<(UnixMillis, Nanos)> {
    let pairs = days.iter().zip(days.iter().skip(1)).filter_map(|((_, before), (at, after))| {
        let spent = after.used?.get().saturating_sub(before.used?.get());
        // A site that begins to count anew spent nothing.
        Some((*at, Nanos::new(spent.max(0))))
    });
    pairs.collect()
}

/// A chart of amounts over time, for a terminal: `height` rows of `width` columns, each column the
/// last amount of its span of time.
#[must_use]
pub fn chart(seen: &[(UnixMillis, Nanos)], width: usize, height: usize) -> Vec<String> {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (Some((first, _)), Some((last, _))) = (seen.first(), seen.last()) else {
        return Vec::new();
    };
    let span = last.since(*first).max(1);
    let columns = i64::try_from(width.max(1)).unwrap_or(1);
    let mut column = vec![None; width.max(1)];
    for (at, amount) in seen {
        let place = i128::from(at.since(*first)) * i128::from(columns - 1) / i128::from(span);
        if let Some(cell) = usize::try_from(place).ok().and_then(|place| column.get_mut(place)) {
            *cell = Some(amount.get().max(0));
        }
    }
    let most = column.iter().flatten().copied().max().unwrap_or_default().max(1);
    let steps = i64::try_from(height.max(1) * 8).unwrap_or(8);
    let mut known = 0;
    let levels: Vec<i64> = column
        .into_iter()
        .map(|amount| {
            known = amount.unwrap_or(known);
            let level = i128::from(known) * i128::from(steps) / i128::from(most);
            // What is not nothing is seen.
            i64::try_from(level).unwrap_or(steps).max(i64::from(known > 0))
        })
        .collect();
    let row = |row: usize| {
        let floor = i64::try_from((height - row - 1) * 8).unwrap_or_default();
        let cell = |level: &i64| {
            let eighths = usize::try_from((level - floor).clamp(0, 8)).unwrap_or_default();
            EIGHTHS.get(eighths).copied().unwrap_or(' ')
        };
        levels.iter().map(cell).collect()
    };
    (0..height).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let place = tempfile::tempdir().unwrap();
        let home = Home { config: place.path().into(), state: place.path().into() };
        (place, home)
    }

    fn usd(usd: i64) -> Balance {
        Balance { remaining: Some(Nanos::from_usd(usd)), ..Balance::default() }
    }

    #[test]
    fn spending_is_told_by_the_day() {
        let day = 86_400_000;
        let used = |at: i64, used: i64| Seen {
            at: UnixMillis::new(at),
            balance: Some(Balance { used: Some(Nanos::from_usd(used)), ..Balance::default() }),
            check_in: None,
        };
        assert!(spent(&by_day(&[])).is_empty());
        assert!(spent(&by_day(&[used(1, 5), used(2, 9)])).is_empty());
        let seen = [used(1, 5), used(2, 9), used(day, 10), used(day + 1, 12), used(3 * day, 2)];
        let days = [(UnixMillis::new(day), 3), (UnixMillis::new(3 * day), 0)];
        assert_eq!(spent(&by_day(&seen)), days.map(|(at, usd)| (at, Nanos::from_usd(usd))));
    }

    #[test]
    fn what_was_seen_is_kept_in_order() {
        let (place, home) = home();
        look(&home, "a", usd(5), UnixMillis::new(1)).unwrap();
        std::fs::write(place.path().join("history/a.jsonl"), "damaged\n{\"at\":1,\"balance\":{\"balance_usd\":5,\"used_usd\":null,\"unlimited\":false}}\n").unwrap();
        look(&home, "a", usd(4), UnixMillis::new(2)).unwrap();
        let seen = read(&home, "a").unwrap();
        assert_eq!(
            seen.iter().map(|seen| seen.balance.unwrap()).collect::<Vec<_>>(),
            [usd(5), usd(4)]
        );
        assert!(read(&home, "b").unwrap().is_empty());
        forget(&home, "a").unwrap();
        assert!(read(&home, "a").unwrap().is_empty());
    }

    #[test]
    fn a_chart_rises_and_falls_with_the_amounts() {
        let at = |ms: i64, usd: i64| (UnixMillis::new(ms), Nanos::from_usd(usd));
        let seen = [at(0, 0), at(100, 4), at(200, 8), at(300, 2)];
        assert_eq!(chart(&seen, 4, 2), ["  █ ", " ██▄"]);
        assert_eq!(chart(&seen[2..3], 3, 1), ["███"]);
        assert!(chart(&[], 4, 2).is_empty());
    }

    #[test]
    fn gaps_hold_the_last_amount_and_debts_are_nothing() {
        let at = |ms: i64, usd: i64| (UnixMillis::new(ms), Nanos::from_usd(usd));
        assert_eq!(chart(&[at(0, 8), at(300, -3)], 4, 1), ["███ "]);
    }
}
