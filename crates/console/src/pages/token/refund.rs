//! `/console/token/{id}/refund`: what a token's calls in a span of time cost, given back. For owners
//! and admins.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::money::Nanos;
use serde::Deserialize;

use super::edit::path;
use super::key::Key;
use super::terms::input_time;
use crate::form::{Form, object, utc};
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/token/refund.html")]
struct Ask<'a> {
    page: &'a Frame,
    key: Key,
    form: Form,
}

#[derive(Deserialize)]
struct Refunded {
    calls: i64,
    amount: Nanos,
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let day = 86_400_000;
    let since = input_time(user.visit.now.plus(-day));
    ask(user, &id, Form::of([("since", since)])).await
}

pub(crate) async fn submit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let body = object([
        ("since", utc(form.text("since"))),
        ("until", utc(form.text("until"))),
        ("reason", form.json("reason")),
    ]);
    match user.api().post::<_, Refunded>(&format!("{}/refund", path(&id)), &body).await {
        Ok(reply) => {
            let page = user.frame(links::TOKENS);
            let calls = page.t1("usage-calls", "count", reply.body.calls);
            let done = format!("{calls} · {}", page.usd(reply.body.amount));
            Ok(page.go(&links::token(&id), Notice::new(Message("token-notice-refunded"), done)))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            ask(user, &id, form).await
        }
    }
}

async fn ask(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(id)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-refund-title");
    let content = Frame::part(&Ask { page: &page, key, form })?;
    page.dialog(title, content)
}
