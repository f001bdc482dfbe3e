//! Templates for keys: fields under a name, a user's own and a few that everybody has.

mod built_in;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod view;

use domain::bill::BillingMethod;
use domain::id::UserId;
use domain::time::UnixMillis;
use store::key_template::KeyTemplate;
use store::{Database, StoreError};
use utoipa::ToSchema;

use super::making::ends_after;
use super::terms::KeyTerms;
use crate::problem::Problem;
use crate::request::body::read;
use crate::request::value::{choice, integer};
use crate::request::{Fields, Invalid, ReadBody};
use crate::wrong::Wrong;

/// Ten years.
const LONGEST_LIFE: i64 = 3_650 * 86_400;

/// The fields of keys that are made after a template.
#[derive(ToSchema)]
pub(crate) struct TemplateFields {
    /// `usage_based`, `pay_per_use` or `by_model`.
    #[schema(value_type = Option<String>)]
    pub(super) billing_method: Option<BillingMethod>,
    /// How long such a key lives, in seconds; not together with `expires_at`.
    expires_in_seconds: Option<i64>,
    #[serde(flatten)]
    pub(super) terms: KeyTerms,
    /// The fields as they were sent.
    #[schema(ignore)]
    text: String,
}

impl ReadBody for TemplateFields {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let methods = "usage_based, pay_per_use, by_model";
        let read = Self {
            billing_method: fields
                .take("billing_method", choice(BillingMethod::from_name, methods)),
            expires_in_seconds: fields.take("expires_in_seconds", integer(1..=LONGEST_LIFE)),
            terms: KeyTerms::take(fields),
            text: fields.to_json(),
        };
        if read.expires_in_seconds.is_some() && read.terms.sets_expiry() {
            let message = Wrong::EndTwice;
            fields.refuse("expires_in_seconds", Invalid::new(message));
        }
        Some(read)
    }
}

impl TemplateFields {
    /// When a key ends that is made now, by how long it lives.
    pub(super) fn expires_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        self.expires_in_seconds.map(|seconds| ends_after(now, seconds))
    }
}

/// A template as it was found.
pub(crate) enum Found {
    BuiltIn { name: &'static str, body: &'static str },
    Own(KeyTemplate),
}

impl Found {
    /// What it says.
    pub(super) fn fields(&self) -> Result<TemplateFields, Problem> {
        match self {
            Self::BuiltIn { body, .. } => read(body.as_bytes()),
            Self::Own(template) => read(template.body.as_bytes()),
        }
    }
}

/// A user's template of a name, or the one that everybody has.
pub(super) async fn find(
    database: &Database,
    user: UserId,
    name: &str,
) -> Result<Option<Found>, StoreError> {
    match database.key_template(user, name).await {
        Ok(own) => Ok(Some(Found::Own(own))),
        Err(StoreError::NotFound) => Ok(built_in::all()
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(name, body)| Found::BuiltIn { name, body })),
        Err(error) => Err(error),
    }
}
