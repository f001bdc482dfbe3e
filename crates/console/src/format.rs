//! Numbers, money and times as people read them.

use domain::money::Nanos;
use domain::time::UnixMillis;
use jiff::tz::TimeZone;

use crate::language::{Language, Words};

/// Whatever is an amount, behind however many references a template puts it.
pub(crate) trait Amount {
    /// The amount.
    fn nanos(&self) -> Nanos;
}

impl Amount for Nanos {
    fn nanos(&self) -> Nanos {
        *self
    }
}

impl<T: Amount + ?Sized> Amount for &T {
    fn nanos(&self) -> Nanos {
        (**self).nanos()
    }
}

/// Whatever is a number.
pub(crate) trait Count {
    /// The number.
    fn number(&self) -> i64;
}

impl<T: Count + ?Sized> Count for &T {
    fn number(&self) -> i64 {
        (**self).number()
    }
}

impl Count for i64 {
    fn number(&self) -> i64 {
        *self
    }
}

impl Count for u32 {
    fn number(&self) -> i64 {
        i64::from(*self)
    }
}

impl Count for u64 {
    fn number(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Count for usize {
    fn number(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Words {
    /// Dollars with two decimals; a small amount with as many as it needs.
    pub(crate) fn usd(self, amount: impl Amount) -> String {
        let amount = amount.nanos();
        let cent = 10_000_000;
        let digits = match amount.get().unsigned_abs() {
            0 => 2,
            part if part >= cent => 2,
            part if part >= cent / 100 => 4,
            part if part >= cent / 10_000 => 6,
            _ => 9,
        };
        dollars(amount, digits)
    }

    /// Dollars with four decimals, so that a column of them aligns.
    pub(crate) fn usd4(self, amount: impl Amount) -> String {
        dollars(amount.nanos(), 4)
    }

    /// Dollars in a column of calls: six decimals, so that cheap ones differ and all of them align. What
    /// is smaller yet is not shown as nothing.
    pub(crate) fn usd_listed(self, amount: impl Amount) -> String {
        let amount = amount.nanos();
        match amount.get() {
            1..1_000 => format!("<{}", dollars(Nanos::new(1_000), 6)),
            _ => dollars(amount, 6),
        }
    }

    /// Dollars with every digit that is not 0, for bills and books.
    pub(crate) fn usd_exact(self, amount: impl Amount) -> String {
        let text = dollars(amount.nanos(), 9);
        let digits = text.find('.').map_or(text.len(), |point| point + 3);
        let rest = text.get(digits..).unwrap_or_default().trim_end_matches('0').len();
        text.get(..digits + rest).unwrap_or(&text).to_owned()
    }

    /// A whole number, grouped.
    pub(crate) fn number(self, count: impl Count) -> String {
        grouped(&count.number().to_string())
    }

    /// A large number in few digits.
    pub(crate) fn compact(self, count: impl Count) -> String {
        let number = count.number();
        let (unit, name) = match (self.language(), number.unsigned_abs()) {
            (Language::English, 0..10_000) | (Language::Chinese, 0..100_000) => {
                return self.number(number);
            }
            (Language::English, 10_000..1_000_000) => (1_000, "K"),
            (Language::English, 1_000_000..1_000_000_000) => (1_000_000, "M"),
            (Language::English, _) => (1_000_000_000, "B"),
            (Language::Chinese, 100_000..100_000_000) => (10_000, " 万"),
            (Language::Chinese, _) => (100_000_000, " 亿"),
        };
        let tenths = number / (unit / 10);
        let whole = grouped(&(tenths / 10).to_string());
        match (tenths % 10).abs() {
            0 => format!("{whole}{name}"),
            part => format!("{whole}.{part}{name}"),
        }
    }

    /// The date in UTC.
    pub(crate) fn date(self, at: UnixMillis) -> String {
        let at = at.to_timestamp().to_zoned(TimeZone::UTC);
        match self.language() {
            Language::English => at.strftime("%-d %b %Y").to_string(),
            Language::Chinese => at.strftime("%Y年%-m月%-d日").to_string(),
        }
    }

    /// The date without its year.
    pub(crate) fn short_date(self, at: UnixMillis) -> String {
        let at = at.to_timestamp().to_zoned(TimeZone::UTC);
        match self.language() {
            Language::English => at.strftime("%-d %b").to_string(),
            Language::Chinese => at.strftime("%-m月%-d日").to_string(),
        }
    }

    /// The date and time in UTC, to the second; the script shows the reader's own zone.
    pub(crate) fn exact(self, at: UnixMillis) -> String {
        let time = at.to_timestamp().to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string();
        format!("{} {time} UTC", self.date(at))
    }

    /// How long ago, in whole spans that are over; or in how long, to the nearest: what was just chosen
    /// as 90 days is not 89 a moment later.
    pub(crate) fn relative(self, at: UnixMillis, now: UnixMillis) -> String {
        let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
        let past = now.since(at);
        let ahead = at.since(now);
        match (past, ahead) {
            (past, 0) if past < minute => self.t("time-just-now").into_owned(),
            (past, 0) if past < hour => self.t1("time-minutes-ago", "count", past / minute),
            (past, 0) if past < day => self.t1("time-hours-ago", "count", past / hour),
            (past, 0) if past < 45 * day => self.t1("time-days-ago", "count", past / day),
            (_, 0) => self.date(at),
            (_, ahead) if nearest(ahead, minute) < 60 => {
                self.t1("time-in-minutes", "count", nearest(ahead, minute).max(1))
            }
            (_, ahead) if nearest(ahead, hour) < 24 => {
                self.t1("time-in-hours", "count", nearest(ahead, hour))
            }
            (_, ahead) if nearest(ahead, day) <= 366 => {
                self.t1("time-in-days", "count", nearest(ahead, day))
            }
            _ => self.date(at),
        }
    }

    /// Milliseconds as a span.
    pub(crate) fn span(self, millis: impl Count) -> String {
        let millis = millis.number();
        if millis < 1_000 {
            return self.t1("time-milliseconds", "count", millis);
        }
        self.t1("time-seconds", "count", format!("{}.{}", millis / 1_000, millis % 1_000 / 100))
    }
}

/// The decimals that a column of exact amounts needs: those of the longest, and two at least.
pub(crate) fn places<T: AsRef<str>>(amounts: impl IntoIterator<Item = T>) -> usize {
    amounts.into_iter().map(|amount| decimals(amount.as_ref())).max().unwrap_or(0).max(2)
}

/// An exact amount with so many decimals, so that points stand below each other.
pub(crate) fn padded(amount: &str, places: usize) -> String {
    let point = if amount.contains('.') { "" } else { "." };
    format!("{amount}{point}{}", "0".repeat(places.saturating_sub(decimals(amount))))
}

fn decimals(amount: &str) -> usize {
    amount.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// So many spans, to the nearest.
const fn nearest(time: i64, span: i64) -> i64 {
    (time.saturating_add(span / 2)) / span
}

fn dollars(amount: Nanos, digits: usize) -> String {
    let unit = 10_u64.pow(9_u32.saturating_sub(u32::try_from(digits).unwrap_or(9)));
    let magnitude = amount.get().unsigned_abs();
    let rounded = (magnitude + unit / 2) / unit * unit;
    let (whole, fraction) = (rounded / 1_000_000_000, rounded % 1_000_000_000);
    let fraction = format!("{fraction:09}");
    let sign = if amount.is_negative() { "−" } else { "" };
    let shown = fraction.get(..digits).unwrap_or(&fraction);
    format!("{sign}${}.{shown}", grouped(&whole.to_string()))
}

/// Groups the digits before the point by thousands.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("−", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(a, b)| (a, Some(b)));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Reads a time of the API's.
pub(crate) mod moment {
    use domain::time::UnixMillis;
    use serde::{Deserialize, Deserializer};

    /// RFC 3339.
    pub(crate) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<UnixMillis, D::Error> {
        let text = String::deserialize(from)?;
        UnixMillis::parse_rfc3339(&text).map_err(serde::de::Error::custom)
    }

    /// RFC 3339 or null.
    pub(crate) fn maybe<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<UnixMillis>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| UnixMillis::parse_rfc3339(&text))
            .transpose()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_well() {
        let words = Words::of(Language::English);
        let usd = |text: &str| words.usd(Nanos::parse_usd(text).unwrap());
        assert_eq!(usd("1284.2"), "$1,284.20");
        assert_eq!(usd("0"), "$0.00");
        assert_eq!(usd("-3.999"), "−$4.00");
        assert_eq!(usd("0.0012"), "$0.0012");
        assert_eq!(usd("0.000000001"), "$0.000000001");
        let exact = |text: &str| words.usd_exact(Nanos::parse_usd(text).unwrap());
        assert_eq!(exact("-1284.2"), "−$1,284.20");
        assert_eq!(exact("0.001269"), "$0.001269");
        assert_eq!(exact("0.000000001"), "$0.000000001");
        assert_eq!(words.usd4(Nanos::parse_usd("212.41804").unwrap()), "$212.4180");
        let listed = |text: &str| words.usd_listed(Nanos::parse_usd(text).unwrap());
        assert_eq!(listed("0.0412"), "$0.041200");
        assert_eq!(listed("0"), "$0.000000");
        assert_eq!(listed("0.000000311"), "<$0.000001");
    }

    #[test]
    fn exact_amounts_of_a_column_have_as_many_decimals() {
        let column = ["$3", "−$0.012", "$14.20"];
        let places = places(column);
        assert_eq!(column.map(|amount| padded(amount, places)), ["$3.000", "−$0.012", "$14.200"]);
        assert_eq!(super::places(["1", "2"]), 2);
        assert_eq!(padded("7", 2), "7.00");
    }

    #[test]
    fn large_numbers_are_short() {
        let english = Words::of(Language::English);
        let chinese = Words::of(Language::Chinese);
        assert_eq!(english.compact(9_999_i64), "9,999");
        assert_eq!(english.compact(1_250_000_i64), "1.2M");
        assert_eq!(chinese.compact(1_250_000_i64), "125 万");
    }

    #[test]
    fn times_are_near_or_dates() {
        let words = Words::of(Language::English);
        let now = UnixMillis::parse_rfc3339("2026-11-22T00:00:00Z").unwrap();
        assert_eq!(words.relative(now.plus(-120_000), now), "2 min ago");
        assert_eq!(words.relative(now.plus(61 * 86_400_000), now), "in 61 days");
        assert_eq!(words.relative(now.plus(-86_400_000), now), "yesterday");
        let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
        for (ahead, said) in [
            (1, "in 1 min"),
            (hour - 31_000, "in 59 min"),
            (hour - 5_000, "in 1 h"),
            (2 * hour - minute, "in 2 h"),
            (day - 20 * minute, "tomorrow"),
            (90 * day - 4_000, "in 90 days"),
            (90 * day - 13 * hour, "in 89 days"),
            (365 * day - hour, "in 365 days"),
        ] {
            assert_eq!(words.relative(now.plus(ahead), now), said, "{ahead}");
        }
        // What is over counts only when it is whole.
        assert_eq!(words.relative(now.plus(hour - 2 * day), now), "yesterday");
        assert_eq!(words.date(now), "22 Nov 2026");
        assert_eq!(Words::of(Language::Chinese).date(now), "2026年11月22日");
    }
}
