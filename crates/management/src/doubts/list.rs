//! `GET /api/v1/doubts`

use domain::id::{CallId, KeyId, UserId};
use serde::Serialize;
use store::doubt::Doubt;
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
    /// Whose balance holds it.
    #[schema(value_type = String)]
    user_id: UserId,
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
    Ok(Answer::ok(List::whole(doubts.into_iter().map(DoubtView::from).collect())))
}

impl From<Doubt> for DoubtView {
    fn from(doubt: Doubt) -> Self {
        let intent: Option<serde_json::Value> = serde_json::from_str(&doubt.intent).ok();
        let model = intent.as_ref().and_then(|intent| intent.pointer("/intent/model")?.as_str());
        Self {
            id: doubt.call_id,
            key_id: doubt.key_id,
            user_id: doubt.user_id,
            model: model.map(str::to_owned),
            bound: Usd(doubt.bound),
            since: Moment(doubt.since),
        }
    }
}
