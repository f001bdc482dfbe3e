//! Where a list of keys goes on.

use domain::id::{InvalidId, KeyId};
use std::fmt;
use std::str::FromStr;

/// A place in a list: a key, and the figure that it had when it was listed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPlace {
    /// The figure that is sorted by; 0 where it is none.
    pub at: i64,
    /// The key.
    pub id: KeyId,
}

/// What the next page of a list is asked for with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCursor {
    /// Where the page before ended; none: there was none yet.
    pub place: Option<KeyPlace>,
    /// The search that had not ended by then.
    pub search: Option<u64>,
}

impl From<KeyPlace> for KeyCursor {
    fn from(place: KeyPlace) -> Self {
        Self { place: Some(place), search: None }
    }
}

impl From<KeyId> for KeyCursor {
    fn from(id: KeyId) -> Self {
        Self::from(KeyPlace { at: 0, id })
    }
}

impl fmt::Display for KeyCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(search) = self.search {
            write!(f, "s{search}.")?;
        }
        match self.place {
            None => Ok(()),
            Some(KeyPlace { at: 0, id }) => id.fmt(f),
            Some(KeyPlace { at, id }) => write!(f, "{at}.{id}"),
        }
    }
}

impl FromStr for KeyCursor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { prefix: KeyId::PREFIX };
        let (search, place) = match text.strip_prefix('s') {
            None => (None, text),
            Some(text) => {
                let (search, place) = text.split_once('.').ok_or_else(invalid)?;
                (Some(search.parse().map_err(|_| invalid())?), place)
            }
        };
        let place = match place.split_once('.') {
            None if place.is_empty() && search.is_some() => None,
            None => Some(KeyPlace { at: 0, id: place.parse()? }),
            Some((at, id)) => {
                Some(KeyPlace { at: at.parse().map_err(|_| invalid())?, id: id.parse()? })
            }
        };
        Ok(Self { place, search })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let id = KeyId::from_bytes([7; 16]);
        let places = [None, Some(KeyPlace { at: 0, id }), Some(KeyPlace { at: -3, id })];
        for place in places {
            for search in [None, Some(0), Some(u64::MAX)] {
                let cursor = KeyCursor { place, search };
                let text = cursor.to_string();
                // Nothing to go on from is no cursor.
                let expected = (cursor != KeyCursor::default()).then_some(cursor);
                assert_eq!(text.parse().ok(), expected, "{text}");
            }
        }
        for odd in ["s", "s.", "s1", "sx.", "s-1.", "x.", ".", "s1..", "s1.2"] {
            assert!(odd.parse::<KeyCursor>().is_err(), "{odd}");
        }
    }
}
