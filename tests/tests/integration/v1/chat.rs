//! The chat routes of the data plane, under `/v1/chat`.

mod completions;
