//! `/api/v1/import`

mod new_api;
mod refusals;
