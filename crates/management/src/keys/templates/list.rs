//! `GET /api/v1/key-templates`

use super::view::TemplateView;
use super::{Found, built_in};
use crate::access::{Access, KeysRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/key-templates", handle)
        .about(
            "Key templates",
            "List templates for keys",
            "By name: your own, and those that everybody has.",
        )
        .answers_list::<TemplateView>("The templates.")
}

async fn handle(access: Access<KeysRead>) -> Result<Answer<List<TemplateView>>, Problem> {
    let own = access.database().key_templates(access.principal.user).await?;
    let mut all = Vec::new();
    for (name, body) in built_in::all() {
        if own.iter().all(|template| template.name != name) {
            all.push(TemplateView::of(Found::BuiltIn { name, body })?);
        }
    }
    for template in own {
        all.push(TemplateView::of(Found::Own(template))?);
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Answer::ok(List::whole(all)))
}
