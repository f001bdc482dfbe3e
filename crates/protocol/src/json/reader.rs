//! The reader: walks a document once, descending or skipping as its caller says.

use super::scan::{Marks, number_end, string_end};
use super::{JsonError, Span, Text};

/// How deep a document may be nested.
pub const MAX_DEPTH: u32 = 128;

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

/// A walk over one document.
///
/// Each value is taken exactly once: [`Reader::object`] and [`Reader::array`] descend,
/// [`Reader::string`] and [`Reader::boolean`] read, [`Reader::skip`] passes over anything.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    depth: u32,
    marks: Marks,
}

/// The members of an object that is being walked.
#[derive(Debug)]
pub struct Members {
    first: bool,
}

/// The elements of an array that is being walked.
#[derive(Debug)]
pub struct Elements {
    first: bool,
}

impl Members {
    /// The next key; its value is then to be taken. Nothing at the object's end.
    ///
    /// # Errors
    /// The text is not JSON.
    #[inline]
    pub fn next<'a>(&mut self, reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, JsonError> {
        let first = std::mem::take(&mut self.first);
        match reader.next_byte() {
            Some(b'}') => {
                reader.close();
                Ok(None)
            }
            Some(b'"') if first => reader.key().map(Some),
            Some(b',') if !first => {
                reader.position += 1;
                reader.key().map(Some)
            }
            _ if first => Err(reader.error("a key or the end of the object was expected")),
            _ => Err(reader.error("a comma or the end of the object was expected")),
        }
    }
}

