//! Headers with a meaning of their own: `Idempotency-Key` and `If-Match`.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::header::IF_MATCH;
use http::request::Parts;
use utoipa::openapi::path::ParameterIn;

use crate::endpoint::{Description, Part};
use crate::problem::Problem;
use crate::state::App;

/// Under which a request that is sent twice does its work once; none if the header is missing.
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let visible = |text: &&str| {
            (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match value.to_str().ok().map(str::trim).filter(visible) {
            Some(text) => Ok(Self(Some(text.to_owned()))),
            None => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_idempotency_key",
                "An Idempotency-Key is 1 to 255 visible ASCII characters without blanks, such as a UUID.",
            )),
        }
    }
}

impl Part for IdempotencyKey {
    fn describe(description: &mut Description) {
        let text = "Sent again with the same key and body, a request is answered as the first time and does nothing.";
        description.parameter(ParameterIn::Header, "Idempotency-Key", text);
        description.problem(422, "The Idempotency-Key was used for another request.");
    }
}

/// The version that a change is meant for; none if the header is missing.
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    /// Refuses a change that is meant for another version; the version that the change must still
    /// meet when it is made, if it is meant for one.
    pub(crate) fn version(&self, version: i64) -> Result<Option<i64>, Problem> {
        self.check(version)?;
        Ok(self.0.as_ref().map(|_| version))
    }

    /// For a change that is meant for this version.
    pub(crate) fn of(version: i64) -> Self {
        Self(Some(version.to_string()))
    }

    /// Refuses a change that is meant for another version.
    pub(crate) fn check(&self, version: i64) -> Result<(), Problem> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let version = version.to_string();
        let mut tags =
            wanted.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'));
        if tags.any(|tag| tag == "*" || tag == version) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "It was changed since you read it. Read it again and repeat the change with the new etag.",
        ))
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or("?").to_owned())))
    }
}

impl Part for IfMatch {
    fn describe(description: &mut Description) {
        description.parameter(
            ParameterIn::Header,
            "If-Match",
            "The `etag` that the change is meant for.",
        );
        description.problem(412, "It was changed since it was read.");
    }
}
