//! Reading a usage object, as OpenAI defines it and as vendors vary it.
//!
//! - `prompt_tokens` counts all input, cached tokens and cache writes included (OpenAI, "Prompt
//!   caching"); the classes of [`Usage`] do not overlap, so these are taken out of it.
//! - Cached input is `prompt_tokens_details.cached_tokens`, else DeepSeek's
//!   `prompt_cache_hit_tokens`, else Moonshot's `cached_tokens`.
//! - `completion_tokens` includes reasoning at OpenAI. xAI counts reasoning beside it and says so
//!   by `total_tokens` = prompt + completion + reasoning: there it is added.

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
    let counts = Counts::read(&mut reader)?;
    reader.finish()?;
    match counts {
        Some(counts) => counts.into_usage(),
        None => Ok(None),
    }
}

/// The counts as written.
#[derive(Debug, Default)]
struct Counts {
    prompt: Option<u64>,
    completion: Option<u64>,
    total: Option<u64>,
    cached: Option<u64>,
    cached_elsewhere: Option<u64>,
    written: Option<u64>,
    reasoning: Option<u64>,
    reasoning_elsewhere: Option<u64>,
}

impl Counts {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, AbsurdUsage> {
        let mut counts = Self::default();
        let given = members(reader, "usage", |reader, key| {
            match key {
                b"prompt_tokens" => counts.prompt = count(reader, "prompt_tokens")?,
                b"completion_tokens" => counts.completion = count(reader, "completion_tokens")?,
                b"total_tokens" => counts.total = count(reader, "total_tokens")?,
                b"prompt_tokens_details" => counts.read_prompt_details(reader)?,
                b"completion_tokens_details" => counts.read_completion_details(reader)?,
                b"prompt_cache_hit_tokens" => {
                    counts.cached_elsewhere = count(reader, "prompt_cache_hit_tokens")?;
                }
                b"cached_tokens" => {
                    counts.cached_elsewhere =
                        count(reader, "cached_tokens")?.or(counts.cached_elsewhere);
                }
                b"reasoning_tokens" => {
                    counts.reasoning_elsewhere = count(reader, "reasoning_tokens")?;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(given.then_some(counts))
    }

    fn read_prompt_details(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "prompt_tokens_details", |reader, key| {
            match key {
                b"cached_tokens" => self.cached = count(reader, "cached_tokens")?,
                b"cache_creation_tokens" => {
                    self.written = count(reader, "cache_creation_tokens")?.or(self.written);
                }
                b"cache_write_tokens" => {
                    self.written = count(reader, "cache_write_tokens")?.or(self.written);
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn read_completion_details(&mut self, reader: &mut Reader<'_>) -> Result<(), AbsurdUsage> {
        members(reader, "completion_tokens_details", |reader, key| {
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
        let (prompt, completion) = match (self.prompt, self.completion, self.total) {
            (None, None, _) => return Ok(None),
            (Some(prompt), Some(completion), _) => (prompt, completion),
            (Some(prompt), None, Some(total)) if total >= prompt => (prompt, total - prompt),
            (None, Some(completion), Some(total)) if total >= completion => {
                (total - completion, completion)
            }
            (Some(_), None, _) => return Err(AbsurdUsage::Missing("completion_tokens")),
            (None, Some(_), _) => return Err(AbsurdUsage::Missing("prompt_tokens")),
        };
        let cached = self.cached.or(self.cached_elsewhere).unwrap_or(0);
        let written = self.written.unwrap_or(0);
        // No count is above 2^53, so that no sum here can overflow.
        let input = prompt.checked_sub(cached + written).ok_or(AbsurdUsage::MoreCachedThanRead)?;
        let reasoning = self.reasoning.or(self.reasoning_elsewhere).unwrap_or(0);
        let beside = match self.total {
            Some(total) => reasoning > 0 && total == prompt + completion + reasoning,
            None => reasoning > completion,
        };
        let output = if beside { completion + reasoning } else { completion };
        Ok(Some(Usage {
            input,
            cached_input: cached,
            cache_write: written,
            cache_write_1h: 0,
            output,
            reasoning: reasoning.min(output),
        }))
    }
}
