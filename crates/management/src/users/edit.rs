//! `PATCH /api/v1/users/{id}`

use domain::id::UserId;
use domain::secret::Secret;
use domain::user::{Credit, Role, Tier};
use store::StoreError;
use store::user::{User, UserChange};
use utoipa::ToSchema;

use super::fields::{CREDITS, ROLES, TIERS, email, groups, password};
use super::view::UserView;
use crate::access::{Operator, UsersWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::groups::check_known;
use crate::problem::Problem;
use crate::request::value::{boolean, choice, or_null, text};
use crate::request::{Body, Fields, Id, IfMatch, ReadBody};

/// How often an edit is tried that others keep changing under it.
const TRIES: usize = 5;

/// An edit of a user: what is left out stays as it is.
#[derive(ToSchema)]
pub(crate) struct EditUser {
    /// What people call them: 1–100 characters.
    name: Option<String>,
    /// Where they log in with; null takes it away.
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// 8–256 characters; null takes it away.
    #[schema(value_type = Option<String>)]
    password: Option<Option<Secret>>,
    /// `owner`, `admin` or `member`.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// `standard`, `professional` or `enterprise`.
    #[schema(value_type = Option<String>)]
    tier: Option<Tier>,
    /// The groups that their keys may route through, in order.
    groups: Option<Vec<String>>,
    /// `balance` or `unlimited`.
    #[schema(value_type = Option<String>)]
    credit: Option<Credit>,
    /// Shut out, keys included.
    disabled: Option<bool>,
}

impl ReadBody for EditUser {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            name: fields.take("name", text(1..=100)),
            email: fields.take("email", or_null(email)),
            password: fields.take("password", or_null(password)).map(|text| text.map(Secret::new)),
            role: fields.take("role", choice(Role::from_name, ROLES)),
            tier: fields.take("tier", choice(Tier::from_name, TIERS)),
            groups: fields.take("groups", groups),
            credit: fields.take("credit", choice(Credit::from_name, CREDITS)),
            disabled: fields.take("disabled", boolean),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/api/v1/users/{id}", handle)
        .about("Users", "Edit a user", "In force when answered. Only an owner can edit an owner. Role, e-mail address and password of an owner or an admin also need the scope `system:write`.")
        .answers::<UserView>(200, "The user as they are now.")
        .fails(409, "The e-mail address is taken, or the deployment would be left without an owner.")
}

async fn handle(
    access: Operator<UsersWrite>,
    Id(id): Id<UserId>,
    if_match: IfMatch,
    body: Body<EditUser>,
) -> Result<Answer<UserView>, Problem> {
    let wanted = body.value;
    if let Some(names) = &wanted.groups {
        check_known(access.database(), "groups", names).await?;
    }
    let password_hash = match wanted.password {
        Some(Some(password)) => Some(Some(super::password::hash(password).await?)),
        Some(None) => Some(None),
        None => None,
    };
    let change = UserChange {
        name: wanted.name,
        email: wanted.email,
        role: wanted.role,
        tier: wanted.tier,
        groups: wanted.groups,
        credit: wanted.credit,
        disabled: wanted.disabled,
        password_hash,
    };
    let user = edit(&access, id, &if_match, &change).await?;
    let version = user.version;
    Ok(Answer::ok(UserView::of(&access.app, user).await?).version(version))
}

async fn edit(
    access: &Operator<UsersWrite>,
    id: UserId,
    if_match: &IfMatch,
    change: &UserChange,
) -> Result<User, Problem> {
    for _ in 0..TRIES {
        let user = access.database().user(id).await?;
        access.principal.may_manage(user.role)?;
        access.principal.may_manage(change.role.unwrap_or(Role::Member))?;
        if change.role.is_some() || change.email.is_some() || change.password_hash.is_some() {
            access.principal.may_hand_out(user.role)?;
            access.principal.may_hand_out(change.role.unwrap_or(Role::Member))?;
        }
        if_match.check(user.version)?;
        let mut transaction = access.database().begin().await?;
        match transaction.update_user(id, user.version, change).await {
            Ok(after) => {
                access.app.record_with(&mut transaction, &user, &after, |changes| {
                    if change.password_hash.is_some() {
                        changes.hide("password");
                    }
                })?;
                access.app.commit(transaction, id).await?;
                return Ok(after);
            }
            Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Stale.into())
}
