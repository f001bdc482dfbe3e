//! How much a request lets the model think, under the names that vendors give it: `thinking_budget`
//! (Qwen), `thinking.budget_tokens` (Anthropic's form), `reasoning.max_tokens` (OpenRouter),
//! `thinkingConfig.thinkingBudget` (Gemini).

use super::PeekError;
use super::field::{Known, integer_of, integer_or_null, members_if_any};
use crate::json::Reader;

const LARGEST_BUDGET: u64 = 1 << 31;

/// A budget that is the value itself.
pub(super) fn read_budget(reader: &mut Reader<'_>, name: &str) -> Result<Option<u64>, PeekError> {
    Ok(integer_or_null(reader, name, 0..=LARGEST_BUDGET)?.value)
}

/// A budget that is a member of the value, if that is an object and has one.
pub(super) fn read_budget_in(
    reader: &mut Reader<'_>,
    name: &str,
    member: &'static [&'static str; 1],
) -> Result<Option<u64>, PeekError> {
    let mut budget = None;
    members_if_any(reader, name, Known::new(member), |reader, found| {
        budget = read_budget(reader, found)?;
        Ok(())
    })?;
    Ok(budget)
}

/// A budget that is the value itself, where -1 leaves it to the model.
pub(super) fn read_budget_or_dynamic(
    reader: &mut Reader<'_>,
    name: &str,
) -> Result<Option<u64>, PeekError> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    match reader.bytes(span) {
        b"-1" => Ok(None),
        bytes => integer_of(kind, bytes, name, 0..=LARGEST_BUDGET),
    }
}

#[cfg(test)]
mod tests {
    use crate::peek::{Peek, Shape};

    fn budget(member: &str) -> Option<u64> {
        let body = format!(r#"{{"model":"m","messages":[{{}}],{member}}}"#);
        Peek::read(body.as_bytes(), Shape::Chat).unwrap().thinking_budget
    }

    #[test]
    fn every_vendors_name_is_read() {
        assert_eq!(budget(r#""thinking_budget":7"#), Some(7));
        assert_eq!(budget(r#""thinking":{"type":"enabled","budget_tokens":8}"#), Some(8));
        assert_eq!(budget(r#""reasoning":{"effort":"high","max_tokens":9}"#), Some(9));
        assert_eq!(budget(r#""reasoning":{"effort":"high"},"thinking":true"#), None);
        assert_eq!(budget(r#""thinking_budget":7,"reasoning":{"max_tokens":9}"#), Some(9));
    }

    #[test]
    fn a_budget_that_is_no_count_is_refused() {
        for member in [
            r#""thinking_budget":-1"#,
            r#""thinking":{"budget_tokens":"8"}"#,
            r#""reasoning":{"max_tokens":1,"max_tokens":2}"#,
        ] {
            let body = format!(r#"{{"model":"m","messages":[{{}}],{member}}}"#);
            assert!(Peek::read(body.as_bytes(), Shape::Chat).is_err(), "{member}");
        }
    }
}
