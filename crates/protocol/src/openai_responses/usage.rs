//! Reading a usage object, as OpenAI's Responses API defines it.
//!
//! - `input_tokens` counts all input, cached tokens and cache writes included; the classes of
//!   [`Usage`] do not overlap, so these are taken out of it.
//! - `output_tokens` includes reasoning.

use domain::usage::Usage;

use crate::json::Reader;
use crate::observe::AbsurdUsage;
use crate::observe::count::{count, members};

/// Reads a usage object. `null`, and an object without counts, is no usage; an explicit 0 is 0.
///
/// # Errors
/// The figures cannot be true.
pub fn read_usage(bytes: &[u8]) -> Result<Option<Usage>, AbsurdUsage> {
    let mut reader = Reader::without_utf8_check(bytes);
    let mut counts = Counts::default();
    counts.read(&mut reader)?;
    reader.finish()?;
    counts.into_usage()
}

/// The counts as written.
#[derive(Debug, Default)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    total: Option<u64>,
    cached: Option<u64>,
    written: Option<u64>,
    reasoning: Option<u64>,
}

impl Counts {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "usage", |reader, key| {
            match key {
                b"input_tokens" => self.input = count(reader, "input_tokens")?,
                b"output_tokens" => self.output = count(reader, "output_tokens")?,
                b"total_tokens" => self.total = count(reader, "total_tokens")?,
                b"input_tokens_details" => self.read_input_details(reader)?,
                b"output_tokens_details" => self.read_output_details(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn read_input_details(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "input_tokens_details", |reader, key| {
            match key {
                b"cached_tokens" => self.cached = count(reader, "cached_tokens")?,
                b"cache_write_tokens" => self.written = count(reader, "cache_write_tokens")?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn read_output_details(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "output_tokens_details", |reader, key| {
            match key {
                b"reasoning_tokens" => self.reasoning = count(reader, "reasoning_tokens")?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn into_usage(self) -> Result<Option<Usage>, AbsurdUsage> {
        let (input, output) = match (self.input, self.output, self.total) {
            (None, None, _) => return Ok(None),
            (Some(input), Some(output), _) => (input, output),
            (Some(input), None, Some(total)) if total >= input => (input, total - input),
            (None, Some(output), Some(total)) if total >= output => (total - output, output),
            (Some(_), None, _) => return Err(AbsurdUsage::Missing("output_tokens")),
            (None, Some(_), _) => return Err(AbsurdUsage::Missing("input_tokens")),
        };
        let cached_input = self.cached.unwrap_or(0);
        let cache_write = self.written.unwrap_or(0);
        // No count is above 2^53, so that this sum cannot overflow.
        let input =
            input.checked_sub(cached_input + cache_write).ok_or(AbsurdUsage::MoreCachedThanRead)?;
        Ok(Some(Usage {
            input,
            cached_input,
            cache_write,
            cache_write_1h: 0,
            output,
            reasoning: self.reasoning.unwrap_or(0).min(output),
        }))
    }
}
