//! `POST /api/v1/users/{id}/reset`

use domain::id::UserId;
use serde::Serialize;
use store::user_link::LinkPurpose;
use utoipa::ToSchema;

use super::link::OneTimeLink;
use crate::access::{Operator, UsersWrite};
use crate::answer::{Answer, Moment};
use crate::audit::record::secret;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::boolean;
use crate::request::{Body, Fields, Id, ReadBody};

/// For how long the link can be used.
const RESET_LINK: i64 = 24 * 3_600_000;

/// How a user is reset.
#[derive(ToSchema)]
pub(crate) struct ResetUser {
    /// Also takes their one-time codes and recovery codes away; false by default.
    #[schema(value_type = Option<bool>)]
    remove_totp: bool,
}

impl ReadBody for ResetUser {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { remove_totp: fields.take("remove_totp", boolean).unwrap_or(false) })
    }
}

/// A user who was reset.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetLink {
    /// Where they choose another password, once.
    reset_url: String,
    /// Until when.
    expires_at: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/users/{id}/reset", handle)
        .about("Users", "Reset a user", "Their password works no more and their sessions end; the link in the answer sets another password, once. Resetting an owner or an admin also needs the scope `system:write`.")
        .answers::<ResetLink>(200, "The link, shown this once.")
}

async fn handle(
    Operator(access): Operator<UsersWrite>,
    Id(id): Id<UserId>,
    body: Body<ResetUser>,
) -> Result<Answer<ResetLink>, Problem> {
    let user = access.database().user(id).await?;
    access.principal.may_manage(user.role)?;
    access.principal.may_hand_out(user.role)?;
    let link = OneTimeLink::new(LinkPurpose::Reset);
    let now = access.now();
    let expires_at = now.plus(RESET_LINK);
    let mut transaction = access.database().begin().await?;
    transaction.reset_user(id, link.digest(), expires_at, body.value.remove_totp, now).await?;
    let mut changes = secret("password");
    if body.value.remove_totp {
        changes.hide("totp");
    }
    transaction.changed(id, Some(id), changes);
    transaction.commit().await?;
    Ok(Answer::ok(ResetLink { reset_url: link.url(&access.app), expires_at: Moment(expires_at) }))
}
