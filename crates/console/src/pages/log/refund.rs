//! `/console/usage/{id}/refund`: money back for one call.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::money::Nanos;
use serde::Deserialize;

use super::call::Call;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::operator::{Operator, once};
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/log/refund.html")]
struct Ask<'a> {
    page: &'a Frame,
    call: Call,
    form: Form,
}

#[derive(Deserialize)]
struct Refunded {
    amount: Nanos,
}

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let form = Form::default().with("once", once(&user));
    ask(user, &id, form).await
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let body = object([("amount", form.json_usd("amount")), ("reason", form.json("reason"))]);
    let path = format!("/api/v1/calls/{id}/refund");
    let key = form.text("once").to_owned();
    match user.api().post_once::<_, Refunded>(&path, &body, &key).await {
        Ok(reply) => {
            let page = user.frame(links::USAGE);
            let amount = page.usd(reply.body.amount);
            Ok(page.go(&links::call(&id), Notice::new(Message("token-notice-refunded"), amount)))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            ask(user, &id, form).await
        }
    }
}

async fn ask(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let call: Call = user.api().get(&format!("/api/v1/calls/{id}")).await?;
    let page = user.frame(links::USAGE).under(links::USAGE, Message("nav-usage"));
    let title = page.t("log-refund-title");
    let content = Frame::part(&Ask { page: &page, call, form })?;
    page.dialog(title, content)
}
