//! `POST /api/v1/setup`: a one-time link sets a password. Set-up of the first owner, invitations and
//! resets all come here.

use axum::response::{IntoResponse, Response};
use domain::secret::Secret;
use serde::Serialize;
use store::StoreError;
use store::user::UserChange;
use utoipa::ToSchema;

use crate::access::Visitor;
use crate::answer::Answer;
use crate::audit::record::secret;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::proof;
use crate::request::value::{or_null, text};
use crate::request::{Body, Fields, ReadBody};
use crate::users::fields::{email, password};
use crate::users::link;
use crate::users::view::UserView;

/// What a link is used for.
#[derive(ToSchema)]
pub(crate) struct SetUp {
    /// What stands behind the `#` of the link.
    #[schema(value_type = String)]
    token: Secret,
    /// The new password: 8–256 characters.
    #[schema(value_type = String)]
    password: Secret,
    /// What people call them: 1–100 characters; as it is, if left out.
    name: Option<String>,
    /// Where they log in with; as it is, if left out.
    email: Option<String>,
}

impl ReadBody for SetUp {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", proof::secret);
        let password = fields.required("password", password).map(Secret::new);
        let name = fields.take("name", or_null(text(1..=100))).flatten();
        let email = fields.take("email", or_null(email)).flatten();
        Some(Self { token: token?, password: password?, name, email })
    }
}

/// A user whose password was set.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetUpUser {
    /// The user.
    user: UserView,
    /// Whether the answer logs them in; not where one-time codes are on.
    signed_in: bool,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/setup", handle)
        .about("Sessions", "Use a one-time link", "Sets the password of the user whom the link is for and logs them in. Their other sessions end, and the link works no more. Name and e-mail address can be chosen with an invitation or the set-up.")
        .answers::<SetUpUser>(200, "The password is set; the cookie is in `Set-Cookie`.")
        .fails(403, "The user is blocked, or a page of another site asked.")
        .fails(404, "The link was used, has ended or was never made.")
        .fails(409, "The e-mail address is taken.")
}

async fn handle(visitor: Visitor, body: Body<SetUp>) -> Result<Response, Problem> {
    let wanted = body.value;
    let app = &visitor.app;
    let (database, now) = (visitor.database(), app.gateway.ledger.now());
    let digest = link::digest(wanted.token.expose());
    let found = database.user_link(digest, now).await.map_err(unusable)?;
    let user = database.user(found.user).await?;
    if user.disabled {
        return Err(Problem::forbidden("user_disabled", "This user is blocked."));
    }
    let hash = crate::users::password::hash(wanted.password).await?;
    let mut transaction = database.begin().await?;
    let taken = transaction.take_user_link(digest, now).await.map_err(unusable)?;
    let mut changes = secret("password");
    if wanted.name.is_some() || wanted.email.is_some() {
        let email = wanted.email.map(Some);
        let change = UserChange { name: wanted.name, email, ..UserChange::default() };
        let edited = transaction.update_user(taken.user, user.version, &change).await?;
        changes.add("name", Some(&user.name), Some(&edited.name));
        changes.add("email", Some(&user.email), Some(&edited.email));
    }
    transaction.changed(taken.user, Some(taken.user), changes);
    transaction.set_password(taken.user, &hash, None, now).await?;
    transaction.clear_attempts(&format!("account:{}", taken.user), now).await?;
    let signed_in = database.user_profile(taken.user).await?.totp_secret.is_none();
    visitor.is(taken.user, "link");
    let started = if signed_in {
        let started = crate::sessions::start(app, &visitor.parts, taken.user, &mut transaction);
        Some(started.await?)
    } else {
        None
    };
    app.commit(transaction, taken.user).await?;
    let user = UserView::of(app, database.user(taken.user).await?).await?;
    let answer = Answer::ok(SetUpUser { user, signed_in });
    match started {
        Some(started) => started.answer(app, &visitor.parts, answer),
        None => Ok(answer.into_response()),
    }
}

fn unusable(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => {
            let detail = "This link was used, has ended or was never made. Ask for another one.";
            Problem::new(http::StatusCode::NOT_FOUND, "link_unusable", detail)
        }
        other => other.into(),
    }
}