impl Elements {
    /// Whether there is another element, which is then to be taken.
    ///
    /// # Errors
    /// The text is not JSON.
    #[inline]
    pub fn next(&mut self, reader: &mut Reader<'_>) -> Result<bool, JsonError> {
        let first = std::mem::take(&mut self.first);
        match reader.next_byte() {
            Some(b']') => {
                reader.close();
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                reader.position += 1;
                Ok(true)
            }
            _ if first => Err(reader.error("a value or the end of the array was expected")),
            _ => Err(reader.error("a comma or the end of the array was expected")),
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader over bytes that are checked to be UTF-8 first.
    ///
    /// # Errors
    /// The bytes are not UTF-8.
    pub fn new(bytes: &'a [u8]) -> Result<Self, JsonError> {
        if simdutf8::basic::from_utf8(bytes).is_err() {
            let offset =
                simdutf8::compat::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
            return Err(JsonError::new(offset, "the text is not valid UTF-8"));
        }
        Ok(Self::without_utf8_check(bytes))
    }

    /// A reader that leaves invalid UTF-8 inside strings alone, for the events of a stream.
    #[must_use]
    pub const fn without_utf8_check(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, depth: 0, marks: Marks::NONE }
    }

    /// How far the reader has come, in bytes.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The kind of the next value, which is not taken.
    ///
    /// # Errors
    /// No value can start here.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind, JsonError> {
        match self.next_byte() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => Err(self.error("a value was expected")),
            None => Err(self.error("the text ends where a value was expected")),
        }
    }

    /// Descends into an object.
    ///
    /// # Errors
    /// The next value is no object, or it is nested too deeply.
    pub fn object(&mut self) -> Result<Members, JsonError> {
        self.expect(b'{', "an object was expected")?;
        self.deeper()?;
        Ok(Members { first: true })
    }

    /// Descends into an array.
    ///
    /// # Errors
    /// The next value is no array, or it is nested too deeply.
    pub fn array(&mut self) -> Result<Elements, JsonError> {
        self.expect(b'[', "an array was expected")?;
        self.deeper()?;
        Ok(Elements { first: true })
    }

    /// Takes a string.
    ///
    /// # Errors
    /// The next value is no string, or not a valid one.
    #[inline]
    pub fn string(&mut self) -> Result<Text<'a>, JsonError> {
        if self.next_byte() != Some(b'"') {
            return Err(self.error("a string was expected"));
        }
        let start = self.position;
        let escaped = self.skip_string()?;
        let span = Span::new(start, self.position);
        Ok(Text { quoted: span.of(self.bytes), escaped, span })
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// The next value is neither.
    pub fn boolean(&mut self) -> Result<bool, JsonError> {
        match self.next_byte() {
            Some(b't') => self.word(b"true").map(|()| true),
            _ => self.word(b"false").map(|()| false),
        }
    }

    /// The bytes of a span of this document.
    #[must_use]
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// Passes over the next value, whatever it is, and says where it stands.
    ///
    /// # Errors
    /// The text is not JSON, or it is nested too deeply.
    pub fn skip(&mut self) -> Result<Span, JsonError> {
        self.next_byte();
        let start = self.position;
        let outside = self.depth;
        // One bit for each level entered here, the lowest for the innermost: set in an object.
        let mut objects: u128 = 0;
        loop {
            let opened = match self.next_byte() {
                Some(b'"') => {
                    self.skip_string()?;
                    false
                }
                Some(b'{') => {
                    self.position += 1;
                    self.deeper()?;
                    objects = (objects << 1) | 1;
                    true
                }
                Some(b'[') => {
                    self.position += 1;
                    self.deeper()?;
                    objects <<= 1;
                    true
                }
                _ => {
                    self.skip_scalar()?;
                    false
                }
            };
            if opened {
                match (self.next_byte(), objects & 1 == 1) {
                    (Some(b'}'), true) | (Some(b']'), false) => {}
                    (_, true) => {
                        self.skip_key()?;
                        continue;
                    }
                    (_, false) => continue,
                }
            }
            while self.depth > outside {
                match (self.next_byte(), objects & 1 == 1) {
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.close();
                        objects >>= 1;
                    }
                    (Some(b','), true) => {
                        self.position += 1;
                        self.skip_key()?;
                        break;
                    }
                    (Some(b','), false) => {
                        self.position += 1;
                        break;
                    }
                    (_, true) => {
                        return Err(self.error("a comma or the end of the object was expected"));
                    }
                    (_, false) => {
                        return Err(self.error("a comma or the end of the array was expected"));
                    }
                }
            }
            if self.depth == outside {
                return Ok(Span::new(start, self.position));
            }
        }
    }

    /// Ends the walk: nothing but white space may be left.
    ///
    /// # Errors
    /// Something follows the value.
    pub fn finish(&mut self) -> Result<(), JsonError> {
        match self.next_byte() {
            None => Ok(()),
            Some(_) => Err(self.error("something follows the end of the value")),
        }
    }

    fn skip_scalar(&mut self) -> Result<(), JsonError> {
        match self.kind()? {
            Kind::Number => {
                self.position = number_end(self.bytes, self.position)?;
                Ok(())
            }
            Kind::Boolean => self.boolean().map(|_| ()),
            _ => self.word(b"null"),
        }
    }

    /// Passes over a string whose opening quote is next, and says whether it holds an escape. Most
    /// strings end at the first mark.
    #[inline]
    fn skip_string(&mut self) -> Result<bool, JsonError> {
        let mark = self.marks.next(self.bytes, self.position + 1);
        if self.bytes.get(mark) == Some(&b'"') {
            self.position = mark + 1;
            return Ok(false);
        }
        self.position = string_end(self.bytes, mark, &mut self.marks)?;
        Ok(true)
    }

    #[inline]
    fn skip_key(&mut self) -> Result<(), JsonError> {
        if self.next_byte() != Some(b'"') {
            return Err(self.error("a key was expected"));
        }
        self.skip_string()?;
        self.expect(b':', "a colon was expected")
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self) -> Result<Text<'a>, JsonError> {
        if self.next_byte() != Some(b'"') {
            return Err(self.error("a key was expected"));
        }
        let key = self.string()?;
        self.expect(b':', "a colon was expected")?;
        Ok(key)
    }

    /// The next byte that is not white space, which is not taken.
    #[inline]
    fn next_byte(&mut self) -> Option<u8> {
        match self.bytes.get(self.position).copied() {
            Some(byte) if byte <= b' ' => self.byte_after_space(),
            other => other,
        }
    }

    fn byte_after_space(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.position).copied() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.position += 1,
                other => return other,
            }
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), JsonError> {
        if self.next_byte() != Some(byte) {
            return Err(self.error(message));
        }
        self.position += 1;
        Ok(())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), JsonError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.error("a value was expected"));
        }
        self.position += word.len();
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(JsonError::new(
                self.position - 1,
                "the text is nested too deeply (128 levels at most)",
            ));
        }
        self.depth += 1;
        Ok(())
    }

    /// Leaves the object or array whose closing bracket is next.
    #[inline]
    fn close(&mut self) {
        self.position += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    const fn error(&self, message: &'static str) -> JsonError {
        JsonError::new(self.position, message)
    }
}
