//! `GET /api/v1/nodes`

use domain::id::NodeId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Operator, SystemWrite};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// A machine that serves calls on this database, or once did.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
pub(crate) struct NodeView {
    /// The data directory's identity: `node_…`
    #[schema(value_type = String)]
    id: NodeId,
    /// Whether it keeps books at present; false: it was shut down.
    active: bool,
    /// How many times it was started.
    starts: i64,
    /// How many records of its journal are in the database.
    shipped: i64,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/nodes", handle)
        .about(
            "System",
            "List the nodes",
            "Every node that ever started on this database, as `tollkeeper cluster list` does.",
        )
        .answers_list::<NodeView>("The nodes.")
}

async fn handle(access: Operator<SystemWrite>) -> Result<Answer<List<NodeView>>, Problem> {
    let nodes = access.database().nodes().await?.into_iter().map(|(node, active)| NodeView {
        id: node.id,
        active,
        starts: node.epoch,
        shipped: node.shipped,
    });
    Ok(Answer::ok(List::whole(nodes.collect())))
}
