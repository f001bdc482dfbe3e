//! `/console/user/{id}/topup`

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::money::Nanos;
use serde::Deserialize;

use super::entry::User;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::{Operator, once};
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

#[derive(Template)]
#[template(path = "pages/user/top_up.html")]
struct TopUp<'a> {
    page: &'a Frame,
    user: User,
    form: Form,
}

/// What came of it.
#[derive(Deserialize)]
struct ToppedUp {
    amount: Nanos,
}

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let form = Form::default().with("once", once(&user));
    show(user, &id, form).await
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let body = object([("amount", form.json_usd("amount")), ("note", form.json("note"))]);
    let path = format!("{}/topups", User::path(&id));
    let key = form.text("once").to_owned();
    match user.api().post_once::<_, ToppedUp>(&path, &body, &key).await {
        Ok(done) => {
            let page = user.frame(links::USERS);
            let notice = Notice::new(Message("user-notice-topped-up"), page.usd(done.body.amount));
            Ok(page.go(&links::part(links::USERS, &id, ""), notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, &id, form).await
        }
    }
}

async fn show(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let found: User = user.api().get(&User::path(id)).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let title = page.t1("user-top-up-title", "name", &found.name);
    let content = Frame::part(&TopUp { page: &page, user: found, form })?;
    page.dialog(title, content)
}
