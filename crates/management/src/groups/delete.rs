//! `DELETE /api/v1/groups/{name}`

use std::time::Duration;
use store::api_key::KeyQuery;
use store::group::DEFAULT_GROUP;
use store::user::UserQuery;

use crate::access::{GroupsWrite, Operator};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Name;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/groups/{name}", handle)
        .about(
            "Groups",
            "Delete a group",
            "Only a group that no channel, user or key names any more.",
        )
        .answers::<Deleted>(200, "It is deleted.")
        .fails(404, "There is no such group.")
        .fails(409, "The group is in use, or is the default one.")
}

async fn handle(
    access: Operator<GroupsWrite>,
    Name(name): Name,
) -> Result<Answer<Deleted>, Problem> {
    if name == DEFAULT_GROUP {
        return Err(Problem::conflict(
            "default_group",
            "The default group stays: new users and channels start in it.",
        ));
    }
    access.database().group(&name).await?;
    if let Some((kind, user)) = in_use(&access, &name).await? {
        let detail =
            format!("The group is still named by the {kind} {user}. Take it out there first.");
        let problem = Problem::conflict("group_in_use", detail);
        return Err(problem.with("kind", kind).with("name", user));
    }
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_group(&name).await?;
    transaction.delete_group(&name).await?;
    access.app.record(&mut transaction, before.as_ref(), None)?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    Ok(Answer::ok(Deleted::of(name)))
}

/// Something that names the group: what it is, and its name or id.
async fn in_use(
    access: &Operator<GroupsWrite>,
    name: &str,
) -> Result<Option<(&'static str, String)>, Problem> {
    let database = access.database();
    let names = |groups: &[String]| groups.iter().any(|group| group == name);
    let channels = database.channels().await?;
    if let Some(channel) = channels.iter().find(|channel| names(&channel.groups)) {
        return Ok(Some(("channel", channel.name.clone())));
    }
    let keys = KeyQuery {
        group: name.to_owned(),
        patience: Duration::MAX,
        ..KeyQuery::newest(None, access.now(), 1)
    };
    if let Some(key) = database.api_keys(&keys).await?.first() {
        return Ok(Some(("key", key.id.to_string())));
    }
    let mut query = UserQuery { limit: 1_000, ..UserQuery::default() };
    loop {
        let users = database.users(&query).await?;
        if let Some(user) = users.iter().find(|user| names(&user.groups)) {
            return Ok(Some(("user", user.id.to_string())));
        }
        match users.last() {
            Some(last) => query.after = Some(last.id),
            None => return Ok(None),
        }
    }
}
