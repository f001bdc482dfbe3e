//! `/console/user/{id}/edit`

use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::create::{UserForm, terms};
use super::entry::User;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::pages::token::list::groups;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(&id)).await?;
    let form = Form::of([
        ("etag", found.etag),
        ("name", found.name),
        ("email", found.email.clone().unwrap_or_default()),
        ("email_before", found.email.unwrap_or_default()),
        ("role", found.role.clone()),
        ("role_before", found.role),
        ("tier", found.tier),
        ("groups", found.groups.join(", ")),
        ("credit", found.credit),
        ("enabled", if found.disabled { "" } else { "yes" }.to_owned()),
    ]);
    show(user, &id, form).await
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let mut body = terms(&form);
    // An admin's address is an owner's to change: what is not changed is not sent.
    if form.text("email") == form.text("email_before") {
        body.retain(|(name, _)| *name != "email");
    }
    body.push(("disabled", json!(!form.has("enabled", "yes"))));
    let seen = form.text("etag").to_owned();
    match user.api().patch::<_, User>(&User::path(&id), &object(body), Some(&seen)).await {
        Ok(reply) => {
            let notice = Notice::new(Message("user-notice-saved"), reply.body.name.clone());
            Ok(user.frame(links::USERS).go(&reply.body.link(""), notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, &id, form).await
        }
    }
}

async fn show(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let title = page.t("user-edit-title");
    let content = Frame::part(&UserForm {
        page: &page,
        form,
        groups,
        action: links::part(links::USERS, id, "edit"),
        back: links::part(links::USERS, id, ""),
        editing: true,
    })?;
    page.dialog(title, content)
}
