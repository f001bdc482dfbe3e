//! `POST /v1/chat/completions`.

mod addresses;
mod channels;
mod credentials;
mod ends;
mod failover;
mod fidelity;
mod idempotency;
mod input;
mod limits;
mod live_edits;
mod rates;
mod refusals;
mod usage_reports;
mod windows;
