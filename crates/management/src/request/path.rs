//! What stands in a path: an id, or a name.

use axum::extract::{FromRequestParts, Path};
use domain::id::InvalidId;
use http::request::Parts;
use std::str::FromStr;
use utoipa::openapi::path::ParameterIn;

use super::value::checked_text;
use crate::endpoint::{Description, Part};
use crate::problem::Problem;
use crate::state::App;
use crate::wrong::Wrong;

/// The id in a path. A text that is no such id names nothing: 404.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr<Err = InvalidId> + Send> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found())?;
        text.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<T: FromStr<Err = InvalidId>> Part for Id<T> {
    fn describe(description: &mut Description) {
        description.parameter(ParameterIn::Path, "id", "The id.");
        description.problem(404, "There is nothing of this id, or it is another's.");
    }
}

/// The name in a path: 1 to 200 characters.
pub(crate) struct Name(pub(crate) String);

impl FromRequestParts<App> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::field("name", Wrong::PathName))?;
        checked_text(&(1..=200), text)
            .map(Self)
            .map_err(|invalid| Problem::field("name", invalid.wrong))
    }
}

impl Part for Name {
    fn describe(description: &mut Description) {
        description.parameter(ParameterIn::Path, "name", "The name, percent-encoded where needed.");
        description.problem(422, "The name is not one.");
    }
}
