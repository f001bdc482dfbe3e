//! The management routes under `/api/v1`.

mod calls;
mod channels;
mod groups;
mod management_keys;
mod prices;
mod routes;
mod users;
