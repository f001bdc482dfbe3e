//! `/v1beta/models`: the list, one model, and everything that is asked of one.

mod count_tokens;
mod embed;
mod generate;
mod list;
