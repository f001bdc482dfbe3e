//! The management routes under `/api/v1`.

mod alerts;
mod audit;
mod backup;
mod calls;
mod channel_proxy;
mod channel_test;
mod channels;
mod exports;
mod findings;
mod groups;
mod import;
mod management_keys;
mod price_import;
mod prices;
mod refunds;
mod routes;
pub(crate) mod sessions;
mod users;
