//! What goes out: JSON with a status, and the types that amounts and times have in it.

use axum::response::{IntoResponse, Response};
use domain::money::Nanos;
use domain::time::UnixMillis;
use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue};
use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::Problem;

/// A successful answer.
pub(crate) struct Answer<T> {
    status: StatusCode,
    body: T,
    version: Option<i64>,
}

impl<T: Serialize> Answer<T> {
    /// 200.
    pub(crate) const fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, body, version: None }
    }

    /// 201.
    pub(crate) const fn created(body: T) -> Self {
        Self { status: StatusCode::CREATED, body, version: None }
    }

    /// The same with the version as its `ETag`.
    pub(crate) const fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let bytes = match serde_json::to_vec(&self.body) {
            Ok(bytes) => bytes,
            Err(error) => return Problem::internal(error).into_response(),
        };
        let mut response = (self.status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let tag =
            self.version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok());
        if let Some(tag) = tag {
            headers.insert(ETAG, tag);
        }
        response
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The things of this page.
    pub(crate) data: Vec<T>,
    /// Asks for the next page as `cursor`; null on the last one.
    pub(crate) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A list that is not paged.
    pub(crate) const fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }
}

/// Cuts what was read with one more than the page holds; the cursor is the last row's that stays.
pub(crate) fn cut<T>(
    rows: &mut Vec<T>,
    limit: u32,
    cursor: impl Fn(&T) -> String,
) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(cursor)
}

/// An amount of USD, exact to a billionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Usd(pub(crate) Nanos);

impl PartialSchema for Usd {
    fn schema() -> RefOr<Schema> {
        let text = "USD, exact to a billionth. Read it as a decimal, not as a binary floating-point number.";
        ObjectBuilder::new().schema_type(Type::Number).description(Some(text)).into()
    }
}

impl ToSchema for Usd {}

/// An amount of USD in a request: a decimal number, or a text of one.
pub(crate) enum UsdInput {}

impl PartialSchema for UsdInput {
    fn schema() -> RefOr<Schema> {
        let text =
            "USD: a decimal number, or a text of one, with at most 9 digits after the point.";
        let number = ObjectBuilder::new().schema_type(Type::Number);
        let string =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\d+(\.\d{1,9})?$"));
        OneOfBuilder::new().item(number).item(string).description(Some(text)).into()
    }
}

impl ToSchema for UsdInput {}

/// A point in time, as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) UnixMillis);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .description(Some("RFC 3339 in UTC, such as 2026-12-31T23:59:59Z."))
            .into()
    }
}

impl ToSchema for Moment {}

/// Something that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {
    /// What it was called by.
    pub(crate) id: String,
    /// Always true.
    pub(crate) deleted: bool,
}

impl Deleted {
    /// The answer to a deletion.
    pub(crate) fn of(id: impl ToString) -> Self {
        Self { id: id.to_string(), deleted: true }
    }
}
