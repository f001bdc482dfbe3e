//! A JSON string as it stands in the document.

use std::borrow::Cow;

use super::{JsonError, Span};
use crate::estimate::TextSize;

/// A string of the document: its bytes, its place, its meaning on demand.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    pub(super) quoted: &'a [u8],
    pub(super) escaped: bool,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl<'a> Text<'a> {
    /// The bytes between the quotes, escapes as written.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        match self.quoted {
            [_, raw @ .., _] => raw,
            _ => &[],
        }
    }

    /// Where the bytes between the quotes stand, if they hold no escape.
    #[must_use]
    pub fn plain(&self) -> Option<Span> {
        (!self.escaped).then(|| Span::new(self.span.start + 1, self.span.end - 1))
    }

    /// The text with its escapes resolved; borrowed where there are none.
    ///
    /// # Errors
    /// An escape that names half a character (a lone surrogate), or bytes that are not UTF-8.
    pub fn decode(&self) -> Result<Cow<'a, str>, JsonError> {
        if self.escaped {
            serde_json::from_slice(self.quoted)
                .map(Cow::Owned)
                .map_err(|_| JsonError::new(self.span.start, "a string holds half a character"))
        } else {
            simdutf8::basic::from_utf8(self.raw())
                .map(Cow::Borrowed)
                .map_err(|_| JsonError::new(self.span.start, "a string is not valid UTF-8"))
        }
    }

    /// The bytes to compare a key by: escapes resolved, so that `"mod\u0065l"` is `model`.
    #[must_use]
    pub fn name(&self) -> Cow<'a, [u8]> {
        if !self.escaped {
            return Cow::Borrowed(self.raw());
        }
        match self.decode() {
            Ok(text) => Cow::Owned(text.into_owned().into_bytes()),
            Err(_) => Cow::Borrowed(self.raw()),
        }
    }

    /// Whether the text is `name`, escapes resolved.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        *self.name() == *name.as_bytes()
    }

    /// How much text it stands for, escapes resolved.
    #[must_use]
    pub fn size(&self) -> TextSize {
        if self.escaped { size_of_escaped(self.raw()) } else { TextSize::of(self.raw()) }
    }
}

fn size_of_escaped(raw: &[u8]) -> TextSize {
    let mut size = TextSize::default();
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        size.add(TextSize::of(plain));
        let (escape, after) = match from {
            [b'\\', b'u', digits @ ..] => {
                let (digits, after) = digits.split_at_checked(4).unwrap_or((digits, &[]));
                (size_of_unit(digits), after)
            }
            [b'\\', _, after @ ..] => (TextSize::ascii(1), after),
            _ => (TextSize::default(), &[][..]),
        };
        size.add(escape);
        rest = after;
    }
    size.add(TextSize::of(rest));
    size
}

/// What one `\uXXXX` takes in UTF-8; each half of a surrogate pair stands for two bytes of four.
fn size_of_unit(digits: &[u8]) -> TextSize {
    let unit =
        std::str::from_utf8(digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok());
    match unit {
        Some(0..=0x7F) => TextSize::ascii(1),
        Some(0x80..=0x7FF | 0xD800..=0xDFFF) => TextSize::non_ascii(2),
        _ => TextSize::non_ascii(3),
    }
}
