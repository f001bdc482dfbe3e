//! `/console/code/{id}/revoke`: asks first.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use crate::api::Anything;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;

#[derive(Template)]
#[template(path = "pages/code/end.html")]
struct Ask<'a> {
    page: &'a Frame,
    action: String,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let page = user.frame(links::CODES).under(links::CODES, Message("code-nav"));
    let title = page.t("code-revoke-title");
    let action = links::part(links::CODES, &id, "revoke");
    let content = Frame::part(&Ask { page: &page, action })?;
    page.dialog(title, content)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let path = format!("/api/v1/redemption-codes/{}", crate::api::segment(&id));
    user.api().delete::<Anything>(&path).await?;
    let notice = Notice::new(Message("code-notice-revoked"), "");
    Ok(user.frame(links::CODES).go(links::CODES, notice))
}
