//! `GET /api/v1/doubts`

use domain::id::{CallId, KeyId, UserId};
use serde::Serialize;
use store::doubt::Doubt;
use store::names::Names;
use utoipa::ToSchema;

use crate::access::{Operator, SystemWrite};
use crate::answer::{Answer, List, Moment, Usd};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// A call in doubt.
#[derive(Serialize, ToSchema)]
#[schema(as = Doubt)]
pub(crate) struct DoubtView {
    /// The call: `call_…`
    #[schema(value_type = String)]
    id: CallId,
    /// The key that made it.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// What that key is called, also after it was deleted.
    key_name: String,
    /// Whose balance holds it.
    #[schema(value_type = String)]
    user_id: UserId,
    /// What that user is called.
    user_name: String,
    /// The model that was asked for.
    model: Option<String>,
    /// What is held.
    bound: Usd,
    /// When the call was admitted.
    since: Moment,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/doubts", handle)
        .about("Doubts", "List calls in doubt", "The oldest first. Those that nobody decides about are decided after a time by themselves.")
        .answers_list::<DoubtView>("The calls in doubt.")
}

async fn handle(access: Operator<SystemWrite>) -> Result<Answer<List<DoubtView>>, Problem> {
    access.app.gateway.ledger.flush().await;
    let doubts = access.database().open_doubts(None).await?;
    let keys = doubts.iter().map(|doubt| doubt.key_id).collect();
    let users = doubts.iter().map(|doubt| doubt.user_id).collect();
    let keys = access.database().api_key_names(keys).await?;
    let users = access.database().user_names(users).await?;
    let views = doubts.into_iter().map(|doubt| DoubtView::of(doubt, &keys, &users));
    Ok(Answer::ok(List::whole(views.collect())))
}

impl DoubtView {
    fn of(doubt: Doubt, keys: &Names<KeyId>, users: &Names<UserId>) -> Self {
        let intent: Option<serde_json::Value> = serde_json::from_str(&doubt.intent).ok();
        let model = intent.as_ref().and_then(|intent| intent.pointer("/intent/model")?.as_str());
        Self {
            id: doubt.call_id,
            key_name: keys.get(&doubt.key_id).cloned().unwrap_or_default(),
            key_id: doubt.key_id,
            user_name: users.get(&doubt.user_id).cloned().unwrap_or_default(),
            user_id: doubt.user_id,
            model: model.map(str::to_owned),
            bound: Usd(doubt.bound),
            since: Moment(doubt.since),
        }
    }
}
