//! `/console/token/{id}/edit`

use axum::extract::Path;
use axum::response::Response;

use super::create::TermsForm;
use super::key::Key;
use super::list::groups;
use super::terms;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(&id)).await?;
    let form = terms::of(&key);
    show(user, &id, form).await
}

pub(crate) async fn submit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    terms::check_expiry(&mut form, user.visit.words, None);
    if form.is_wrong() {
        return show(user, &id, form).await;
    }
    let body = object(terms::json(&form, user.visit.now));
    let seen = form.text("etag").to_owned();
    match user.api().patch::<_, Key>(&path(&id), &body, Some(&seen)).await {
        Ok(reply) => {
            let notice = Notice::new(Message("token-notice-saved"), reply.body.name);
            Ok(user.frame(links::TOKENS).go(&links::token(&id), notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, &id, form).await
        }
    }
}

async fn show(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-edit-title");
    let content = Frame::part(&TermsForm {
        page: &page,
        form,
        groups,
        action: links::token_part(id, "edit"),
        back: links::token(id),
        editing: true,
        templating: false,
        permissions: terms::PERMISSIONS,
        advanced: terms::ADVANCED,
        name_parts: terms::NAME_PARTS,
        templates: Vec::new(),
        template: String::new(),
    })?;
    page.dialog(title, content)
}

/// The key in the API.
pub(super) fn path(id: &str) -> String {
    format!("/v1/api-keys/{id}")
}
