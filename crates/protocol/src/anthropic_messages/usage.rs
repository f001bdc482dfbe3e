//! Usage objects: read as Anthropic defines them, and written.
//!
//! - `input_tokens` leaves out what was read from and written to a prompt cache (Anthropic, "Prompt
//!   caching", tracking performance); the classes of [`Usage`] do not overlap either.
//! - `cache_creation_input_tokens` counts all cache writes, `cache_creation` splits them by how
//!   long they live. Where the two disagree, the total rules.
//! - `output_tokens` includes thoughts; `output_tokens_details.thinking_tokens` says how many.

use domain::usage::Usage;
use serde_json::{Value, json};

use crate::json::Reader;
use crate::observe::AbsurdUsage;
use crate::observe::count::{count, members};

/// Reads a usage object. `null`, and an object without counts, is no usage; an explicit 0 is 0.
///
/// # Errors
/// The figures cannot be true.
pub fn read_usage(bytes: &[u8]) -> Result<Option<Usage>, AbsurdUsage> {
    Counts::read(bytes)?.into_usage()
}

/// The counts as written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    input: Option<u64>,
    cached: Option<u64>,
    written: Option<u64>,
    written_5m: Option<u64>,
    written_1h: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
}

impl Counts {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, AbsurdUsage> {
        let mut counts = Self::default();
        let mut reader = Reader::without_utf8_check(bytes);
        members(&mut reader, "usage", |reader, key| {
            match key {
                b"input_tokens" => counts.input = count(reader, "input_tokens")?,
                b"output_tokens" => counts.output = count(reader, "output_tokens")?,
                b"cache_read_input_tokens" => {
                    counts.cached = count(reader, "cache_read_input_tokens")?;
                }
                b"cache_creation_input_tokens" => {
                    counts.written = count(reader, "cache_creation_input_tokens")?;
                }
                b"cache_creation" => counts.read_writes(reader)?,
                b"output_tokens_details" => counts.read_output_details(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        reader.finish()?;
        Ok(counts)
    }

    fn read_writes(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "cache_creation", |reader, key| {
            match key {
                b"ephemeral_5m_input_tokens" => {
                    self.written_5m = count(reader, "ephemeral_5m_input_tokens")?;
                }
                b"ephemeral_1h_input_tokens" => {
                    self.written_1h = count(reader, "ephemeral_1h_input_tokens")?;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })
        .map(|_| ())
    }

    fn read_output_details(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "output_tokens_details", |reader, key| {
            if key == b"thinking_tokens" {
                self.thinking = count(reader, "thinking_tokens")?;
            } else {
                reader.skip()?;
            }
            Ok(())
        })
        .map(|_| ())
    }

    /// Takes what a later report says over; what it does not say stays.
    pub(super) fn merge(&mut self, later: Self) {
        self.input = later.input.or(self.input);
        self.cached = later.cached.or(self.cached);
        self.written = later.written.or(self.written);
        self.written_5m = later.written_5m.or(self.written_5m);
        self.written_1h = later.written_1h.or(self.written_1h);
        self.output = later.output.or(self.output);
        self.thinking = later.thinking.or(self.thinking);
    }

    pub(super) fn into_usage(self) -> Result<Option<Usage>, AbsurdUsage> {
        let (input, output) = match (self.input, self.output) {
            (None, None) => return Ok(None),
            (Some(input), Some(output)) => (input, output),
            (Some(_), None) => return Err(AbsurdUsage::Missing("output_tokens")),
            (None, Some(_)) => return Err(AbsurdUsage::Missing("input_tokens")),
        };
        let for_an_hour = self.written_1h.unwrap_or(0);
        // No count is above 2^53, so that no sum here can overflow.
        let written = self.written.unwrap_or(self.written_5m.unwrap_or(0) + for_an_hour);
        let cache_write_1h = for_an_hour.min(written);
        Ok(Some(Usage {
            input,
            cached_input: self.cached.unwrap_or(0),
            cache_write: written - cache_write_1h,
            cache_write_1h,
            output,
            reasoning: self.thinking.unwrap_or(0).min(output),
        }))
    }
}

/// A usage object in Anthropic's shape.
pub(super) fn usage_object(usage: &Usage) -> Value {
    let mut object = json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cached_input,
        "output_tokens": usage.output,
    });
    if let Value::Object(fields) = &mut object {
        if usage.cache_write_1h > 0 {
            let writes = json!({
                "ephemeral_5m_input_tokens": usage.cache_write,
                "ephemeral_1h_input_tokens": usage.cache_write_1h,
            });
            fields.insert("cache_creation".to_owned(), writes);
        }
        if usage.reasoning > 0 {
            let details = json!({ "thinking_tokens": usage.reasoning });
            fields.insert("output_tokens_details".to_owned(), details);
        }
    }
    object
}
