//! The pieces of a response that an answer is made of, borrowed from its bytes.

use std::borrow::Cow;

use crate::json::walk::{members, string};
use crate::json::{JsonError, Kind, Reader, Text};

/// The most bytes that the ids of calls take over from the answer's id.
const LONGEST_STEM: usize = 40;

/// What stands at the top of a response beside its candidates.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    bytes: &'a [u8],
    pub(super) id: Option<Text<'a>>,
    pub(super) model: Option<Text<'a>>,
}

impl<'a> Head<'a> {
    /// The head of a response, or of the first one in an array.
    pub(super) fn of_first(whole: &'a [u8]) -> Result<Self, JsonError> {
        let mut reader = Reader::without_utf8_check(whole);
        let mut bytes = whole;
        if reader.kind()? == Kind::Array {
            let mut elements = reader.array()?;
            if elements.next(&mut reader)? {
                let span = reader.skip()?;
                bytes = reader.bytes(span);
            }
        }
        Self::read(bytes)
    }

    /// What the ids of the answer's calls start with: its own id, or else a number made of its first
    /// response, so that no two answers of a conversation name their calls alike.
    pub(super) fn stem(&self) -> String {
        let Some(id) = &self.id else {
            return format!("{:016x}", fingerprint(self.bytes));
        };
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        decoded(id).chars().filter(allowed).take(LONGEST_STEM).collect()
    }

    fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let mut head = Self { bytes, ..Self::default() };
        members(&mut Reader::without_utf8_check(bytes), |reader, key| {
            match key {
                b"responseId" | b"response_id" => head.id = string(reader)?,
                b"modelVersion" | b"model_version" => head.model = string(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(head)
    }
}

/// One part of a candidate.
#[derive(Debug, Default)]
pub(super) struct Piece<'a> {
    pub(super) text: Option<Text<'a>>,
    pub(super) thought: bool,
    pub(super) signature: Option<Text<'a>>,
    pub(super) call: Option<Call<'a>>,
}

/// A call that the model makes.
#[derive(Debug, Default)]
pub(super) struct Call<'a> {
    pub(super) id: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) arguments: Option<&'a [u8]>,
}

impl<'a> Piece<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, JsonError> {
        let mut piece = Self::default();
        members(reader, |reader, key| {
            match key {
                b"text" => piece.text = string(reader)?,
                b"thought" if reader.kind()? == Kind::Boolean => {
                    piece.thought = reader.boolean()?;
                }
                b"thoughtSignature" | b"thought_signature" => {
                    piece.signature = string(reader)?.filter(|text| !text.raw().is_empty());
                }
                b"functionCall" | b"function_call" if reader.kind()? == Kind::Object => {
                    piece.call = Some(Call::read(reader)?);
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(piece)
    }
}

impl<'a> Call<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, JsonError> {
        let mut call = Self::default();
        members(reader, |reader, key| {
            match key {
                b"id" => call.id = string(reader)?.filter(|text| !text.raw().is_empty()),
                b"name" => call.name = string(reader)?,
                b"args" if reader.kind()? == Kind::Object => {
                    let span = reader.skip()?;
                    call.arguments = Some(reader.bytes(span));
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(call)
    }

    /// The arguments as the text of a JSON object, without the white space that Google puts between
    /// their tokens.
    pub(super) fn arguments(&self) -> String {
        let bytes = self.arguments.unwrap_or(b"{}");
        if memchr::memchr2(b'\n', b' ', bytes).is_none() {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let mut kept = Vec::with_capacity(bytes.len());
        let mut in_string = false;
        let mut escaped = false;
        for byte in bytes {
            if in_string {
                in_string = escaped || *byte != b'"';
                escaped = !escaped && *byte == b'\\';
            } else if byte.is_ascii_whitespace() {
                continue;
            } else {
                in_string = *byte == b'"';
            }
            kept.push(*byte);
        }
        String::from_utf8_lossy(&kept).into_owned()
    }
}

/// A text with its escapes resolved; where half a character stands in it, as well as can be.
pub(super) fn decoded<'a>(text: &Text<'a>) -> Cow<'a, str> {
    text.decode().unwrap_or_else(|_| String::from_utf8_lossy(text.raw()))
}

/// A number made of bytes, always the same for the same (FNV-1a).
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn arguments_lose_white_space_between_tokens_only() {
        let arguments =
            |bytes: &'static [u8]| Call { arguments: Some(bytes), ..Call::default() }.arguments();
        assert_eq!(arguments(b"{\n  \"a b\": [1, 2]\n}"), r#"{"a b":[1,2]}"#);
        assert_eq!(arguments(br#"{ "a": "\" x \\", "b": " }" }"#), r#"{"a":"\" x \\","b":" }"}"#);
        assert_eq!(Call::default().arguments(), "{}");
    }
}
