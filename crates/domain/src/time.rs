//! A point in time as the books store it: milliseconds since the Unix epoch, UTC.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z; never negative.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// Clamps a negative number of milliseconds to the epoch.
    #[must_use]
    pub const fn new(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    /// The number of milliseconds, for storage.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number of milliseconds, unsigned.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0.unsigned_abs()
    }

    /// This time plus a number of milliseconds, saturating.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self::new(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` until this time; 0 if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        let span = self.0.saturating_sub(earlier.0);
        if span < 0 { 0 } else { span }
    }

    /// The same instant as a `jiff` timestamp; the far future saturates.
    #[must_use]
    pub fn to_timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// Reads an RFC 3339 date and time with an offset.
    ///
    /// # Errors
    /// When the text is not such a date, or lies before 1970.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTime> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| InvalidTime)?;
        if timestamp.as_millisecond() < 0 {
            Err(InvalidTime)
        } else {
            Ok(Self(timestamp.as_millisecond()))
        }
    }
}

impl fmt::Display for UnixMillis {
    /// RFC 3339 in UTC, with milliseconds only where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_timestamp(), f)
    }
}

/// A text is not an RFC 3339 date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an RFC 3339 date and time such as 2026-12-31T23:59:59Z, not before 1970")]
pub struct InvalidTime;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_survives_its_text() {
        let time = UnixMillis::parse_rfc3339("2026-12-31T23:59:59Z").unwrap();
        assert_eq!(time.to_string(), "2026-12-31T23:59:59Z");
        assert_eq!(UnixMillis::parse_rfc3339("2026-12-31T23:59:59+08:00").unwrap().since(time), 0);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "1969-12-31T23:59:59Z"]
        {
            assert_eq!(UnixMillis::parse_rfc3339(text), Err(InvalidTime), "{text}");
        }
    }
}
