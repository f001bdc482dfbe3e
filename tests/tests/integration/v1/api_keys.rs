//! `/v1/api-keys`.

mod create;
mod edit;
mod list;
mod switch;
