//! `GET /api/v1/groups`

use super::view::GroupView;
use crate::access::{Access, GroupsRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/groups", handle)
        .about("Groups", "List groups", "By name. A member sees the groups that are open to them.")
        .answers_list::<GroupView>("The groups.")
}

async fn handle(access: Access<GroupsRead>) -> Result<Answer<List<GroupView>>, Problem> {
    let mut groups = access.database().groups().await?;
    if let Some(own) = access.owner() {
        let user = access.database().user(own).await?;
        groups.retain(|group| user.groups.contains(&group.name));
    }
    Ok(Answer::ok(List::whole(groups.into_iter().map(GroupView::from).collect())))
}
