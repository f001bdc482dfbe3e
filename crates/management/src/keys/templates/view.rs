//! A template as answers show it.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Found;
use crate::problem::Problem;

/// A template for keys.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyTemplate)]
pub(crate) struct TemplateView {
    /// What `template` names it by when a key is made.
    pub(super) name: String,
    /// Whether it is one that everybody has.
    pub(super) built_in: bool,
    /// The fields, as they were sent.
    #[schema(value_type = Object)]
    fields: Box<RawValue>,
    /// The version, for `If-Match`; null for one that is built in.
    etag: Option<String>,
}

impl TemplateView {
    /// A template as it was found.
    pub(crate) fn of(found: Found) -> Result<Self, Problem> {
        let raw = |text: String| RawValue::from_string(text).map_err(Problem::internal);
        Ok(match found {
            Found::BuiltIn { name, body } => Self {
                name: name.to_owned(),
                built_in: true,
                fields: raw(body.to_owned())?,
                etag: None,
            },
            Found::Own(template) => Self {
                name: template.name,
                built_in: false,
                fields: raw(template.body)?,
                etag: Some(template.version.to_string()),
            },
        })
    }
}
