//! `/console/playground`: a model tried out from the browser, with a key that stays in it.
//!
//! The call goes straight from the page to the gateway, as any client's would; nothing of it passes
//! through here. `assets/playground.js` makes it.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::models::{Model, reachable};
use crate::frame::Frame;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/playground.html")]
struct Playground {
    page: Frame,
    models: Vec<Model>,
    model: String,
}

/// What is tried.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    model: String,
}

pub(crate) async fn page(
    user: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let models = reachable(&user).await?;
    let first = || models.first().map_or_else(String::new, |model| model.model.clone());
    let model = if wanted.model.is_empty() { first() } else { wanted.model };
    let playground = Playground { page: user.frame(links::PLAYGROUND), models, model };
    playground.page.show(&playground)
}
