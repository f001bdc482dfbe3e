//! What comes in: bodies, queries, paths and headers, each read by a type that lists exactly what
//! it takes and answers with every mistake at once.

pub(crate) mod body;
pub(crate) mod fields;
pub(crate) mod header;
pub(crate) mod path;
pub(crate) mod query;
pub(crate) mod upload;
pub(crate) mod value;

pub(crate) use body::{Body, ReadBody};
pub(crate) use fields::Fields;
pub(crate) use header::{IdempotencyKey, IfMatch};
pub(crate) use path::{Id, Name};
pub(crate) use query::{Page, Parameters, Query, ReadQuery};
pub(crate) use value::{Invalid, Value};
