//! What is wrong with a request that cannot be read, and where.

use domain::refusal::{Refusal, RefusalCode};

use crate::json::JsonError;

/// A request that cannot be read: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PeekError {
    /// The path of the field, such as `messages[2].content`; nothing where the body is not JSON.
    pub field: Option<String>,
    /// A sentence that says what is allowed.
    pub message: String,
}

impl PeekError {
    pub(super) fn at(field: &str, allowed: &str) -> Self {
        Self { field: Some(field.to_owned()), message: format!("`{field}` must be {allowed}.") }
    }

    pub(super) fn duplicate(field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            message: format!("`{field}` is given more than once."),
        }
    }

    /// The same, for a field that stands inside of `parent`.
    pub(super) fn within(self, parent: &str) -> Self {
        let Some(field) = self.field else { return self };
        let path = match field.starts_with('[') {
            true => format!("{parent}{field}"),
            false => format!("{parent}.{field}"),
        };
        Self {
            message: self.message.replacen(&format!("`{field}`"), &format!("`{path}`"), 1),
            field: Some(path),
        }
    }
}

impl From<JsonError> for PeekError {
    fn from(error: JsonError) -> Self {
        Self { field: None, message: format!("The body is not valid JSON: {error}.") }
    }
}

impl From<PeekError> for Refusal {
    fn from(error: PeekError) -> Self {
        let refusal = Self::new(RefusalCode::InvalidRequest, error.message);
        match error.field {
            Some(field) => refusal.at(field),
            None => refusal,
        }
    }
}
