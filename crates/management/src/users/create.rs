//! `POST /api/v1/users`

use axum::response::{IntoResponse, Response};
use domain::id::UserId;
use domain::secret::Secret;
use domain::user::{Credit, Role, Tier};
use http::StatusCode;
use serde::Serialize;
use store::group::DEFAULT_GROUP;
use store::user::NewUser;
use store::user_link::{LinkPurpose, UserLink};
use utoipa::ToSchema;

use super::fields::{CREDITS, ROLES, TIERS, email, groups, password};
use super::link::OneTimeLink;
use super::view::{Spending, UserView};
use crate::access::{Operator, UsersWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::groups::check_known;
use crate::idempotency::Once;
use crate::problem::Problem;
use crate::request::value::{choice, or_null, text};
use crate::request::{Body, Fields, IdempotencyKey, ReadBody};

/// For how long an invitation can be used.
const INVITATION: i64 = 7 * 24 * 3_600_000;

/// A user to be made.
#[derive(ToSchema)]
pub(crate) struct CreateUser {
    /// What people call them: 1–100 characters.
    name: String,
    /// Where they log in with.
    email: Option<String>,
    /// 8–256 characters; without one, the answer holds an invitation to choose one.
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
    /// `owner`, `admin` or `member`, which is the default.
    #[schema(value_type = Option<String>)]
    role: Role,
    /// `standard`, which is the default, `professional` or `enterprise`.
    #[schema(value_type = Option<String>)]
    tier: Tier,
    /// The groups that their keys may route through, in order; `["default"]` by default.
    #[schema(value_type = Option<Vec<String>>)]
    groups: Vec<String>,
    /// `balance` or `unlimited`; unlimited by default for an owner, balance for others.
    #[schema(value_type = Option<String>)]
    credit: Option<Credit>,
}

impl ReadBody for CreateUser {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(1..=100));
        Some(Self {
            email: fields.take("email", or_null(email)).flatten(),
            password: fields.take("password", or_null(password)).flatten().map(Secret::new),
            role: fields.take("role", choice(Role::from_name, ROLES)).unwrap_or(Role::Member),
            tier: fields.take("tier", choice(Tier::from_name, TIERS)).unwrap_or(Tier::Standard),
            groups: fields.take("groups", groups).unwrap_or_else(|| vec![DEFAULT_GROUP.to_owned()]),
            credit: fields.take("credit", choice(Credit::from_name, CREDITS)),
            name: name?,
        })
    }
}

/// A user who was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedUser {
    #[serde(flatten)]
    user: UserView,
    /// Where they choose a password, once and within a week; null if they have one, and when the
    /// request is repeated.
    invite_url: Option<String>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/users", handle)
        .about("Users", "Make a user", "Only an owner can make an owner. Making an owner or an admin also needs the scope `system:write`.")
        .answers::<CreatedUser>(201, "The user.")
        .fails(409, "The e-mail address is taken.")
}

async fn handle(
    access: Operator<UsersWrite>,
    idempotency: IdempotencyKey,
    body: Body<CreateUser>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST users", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let wanted = body.value;
    access.principal.may_manage(wanted.role)?;
    access.principal.may_hand_out(wanted.role)?;
    check_known(access.database(), "groups", &wanted.groups).await?;
    let password_hash = match wanted.password {
        Some(password) => Some(super::password::hash(password).await?),
        None => None,
    };
    let now = access.now();
    let user = NewUser {
        id: UserId::new(now, rand::random()),
        name: wanted.name,
        email: wanted.email,
        role: wanted.role,
        tier: wanted.tier,
        groups: wanted.groups,
        credit: wanted.credit.unwrap_or(if wanted.role == Role::Owner {
            Credit::Unlimited
        } else {
            Credit::Balance
        }),
        password_hash,
        created_at: now,
    };
    let mut transaction = access.database().begin().await?;
    let made = transaction.insert_user(&user).await?;
    let invitation = match &user.password_hash {
        Some(_) => None,
        None => Some(OneTimeLink::new(LinkPurpose::Invite)),
    };
    if let Some(link) = &invitation {
        let expires_at = now.plus(INVITATION);
        let row = UserLink { user: user.id, purpose: LinkPurpose::Invite, expires_at };
        transaction.insert_user_link(link.digest(), &row).await?;
    }
    access.app.record(&mut transaction, None, Some(&made))?;
    let allowance = transaction.tier_limit(user.tier).await?;
    let mut answer = CreatedUser {
        user: UserView::with(made, Spending::default(), allowance),
        invite_url: None,
    };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    answer.invite_url = invitation.map(|link| link.url(&access.app));
    Ok(Answer::created(answer).into_response())
}
