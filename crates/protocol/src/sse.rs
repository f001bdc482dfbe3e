//! Splits a stream of server-sent events into events that keep their bytes.
//!
//! Whatever the chunks, the events are the same and their bytes joined are the stream's, so that
//! a relay can look at each and still pass on exactly what came. An event that lies within one
//! chunk is not copied. Line ends are `\n`, `\r\n` or `\r`; an event ends with a blank line. A
//! comment before an event's first field is an event of its own, so that a keep-alive is never
//! held back. (WHATWG HTML, "Server-sent events", event stream interpretation.)

mod event;

pub use event::Event;

use bytes::{Bytes, BytesMut};
use event::Fields;

use crate::json::Span;

/// The largest event by default: 16 MiB.
pub const DEFAULT_EVENT_LIMIT: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An event grew past the limit; the stream cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub struct EventTooLarge {
    /// The limit in bytes.
    pub limit: usize,
}

/// Splits one stream.
#[derive(Debug)]
pub struct Splitter {
    buffer: Buffer,
    /// Where the line under way starts in the buffer.
    line_start: usize,
    /// How far the line under way has been looked through.
    searched: usize,
    /// The fields of the event under way, which starts where the buffer does.
    fields: Fields,
    at_stream_start: bool,
    limit: usize,
}

/// Bytes that are not given out yet, from the start of the event under way.
#[derive(Debug)]
enum Buffer {
    /// A chunk as it came.
    Chunk(Bytes),
    /// What was left of one chunk, with the next ones behind it.
    Joined(BytesMut),
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(DEFAULT_EVENT_LIMIT)
    }
}

impl Splitter {
    /// A splitter with a limit on the bytes of one event.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Buffer::Chunk(Bytes::new()),
            line_start: 0,
            searched: 0,
            fields: Fields::default(),
            at_stream_start: true,
            limit,
        }
    }

    /// Takes the next chunk. [`Splitter::next_event`] is then to be called until it gives nothing.
    pub fn feed(&mut self, chunk: Bytes) {
        if chunk.is_empty() {
            return;
        }
        match &mut self.buffer {
            Buffer::Joined(joined) if !joined.is_empty() => joined.extend_from_slice(&chunk),
            Buffer::Chunk(rest) if !rest.is_empty() => {
                let mut joined = BytesMut::with_capacity(rest.len() + chunk.len());
                joined.extend_from_slice(rest);
                joined.extend_from_slice(&chunk);
                self.buffer = Buffer::Joined(joined);
            }
            _ => self.buffer = Buffer::Chunk(chunk),
        }
    }

    /// The next complete event; nothing until more bytes come.
    ///
    /// # Errors
    /// The event is larger than the limit.
    pub fn next_event(&mut self) -> Result<Option<Event>, EventTooLarge> {
        while let Some(line) = self.next_line() {
            let ends = self.take_line(line.text_end);
            self.line_start = line.end;
            self.searched = line.end;
            if ends {
                return self.take(line.end, true).map(Some);
            }
        }
        self.check(self.buffer.bytes().len())?;
        Ok(None)
    }

    /// What is left once the stream has ended: an event without its blank line. A reader of events
    /// would drop it; many clients do not.
    ///
    /// # Errors
    /// The event is larger than the limit.
    pub fn finish(&mut self) -> Result<Option<Event>, EventTooLarge> {
        let bytes = self.buffer.bytes();
        let length = bytes.len();
        if length == 0 {
            return Ok(None);
        }
        // A carriage return was kept back for a line feed that never came.
        let line_ended = bytes.last() == Some(&b'\r');
        let text_end = length - usize::from(line_ended);
        let ends = self.take_line(text_end);
        self.take(length, line_ended && ends).map(Some)
    }

    /// Takes the line under way, which ends before `text_end`; says whether an event ends with it.
    fn take_line(&mut self, text_end: usize) -> bool {
        let text = Span::new(self.line_start, text_end).of(self.buffer.bytes());
        let marked = std::mem::take(&mut self.at_stream_start) && text.starts_with(BYTE_ORDER_MARK);
        let skipped = if marked { BYTE_ORDER_MARK.len() } else { 0 };
        let text = text.get(skipped..).unwrap_or_default();
        match text.first() {
            None => true,
            Some(b':') => self.fields.is_empty(),
            Some(_) => {
                self.fields.line(text, self.line_start + skipped);
                false
            }
        }
    }

    /// The next whole line. A `\r` at the very end may be half a line end: it waits.
    fn next_line(&mut self) -> Option<Line> {
        let bytes = self.buffer.bytes();
        let unseen = bytes.get(self.searched..).unwrap_or_default();
        let Some(found) = memchr::memchr2(b'\n', b'\r', unseen) else {
            self.searched = bytes.len();
            return None;
        };
        let text_end = self.searched + found;
        let end = match (bytes.get(text_end), bytes.get(text_end + 1)) {
            (Some(b'\n'), _) => text_end + 1,
            (_, Some(b'\n')) => text_end + 2,
            (_, Some(_)) => text_end + 1,
            (_, None) => {
                self.searched = text_end;
                return None;
            }
        };
        Some(Line { text_end, end })
    }

    /// Gives out the first `length` bytes as an event.
    fn take(&mut self, length: usize, complete: bool) -> Result<Event, EventTooLarge> {
        self.check(length)?;
        let bytes = match &mut self.buffer {
            Buffer::Chunk(chunk) => chunk.split_to(length),
            Buffer::Joined(joined) => joined.split_to(length).freeze(),
        };
        self.line_start = 0;
        self.searched = 0;
        Ok(std::mem::take(&mut self.fields).into_event(bytes, complete))
    }

    const fn check(&self, length: usize) -> Result<(), EventTooLarge> {
        if length > self.limit {
            return Err(EventTooLarge { limit: self.limit });
        }
        Ok(())
    }
}

struct Line {
    /// One past the line's last byte before its end.
    text_end: usize,
    /// One past its end.
    end: usize,
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Chunk(chunk) => chunk,
            Self::Joined(joined) => joined,
        }
    }
}
