//! A submitted form, or a query: names and texts.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;

/// No form is larger.
const LARGEST: usize = 256 * 1024;

/// What was typed in. It may hold secrets, so it cannot be printed.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// From a query.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Of one input.
    pub(crate) fn with(name: &str, value: &str) -> Self {
        Self(vec![(name.to_owned(), value.to_owned())])
    }

    /// The first value of an input, without blanks at its ends.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The same, owned; `None` if it is empty.
    pub(crate) fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = StatusCode;

    async fn from_request(request: Request, _: &S) -> Result<Self, StatusCode> {
        let body = to_bytes(request.into_body(), LARGEST).await;
        body.map(|body| Self::of(&body)).map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
    }
}
