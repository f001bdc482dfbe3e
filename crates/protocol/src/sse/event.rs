//! One event of a stream: its bytes, its name, its data.

use bytes::Bytes;

use crate::json::Span;

/// One event, or one comment, of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Everything that came for it, the blank line at its end included.
    pub bytes: Bytes,
    /// Whether its end came; not so for what a stream broke off with.
    pub complete: bool,
    name: Option<Span>,
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Data {
    None,
    /// One line of data, within the event's bytes.
    Line(Span),
    /// Several lines, joined with line feeds.
    Joined(Bytes),
}

impl Event {
    /// The data without its field names; several lines are joined with `\n`. Nothing where the
    /// event has no data line (a comment, a blank line).
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        match &self.data {
            Data::None => None,
            Data::Line(span) => Some(span.of(&self.bytes)),
            Data::Joined(joined) => Some(joined),
        }
    }

    /// The name from the `event:` line, where there is one.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.name.map(|span| span.of(&self.bytes))
    }
}

/// The fields of an event under way; spans count from its first byte.
#[derive(Debug, Default)]
pub(super) struct Fields {
    any: bool,
    name: Option<Span>,
    data: Option<Span>,
    more_data: Vec<Span>,
}

impl Fields {
    /// Whether no field line came yet.
    pub(super) const fn is_empty(&self) -> bool {
        !self.any
    }

    /// Takes a line that is not blank.
    pub(super) fn line(&mut self, text: &[u8], start: usize) {
        self.any = true;
        let name_end = memchr::memchr(b':', text);
        let name = text.get(..name_end.unwrap_or(text.len()));
        let mut value = name_end.map_or(text.len(), |end| end + 1);
        if text.get(value) == Some(&b' ') {
            value += 1;
        }
        let span = Span::new(start + value, start + text.len());
        match name {
            Some(b"data") if self.data.is_none() => self.data = Some(span),
            Some(b"data") => self.more_data.push(span),
            Some(b"event") => self.name = Some(span),
            _ => {}
        }
    }

    pub(super) fn into_event(self, bytes: Bytes, complete: bool) -> Event {
        let data = match self.data {
            None => Data::None,
            Some(first) if self.more_data.is_empty() => Data::Line(first),
            Some(first) => {
                let mut joined = first.of(&bytes).to_vec();
                for span in &self.more_data {
                    joined.push(b'\n');
                    joined.extend_from_slice(span.of(&bytes));
                }
                Data::Joined(Bytes::from(joined))
            }
        };
        Event { bytes, complete, name: self.name, data }
    }
}
