//! `PUT /api/v1/groups/{name}`

use domain::bill::Multiplier;
use domain::money::{parse_scaled, unquote};
use protocol::json::Kind;
use store::StoreError;
use utoipa::ToSchema;

use super::view::{Factor, GroupView};
use crate::access::{GroupsWrite, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Fields, Invalid, Name, ReadBody, Value};
use crate::wrong::Wrong;

/// What a group is.
#[derive(ToSchema)]
pub(crate) struct SetGroup {
    /// The factor on prices: 0 to 1000 with at most 6 digits after the point, as a number or a text.
    #[schema(value_type = Factor)]
    multiplier: Multiplier,
}

impl ReadBody for SetGroup {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let multiplier = fields.required("multiplier", multiplier);
        Some(Self { multiplier: multiplier? })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::put("/api/v1/groups/{name}", handle)
        .about(
            "Groups",
            "Make or edit a group",
            "The new factor holds for calls that are admitted from now on.",
        )
        .answers::<GroupView>(200, "The group.")
        .fails(409, "It was made at the same time.")
}

async fn handle(
    access: Operator<GroupsWrite>,
    Name(name): Name,
    body: Body<SetGroup>,
) -> Result<Answer<GroupView>, Problem> {
    check_name(&name)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_group(&name).await?;
    let group = transaction.set_group(&name, body.value.multiplier, access.now()).await?;
    // Whoever else made it a moment ago could not be waited for.
    if group.version != before.as_ref().map_or(0, |before| before.version) + 1 {
        return Err(StoreError::Stale.into());
    }
    access.app.record(&mut transaction, before.as_ref(), Some(&group))?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    let version = group.version;
    Ok(Answer::ok(GroupView::from(group)).version(version))
}

pub(crate) fn check_name(name: &str) -> Result<(), Problem> {
    if name == super::AUTO {
        return Err(Problem::field("name", Wrong::GroupAuto));
    }
    if name.chars().count() > 64 || name.trim() != name || name.contains([',', '"', '\\', '/']) {
        let message = Wrong::GroupName;
        return Err(Problem::field("name", message));
    }
    Ok(())
}

fn multiplier(value: Value<'_>) -> Result<Multiplier, Invalid> {
    let is_number = matches!(value.kind, Kind::Number | Kind::String);
    let parts = is_number.then(|| parse_scaled(unquote(value.raw), 6).ok()).flatten();
    parts
        .and_then(Multiplier::from_parts_per_million)
        .ok_or_else(|| Invalid::new(Wrong::Multiplier))
}
