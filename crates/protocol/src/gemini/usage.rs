//! Reading a `usageMetadata` object, as the Gemini API defines it ("UsageMetadata") and Vertex
//! varies it.
//!
//! - `promptTokenCount` counts the whole prompt, cached tokens included; the classes of [`Usage`] do
//!   not overlap, so `cachedContentTokenCount` is taken out of it.
//! - `toolUsePromptTokenCount` is input that the provider's own tools added, beside the prompt.
//! - `candidatesTokenCount` leaves the thoughts out: they stand beside it in `thoughtsTokenCount`.
//!   Senders that count them in say so by `totalTokenCount` = prompt + candidates.
//! - A count of 0 is left out, as protocol buffers do: `totalTokenCount` then tells it.

use domain::usage::Usage;

use crate::json::{Kind, Reader};
use crate::observe::AbsurdUsage;
use crate::observe::count::count;

/// Reads a usage object. `null`, and an object without counts, is no usage; an explicit 0 is 0.
///
/// # Errors
/// The figures cannot be true.
pub fn read_usage(bytes: &[u8]) -> Result<Option<Usage>, AbsurdUsage> {
    Ok(Counts::read(bytes)?.map(Counts::into_usage).transpose()?.flatten())
}

/// The same for embeddings, which write nothing and leave every other count than the prompt's out.
pub(super) fn read_embedding_usage(bytes: &[u8]) -> Result<Option<Usage>, AbsurdUsage> {
    let Some(mut counts) = Counts::read(bytes)? else { return Ok(None) };
    if counts.prompt.is_some() && counts.total.is_none() {
        counts.candidates = counts.candidates.or(Some(0));
    }
    counts.into_usage()
}

/// The counts as written.
#[derive(Debug, Default)]
struct Counts {
    prompt: Option<u64>,
    cached: Option<u64>,
    tool_use: Option<u64>,
    candidates: Option<u64>,
    thoughts: Option<u64>,
    total: Option<u64>,
}

impl Counts {
    fn read(bytes: &[u8]) -> Result<Option<Self>, AbsurdUsage> {
        let mut reader = Reader::without_utf8_check(bytes);
        match reader.kind()? {
            Kind::Object => {}
            Kind::Null => return Ok(None),
            _ => return Err(AbsurdUsage::NotAnObject("usageMetadata")),
        }
        let mut counts = Self::default();
        let mut members = reader.object()?;
        while let Some(key) = members.next(&mut reader)? {
            let (field, name) = match &*key.name() {
                b"promptTokenCount" | b"prompt_token_count" => {
                    (&mut counts.prompt, "promptTokenCount")
                }
                b"cachedContentTokenCount" | b"cached_content_token_count" => {
                    (&mut counts.cached, "cachedContentTokenCount")
                }
                b"toolUsePromptTokenCount" | b"tool_use_prompt_token_count" => {
                    (&mut counts.tool_use, "toolUsePromptTokenCount")
                }
                b"candidatesTokenCount" | b"candidates_token_count" => {
                    (&mut counts.candidates, "candidatesTokenCount")
                }
                b"thoughtsTokenCount" | b"thoughts_token_count" => {
                    (&mut counts.thoughts, "thoughtsTokenCount")
                }
                b"totalTokenCount" | b"total_token_count" => (&mut counts.total, "totalTokenCount"),
                _ => {
                    reader.skip()?;
                    continue;
                }
            };
            *field = count(&mut reader, name)?;
        }
        reader.finish()?;
        Ok(Some(counts))
    }

    /// No count is above 2^53, so that no sum here can overflow.
    fn into_usage(self) -> Result<Option<Usage>, AbsurdUsage> {
        let said = [self.prompt, self.tool_use, self.candidates, self.thoughts];
        if said.iter().all(Option::is_none) {
            return Ok(None);
        }
        let cached = self.cached.unwrap_or(0);
        let tool_use = self.tool_use.unwrap_or(0);
        let thoughts = self.thoughts.unwrap_or(0);
        let rest = |known: u64| self.total.and_then(|total| total.checked_sub(known));
        let (prompt, candidates) = match (self.prompt, self.candidates) {
            (Some(prompt), Some(candidates)) => (prompt, candidates),
            (Some(prompt), None) => {
                let candidates = rest(prompt + tool_use + thoughts);
                (prompt, candidates.ok_or(AbsurdUsage::Missing("candidatesTokenCount"))?)
            }
            (None, candidates) => {
                let candidates = candidates.unwrap_or(0);
                let prompt = rest(tool_use + candidates + thoughts);
                (prompt.ok_or(AbsurdUsage::Missing("promptTokenCount"))?, candidates)
            }
        };
        let uncached = prompt.checked_sub(cached).ok_or(AbsurdUsage::MoreCachedThanRead)?;
        let counted_in =
            thoughts <= candidates && self.total == Some(prompt + tool_use + candidates);
        let output = if counted_in { candidates } else { candidates + thoughts };
        Ok(Some(Usage {
            input: uncached + tool_use,
            cached_input: cached,
            cache_write: 0,
            cache_write_1h: 0,
            output,
            reasoning: thoughts,
        }))
    }
}
