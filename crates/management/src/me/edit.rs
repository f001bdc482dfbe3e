//! `PATCH /api/v1/me`

use store::user::UserChange;
use store::user_profile::ProfileChange;
use utoipa::ToSchema;

use super::get::Me;
use crate::access::Person;
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{choice, or_null, text};
use crate::request::{Body, Fields, IfMatch, ReadBody};
use crate::users::fields::email;

/// The languages that pages come in.
const LANGUAGES: &[&str] = &["en", "zh-CN"];
/// The themes that pages come in.
const THEMES: &[&str] = &["light", "dark"];

/// An edit of one's own account: what is left out stays as it is.
#[derive(ToSchema)]
pub(crate) struct EditMe {
    /// What people call them: 1–100 characters.
    name: Option<String>,
    /// Where they log in with; null takes it away.
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// `en` or `zh-CN`; null: the browser's.
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    /// `light` or `dark`; null: the browser's.
    #[schema(value_type = Option<String>)]
    theme: Option<Option<String>>,
}

impl ReadBody for EditMe {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let known =
            |list: &'static [&str]| move |name: &str| list.contains(&name).then(|| name.to_owned());
        Some(Self {
            name: fields.take("name", text(1..=100)),
            email: fields.take("email", or_null(email)),
            language: fields.take("language", or_null(choice(known(LANGUAGES), "en, zh-CN"))),
            theme: fields.take("theme", or_null(choice(known(THEMES), "light, dark"))),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/api/v1/me", handle)
        .about("Own account", "Edit one's own account", "")
        .answers::<Me>(200, "The account as it is now.")
        .fails(409, "The e-mail address is taken.")
}

async fn handle(
    person: Person,
    if_match: IfMatch,
    body: Body<EditMe>,
) -> Result<Answer<Me>, Problem> {
    let wanted = body.value;
    let id = person.principal.user;
    let user = person.database().user(id).await?;
    if_match.check(user.version)?;
    let mut transaction = person.database().begin().await?;
    // Whatever is edited makes a new version, which an edit at the same time then does not meet.
    let change = UserChange { name: wanted.name, email: wanted.email, ..UserChange::default() };
    let edited = transaction.update_user(id, user.version, &change).await?;
    let before = transaction.user_profile(id).await?;
    let change = ProfileChange { language: wanted.language, theme: wanted.theme };
    transaction.update_profile(id, &change).await?;
    let after = transaction.user_profile(id).await?;
    person.app.record_with(&mut transaction, &user, &edited, |changes| {
        changes.add("language", Some(&before.language), Some(&after.language));
        changes.add("theme", Some(&before.theme), Some(&after.theme));
    })?;
    transaction.commit().await?;
    Me::of(&person.app, person.database(), id, true).await
}
