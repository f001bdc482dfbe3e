//! `PUT /api/v1/key-templates/{name}`

use store::StoreError;
use store::key_template::KeyTemplate;

use super::view::TemplateView;
use super::{Found, TemplateFields};
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::checked_text;
use crate::request::{Body, IfMatch, Name};

/// So many templates a user can have.
const MOST: i64 = 100;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::put("/api/v1/key-templates/{name}", handle)
        .about(
            "Key templates",
            "Make or replace a template for keys",
            "The template is yours alone. One of a built-in name takes that one's place. Keys that exist do not change.",
        )
        .answers::<TemplateView>(200, "The template.")
        .fails(409, "You have 100 templates already.")
}

async fn handle(
    access: Access<KeysWrite>,
    Name(name): Name,
    if_match: IfMatch,
    body: Body<TemplateFields>,
) -> Result<Answer<TemplateView>, Problem> {
    checked_text(&(1..=64), name.clone())
        .map_err(|invalid| Problem::field("name", invalid.wrong))?;
    let owner = access.principal.user;
    let known = match access.database().key_template(owner, &name).await {
        Ok(known) => Some(known),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let version = if_match.version(known.map_or(0, |known| known.version))?;
    let now = access.now();
    let wanted = KeyTemplate { owner, name, body: body.value.text, created_at: now, version: 1 };
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_key_template(owner, &wanted.name).await?;
    let set = transaction.set_key_template(&wanted, version).await?;
    if transaction.count_key_templates(owner).await? > MOST {
        let detail = "You have 100 templates, which is the most. Delete one first.";
        return Err(Problem::conflict("too_many_templates", detail));
    }
    access.app.record(&mut transaction, before.as_ref(), Some(&set))?;
    transaction.commit().await?;
    let version = set.version;
    Ok(Answer::ok(TemplateView::of(Found::Own(set))?).version(version))
}
