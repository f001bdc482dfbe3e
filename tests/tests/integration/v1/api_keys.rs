//! `/v1/api-keys`.

mod bulk;
mod compromised;
mod create;
mod database_away;
mod edit;
mod export;
mod leaked;
mod list;
mod names;
mod reveal;
mod rotate;
mod switch;
