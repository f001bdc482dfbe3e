//! What a key is called: a name, or the parts of one after the pattern
//! `[env]-[project]-[purpose]-[date]`.

use domain::time::UnixMillis;
use jiff::tz::TimeZone;
use utoipa::ToSchema;

use crate::request::value::text;
use crate::request::{Fields, Invalid, Value};
use crate::wrong::Wrong;

/// The parts of a name such as `prod-webapp-api-2026-11`; the month is put behind them.
#[derive(Debug, Clone, ToSchema)]
pub(crate) struct NameParts {
    /// The environment, such as `prod`: 1–30 letters, digits, dots, underscores and dashes.
    env: String,
    /// The project, in the same characters.
    project: String,
    /// What the key is for there, in the same characters.
    purpose: String,
}

impl NameParts {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let env = fields.required("env", part);
        let project = fields.required("project", part);
        let purpose = fields.required("purpose", part);
        Some(Self { env: env?, project: project?, purpose: purpose? })
    }
}

/// A name as it was sent.
#[derive(Debug, Clone)]
pub(super) enum GivenName {
    Whole(String),
    Parts(NameParts),
}

impl GivenName {
    /// Takes `name` or `name_parts`: one of the two must be there.
    pub(super) fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let parts = fields.nested("name_parts", NameParts::read);
        if !fields.has("name_parts") {
            return fields.required("name", text(1..=100)).map(Self::Whole);
        }
        if fields.take("name", text(1..=100)).is_some() {
            fields.refuse("name_parts", Invalid::new(Wrong::NameOrParts));
        }
        parts.map(Self::Parts)
    }

    /// The whole name of a key that is made at this time.
    pub(super) fn whole(self, now: UnixMillis, zone: &TimeZone) -> String {
        match self {
            Self::Whole(name) => name,
            Self::Parts(NameParts { env, project, purpose }) => {
                let month = now.to_timestamp().to_zoned(zone.clone()).strftime("%Y-%m").to_string();
                format!("{env}-{project}-{purpose}-{month}")
            }
        }
    }
}

fn part(value: Value<'_>) -> Result<String, Invalid> {
    let part = text(1..=30)(value)?;
    if part.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        return Ok(part);
    }
    Err(Invalid::new(Wrong::NamePart))
}
