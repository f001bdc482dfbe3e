//! `GET /api/v1/key-templates/{name}`

use super::find;
use super::view::TemplateView;
use crate::access::{Access, KeysRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Name;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/key-templates/{name}", handle)
        .about("Key templates", "Read a template for keys", "")
        .answers::<TemplateView>(200, "The template.")
        .fails(404, "You have no template of this name.")
}

async fn handle(
    access: Access<KeysRead>,
    Name(name): Name,
) -> Result<Answer<TemplateView>, Problem> {
    let found = find(access.database(), access.principal.user, &name).await?;
    Ok(Answer::ok(TemplateView::of(found.ok_or_else(Problem::not_found)?)?))
}
