//! The one place where a failure becomes an answer: problem JSON (RFC 9457).

use axum::response::{IntoResponse, Response};
use domain::reason::Reason;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use serde::Serialize;
use std::collections::BTreeMap;
use store::StoreError;
use utoipa::ToSchema;

use crate::wrong::Wrong;

/// A failure, ready to be answered.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    values: BTreeMap<&'static str, String>,
    /// Seconds after which it is worth trying again.
    retry_after: Option<i64>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field's path, such as `daily_limit.amount` or `ip_allowlist[1]`.
    pub(crate) field: String,
    /// What kind of mistake it is: `invalid`, `required`, `unknown`, `duplicate`.
    #[schema(value_type = String)]
    pub(crate) code: &'static str,
    /// A sentence that says what is allowed.
    pub(crate) message: String,
    /// The sentence's name, for programs: it does not change while the sentence may.
    #[schema(value_type = String)]
    pub(crate) reason: &'static str,
    /// What the sentence names, such as `least` and `most`.
    #[schema(value_type = BTreeMap<String, String>)]
    pub(crate) values: BTreeMap<&'static str, String>,
}

impl FieldError {
    /// A field that is wrong in this way.
    pub(crate) fn new(field: impl Into<String>, code: &'static str, wrong: &Wrong) -> Self {
        Self {
            field: field.into(),
            code,
            message: wrong.to_string(),
            reason: wrong.code(),
            values: wrong.values(),
        }
    }

    /// A field that is missing.
    pub(crate) fn required(field: impl Into<String>) -> Self {
        Self::new(field, "required", &Wrong::Required)
    }
}

/// A failure, as `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: the code tells the kinds apart.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// The status in words.
    #[schema(value_type = String)]
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// A sentence that says what to do.
    #[schema(value_type = String)]
    detail: &'a str,
    /// The stable code of the failure.
    #[schema(value_type = String)]
    code: &'static str,
    /// The fields that are wrong, where some are.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(value_type = Option<Vec<FieldError>>)]
    errors: &'a [FieldError],
    /// What the sentence names, where it names something.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    values: &'a BTreeMap<&'static str, String>,
}

impl Problem {
    /// A failure with its stable code and its sentence.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (errors, values) = (Vec::new(), BTreeMap::new());
        Self { status, code, detail: detail.into(), errors, values, retry_after: None }
    }

    /// With something that the sentence names, for programs that say it in another language.
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.insert(name, value.to_string());
        self
    }

    /// 401: the credential is missing or does not work.
    pub(crate) fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403: the credential works, but not for this.
    pub(crate) fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: there is no such thing, or it is another's.
    pub(crate) fn not_found() -> Self {
        let detail = "There is nothing of this id here, or it is not yours.";
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 429: after too many failures, further tries wait.
    pub(crate) fn too_many(seconds: i64) -> Self {
        let detail = format!("Too many attempts failed. Try again in {seconds} seconds.");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail);
        Self { retry_after: Some(seconds), ..problem }
    }

    /// 409: the state of things forbids it.
    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 422: fields are wrong, all of them at once.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let names: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        let detail =
            format!("Correct these fields and send the request again: {}.", names.join(", "));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { errors, ..Self::new(status, "invalid_fields", detail) }
    }

    /// 422: one field is wrong.
    pub(crate) fn field(field: impl Into<String>, wrong: impl Into<Wrong>) -> Self {
        Self::fields(vec![FieldError::new(field, "invalid", &wrong.into())])
    }

    /// The wrong fields, where that is all that is wrong.
    pub(crate) fn into_fields(self) -> Result<Vec<FieldError>, Self> {
        if self.errors.is_empty() { Err(self) } else { Ok(self.errors) }
    }

    /// 500: a fault of ours; the reason goes to the log alone.
    pub(crate) fn internal(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "a management request failed");
        let detail = "The request failed through a fault of this deployment. Its log says more.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Conflict(what) => Self::conflict(
                "already_exists",
                format!("{} exists already. Choose another one.", capital(&what)),
            ),
            StoreError::Stale => Self::conflict(
                "changed_meanwhile",
                "It was changed by someone else at the same time. Read it again and repeat the change.",
            ),
            StoreError::AllowanceReached(allowance) => Self::conflict(
                "key_limit_reached",
                format!(
                    "The owner's tier allows {allowance} keys that are neither revoked nor deleted. Revoke or delete some, or raise the owner's tier."
                ),
            )
            .with("allowance", allowance),
            StoreError::LastOwner => Self::conflict(
                "last_owner",
                "This is the deployment's only owner. Make another owner first.",
            ),
            StoreError::AmountRefused(why) => Self::field("amount", why),
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "the database is unavailable");
                let detail = "The database does not answer at present. Try again in a moment.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", detail)
            }
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
            values: &self.values,
        };
        // Texts and numbers always serialise.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(http::header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
