//! `/v1/messages` and what belongs to it.

mod count_tokens;
