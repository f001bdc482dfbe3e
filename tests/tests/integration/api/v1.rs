//! The management routes under `/api/v1`.

mod calls;
mod channel_proxy;
mod channel_test;
mod channels;
mod groups;
mod management_keys;
mod price_import;
mod prices;
mod routes;
mod users;
