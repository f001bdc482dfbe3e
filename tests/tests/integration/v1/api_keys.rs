//! `/v1/api-keys`.

mod bulk;
mod create;
mod edit;
mod export;
mod list;
mod names;
mod reveal;
mod rotate;
mod switch;
