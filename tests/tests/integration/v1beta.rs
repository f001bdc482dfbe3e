//! Google's routes, under `/v1beta`, and under `/v1` where its SDK uses them.

mod models;
