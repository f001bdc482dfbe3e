//! `POST /api/v1/me/password`

use domain::secret::Secret;
use utoipa::ToSchema;

use super::get::Me;
use crate::access::Person;
use crate::answer::Answer;
use crate::audit::record::secret;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::proof::{self, Credentials};
use crate::request::{Body, Fields, ReadBody};
use crate::users::fields::password;

/// A password for another.
#[derive(ToSchema)]
pub(crate) struct ChangePassword {
    /// The password until now.
    #[schema(value_type = String)]
    current_password: Secret,
    /// A one-time code or a recovery code, where that is on.
    #[schema(value_type = Option<String>)]
    code: Option<Secret>,
    /// The password from now on: 8–256 characters.
    #[schema(value_type = String)]
    new_password: Secret,
}

impl ReadBody for ChangePassword {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let current_password = fields.required("current_password", proof::secret);
        let code = fields.take("code", proof::secret);
        let new_password = fields.required("new_password", password).map(Secret::new);
        Some(Self { current_password: current_password?, code, new_password: new_password? })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/me/password", handle)
        .about("Own account", "Change one's own password", "All other sessions of the user end.")
        .answers::<Me>(200, "The password is changed.")
        .fails(429, "Too many failures; `Retry-After` says when to try again.")
}

async fn handle(person: Person, body: Body<ChangePassword>) -> Result<Answer<Me>, Problem> {
    let wanted = body.value;
    let id = person.principal.user;
    let user = person.database().user(id).await?;
    let given = Credentials { password: wanted.current_password, code: wanted.code };
    proof::check(&person.app, person.client, "", Some(user), given).await?;
    let hash = crate::users::password::hash(wanted.new_password).await?;
    let mut transaction = person.database().begin().await?;
    transaction.set_password(id, &hash, Some(person.session.id), person.now()).await?;
    transaction.session_proved(person.session.id, person.now()).await?;
    transaction.changed(id, Some(id), secret("password"));
    transaction.commit().await?;
    Me::of(&person.app, person.database(), id, true).await
}
