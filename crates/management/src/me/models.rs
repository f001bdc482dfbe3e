//! `GET /api/v1/me/models`

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Access, PricesRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// A model that the asking user's keys can call.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReachableModel {
    /// The model, as clients call it.
    model: String,
    /// The user's groups that lead to a channel with it, in the user's order.
    groups: Vec<String>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/me/models", handle)
        .about(
            "Own account",
            "List the models that one can call",
            "By name: what the channels of one's own groups offer. A key can be narrower.",
        )
        .answers_list::<ReachableModel>("The models.")
}

async fn handle(access: Access<PricesRead>) -> Result<Answer<List<ReachableModel>>, Problem> {
    let user = access.database().user(access.principal.user).await?;
    let catalog = access.app.gateway.catalog.load();
    let mut models = Vec::new();
    for model in catalog.models() {
        let channels = catalog.offering(model);
        let leads = |group: &&String| channels.iter().any(|channel| channel.is_in(group));
        let groups: Vec<String> = user.groups.iter().filter(leads).cloned().collect();
        if !groups.is_empty() {
            models.push(ReachableModel { model: model.to_owned(), groups });
        }
    }
    Ok(Answer::ok(List::whole(models)))
}
