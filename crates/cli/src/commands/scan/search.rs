//! The search in one file's bytes: `sk-` or `mk-`, 42 characters, and the checksum that fits them.
//!
//! Nothing else looks like that by chance: one in four thousand million texts of this form would.

use domain::key::{Form, Kind, examine};
use domain::secret::Secret;
use memchr::memchr_iter;
use memchr::memmem::Finder;

/// Characters behind the prefix.
const BODY: usize = 48;
/// Bytes in which a binary file shows itself by a zero.
const PROBE: usize = 8 * 1024;

/// A key in a file.
pub(super) struct Hit {
    /// The file, as it was named.
    pub(super) path: String,
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    /// What it is for.
    pub(super) kind: Kind,
    /// The value: never printed.
    pub(super) value: Secret,
}

/// What is searched for, prepared once per thread.
pub(super) struct Search(Finder<'static>);

impl Search {
    pub(super) fn new() -> Self {
        Self(Finder::new("k-"))
    }

    /// Every key in the bytes of a file.
    pub(super) fn hits(&self, path: &str, bytes: &[u8]) -> Vec<Hit> {
        let found = self.0.find_iter(bytes).filter_map(|at| key_at(bytes, at.checked_sub(1)?));
        found
            .map(|(at, kind, value)| {
                let (line, column) = place(bytes, at);
                Hit { path: path.to_owned(), line, column, kind, value: Secret::new(value) }
            })
            .collect()
    }
}

/// Whether a file's first bytes are those of a binary.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes.get(..PROBE).unwrap_or(bytes)).is_some()
}

/// The key that starts here, if one does. What follows it does not matter: texts are joined.
fn key_at(bytes: &[u8], at: usize) -> Option<(usize, Kind, String)> {
    let text = bytes.get(at..at.checked_add(3 + BODY)?)?;
    let text = std::str::from_utf8(text).ok()?;
    match examine(text) {
        Form::WellFormed(kind) => Some((at, kind, text.to_owned())),
        _ => None,
    }
}

/// Line and column of a place.
fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = bytes.get(..at).unwrap_or_default();
    let (mut line, mut start) = (1, 0);
    for end in memchr_iter(b'\n', before) {
        (line, start) = (line + 1, end + 1);
    }
    let prefix = String::from_utf8_lossy(before.get(start..).unwrap_or_default());
    (line, prefix.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::key::generate;

    fn key(kind: Kind, seed: u8) -> String {
        generate(kind, &[seed; 96]).unwrap().expose().to_owned()
    }

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let (one, two) = (key(Kind::Api, 3), key(Kind::Management, 9));
        let text = format!("a = 1\nö = \"{one}\";x{two}tail\n");
        let hits = Search::new().hits("f", text.as_bytes());
        let seen: Vec<_> = hits
            .iter()
            .map(|hit| (hit.line, hit.column, hit.kind, hit.value.expose() == one))
            .collect();
        assert_eq!(seen, [(2, 6, Kind::Api, true), (2, 60, Kind::Management, false)]);
    }

    #[test]
    fn what_has_another_checksum_is_no_key() {
        let mut wrong = key(Kind::Api, 3);
        wrong.replace_range(10..11, if wrong.as_bytes()[10] == b'x' { "y" } else { "x" });
        for text in [wrong.as_str(), "sk-", "k-", "sk-ant-api03-abc", ""] {
            assert!(Search::new().hits("f", text.as_bytes()).is_empty(), "{text}");
        }
        let cut = key(Kind::Api, 3);
        assert!(Search::new().hits("f", &cut.as_bytes()[..50]).is_empty());
    }

    #[test]
    fn a_zero_makes_a_binary() {
        assert!(is_binary(b"\x7fELF\0") && !is_binary(b"text") && !is_binary(b""));
    }
}
