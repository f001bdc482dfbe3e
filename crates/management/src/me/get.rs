//! `GET /api/v1/me`

use serde::Serialize;
use store::Database;
use utoipa::ToSchema;

use crate::access::{Access, UsersRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Parameters, Query, ReadQuery};
use crate::state::App;
use crate::users::view::UserView;
use domain::id::UserId;

/// An account as its own user sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserView,
    /// How many keys count against `key_allowance`: all but those that are revoked or deleted; null
    /// where that was not asked for.
    keys: Option<i64>,
    /// The language of pages; null: the browser's.
    language: Option<String>,
    /// `light` or `dark`; null: the browser's.
    theme: Option<String>,
    /// Whether logging in needs a one-time code.
    totp: bool,
    /// Recovery codes that are left.
    recovery_codes: i64,
}

impl Me {
    /// A user's own account now.
    pub(super) async fn of(
        app: &App,
        database: &Database,
        id: UserId,
        counted: bool,
    ) -> Result<Answer<Self>, Problem> {
        let user = database.user(id).await?;
        let version = user.version;
        let profile = database.user_profile(id).await?;
        let me = Self {
            user: UserView::of(app, user).await?,
            keys: if counted { Some(database.count_api_keys(id).await?) } else { None },
            language: profile.language,
            theme: profile.theme,
            totp: profile.totp_secret.is_some(),
            recovery_codes: database.count_recovery_codes(id).await?,
        };
        Ok(Answer::ok(me).version(version))
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/me", handle)
        .about("Own account", "Read one's own account", "")
        .answers::<Me>(200, "The account.")
}

/// What to leave out.
struct ReadMe {
    keys: bool,
}

impl ReadQuery for ReadMe {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[(
        "keys",
        "`false` does not count the keys, which takes a while where there are very many.",
    )];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self { keys: parameters.parse("keys").unwrap_or(true) })
    }
}

async fn handle(
    access: Access<UsersRead>,
    Query(read): Query<ReadMe>,
) -> Result<Answer<Me>, Problem> {
    Me::of(&access.app, access.database(), access.principal.user, read.keys).await
}
