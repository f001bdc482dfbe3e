//! `DELETE /api/v1/key-templates/{name}`

use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{IfMatch, Name};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/key-templates/{name}", handle)
        .about(
            "Key templates",
            "Delete a template for keys",
            "One of your own. A built-in one of the same name is back then.",
        )
        .answers::<Deleted>(200, "It is deleted.")
        .fails(404, "You have no template of your own of this name.")
}

async fn handle(
    access: Access<KeysWrite>,
    Name(name): Name,
    if_match: IfMatch,
) -> Result<Answer<Deleted>, Problem> {
    let owner = access.principal.user;
    let known = access.database().key_template(owner, &name).await?;
    let version = if_match.version(known.version)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_key_template(owner, &name).await?;
    transaction.delete_key_template(owner, &name, version).await?;
    access.app.record(&mut transaction, before.as_ref(), None)?;
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of(name)))
}
