//! `/v1/api-keys`.

mod bulk;
mod compromised;
mod create;
mod edit;
mod export;
mod leaked;
mod list;
mod names;
mod reveal;
mod rotate;
mod switch;
