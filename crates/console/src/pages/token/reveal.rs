//! `/console/token/{id}/reveal`: the value again, where the deployment keeps values sealed, to its
//! owner and after their password.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::create::{CreatedKey, Texts, shown};
use super::edit::path;
use super::key::Key;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/token/reveal.html")]
struct Ask<'a> {
    page: &'a Frame,
    key: Key,
    form: Form,
}

#[derive(Deserialize)]
struct Revealed {
    key: String,
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let key = user.api().get(&path(&id)).await?;
    ask(user, key, Form::default())
}

pub(crate) async fn submit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(&id)).await?;
    let password = form.all("password").first().copied().unwrap_or_default().to_owned();
    let body = object([("password", json!(password))]);
    match user.api().post::<_, Revealed>(&format!("{}/reveal", path(&id)), &body).await {
        Ok(reply) => {
            let texts = Texts {
                title: Message("token-reveal-title"),
                strong: Message("token-reveal-strong"),
                text: Message("token-reveal-text"),
            };
            shown(user, CreatedKey::known(key, reply.body.key), texts).await
        }
        // A wrong password is the form's own trouble; that it may not be shown at all is too.
        Err(Trouble::Refused(problem)) if problem.status != 401 => {
            form.take(&problem, user.visit.words);
            ask(user, key, form)
        }
        Err(trouble) => Err(trouble),
    }
}

fn ask(user: SignedIn, key: Key, form: Form) -> Result<Response, Trouble> {
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-reveal-title");
    let content = Frame::part(&Ask { page: &page, key, form })?;
    page.dialog(title, content)
}
