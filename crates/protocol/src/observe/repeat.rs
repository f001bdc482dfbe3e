//! Most events of a stream are the one before with another text in the same place.
//!
//! Such an event need not be read: what stands before the text and behind it is what was read already,
//! so it means the same, and the text is only measured. That costs two comparisons instead of a walk
//! over a dozen members.

use super::{Delivered, Part};
use crate::estimate::TextSize;
use crate::json::Span;

/// A longer event is not worth keeping.
const LONGEST: usize = 4 * 1024;
/// After so many events that were unlike the one before, a stream is not asked any more.
const PATIENCE: u8 = 8;

/// The last event that was read, and where its text stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeat {
    known: Vec<u8>,
    place: Option<(Part, Span)>,
    /// How many events in a row had to be read.
    misses: u8,
}

impl Repeat {
    /// Adds what an event delivers, if it is the known one with another text; else it has to be read.
    pub(crate) fn take(&mut self, data: &[u8], delivered: &mut Delivered) -> bool {
        let Some((part, text)) = self.text_of(data) else { return false };
        self.misses = 0;
        delivered.add_text(part, TextSize::of(text));
        true
    }

    /// Keeps an event that was read, delivers nothing but the text in this place, and tells nothing
    /// else; the text is without quotes and escapes.
    pub(crate) fn learn(&mut self, data: &[u8], place: impl FnOnce() -> Option<(Part, Span)>) {
        if self.misses >= PATIENCE || data.len() > LONGEST {
            return;
        }
        self.misses += 1;
        self.place = place();
        if self.place.is_some() {
            self.known.clear();
            self.known.extend_from_slice(data);
        }
    }

    fn text_of<'a>(&self, data: &'a [u8]) -> Option<(Part, &'a [u8])> {
        let (part, place) = self.place?;
        let text = data
            .strip_prefix(self.known.get(..place.start)?)?
            .strip_suffix(self.known.get(place.end..)?)?;
        is_plain(text).then_some((part, text))
    }
}

/// Whether a string of these bytes ends where they do.
fn is_plain(text: &[u8]) -> bool {
    !text.iter().fold(false, |special, byte| special | matches!(byte, 0..=0x1f | b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned() -> Repeat {
        let mut repeat = Repeat::default();
        repeat.learn(br#"{"text":"one","n":1}"#, || Some((Part::Text, Span::new(9, 12))));
        repeat
    }

    #[test]
    fn an_event_that_differs_in_its_text_only_is_taken() {
        let (mut repeat, mut delivered) = (learned(), Delivered::default());
        assert!(repeat.take(r#"{"text":"twö","n":1}"#.as_bytes(), &mut delivered));
        assert!(repeat.take(br#"{"text":"","n":1}"#, &mut delivered));
        assert_eq!(delivered, Delivered::only(Part::Text, TextSize::of("twö".as_bytes())));
    }

    #[test]
    fn whatever_else_differs_is_to_be_read() {
        for other in [
            r#"{"text":"two","n":2}"#,
            r#"{"texts":"two","n":1}"#,
            r#"{"text":"a\"b","n":1}"#,
            r#"{"text":"a","b":"","n":1}"#,
            "{\"text\":\"a\nb\",\"n\":1}",
            r#"{"text":""#,
            "",
        ] {
            let (mut repeat, mut delivered) = (learned(), Delivered::default());
            assert!(!repeat.take(other.as_bytes(), &mut delivered), "{other}");
            assert!(delivered.is_empty());
        }
    }

    #[test]
    fn a_stream_that_never_repeats_is_not_kept_for_ever() {
        let mut repeat = Repeat::default();
        let asked = (0..100_u8).filter(|_| {
            let mut asked = false;
            repeat.learn(b"x", || {
                asked = true;
                None
            });
            asked
        });
        assert_eq!(asked.count(), usize::from(PATIENCE));
    }
}
