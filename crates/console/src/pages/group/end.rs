//! `/console/group/delete?name=…`: asks first. A group that something names cannot be deleted, and
//! the answer says what that is.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;

use super::edit::Chosen;
use crate::api::Anything;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

#[derive(Template)]
#[template(path = "pages/group/end.html")]
struct Ask<'a> {
    page: &'a Frame,
    form: Form,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    if chosen.name.is_empty() {
        return Err(Trouble::NoSuchPage);
    }
    show(user, Form::of([("name", chosen.name)]))
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let name = form.text("name").to_owned();
    let path = format!("/api/v1/groups/{}", crate::api::segment(&name));
    match user.api().delete::<Anything>(&path).await {
        Ok(_) => {
            let notice = Notice::new(Message("group-notice-deleted"), name);
            Ok(user.frame(links::GROUPS).go(links::GROUPS, notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form)
        }
    }
}

fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let page = user.frame(links::GROUPS).under(links::GROUPS, Message("group-nav"));
    let title = page.t1("group-delete-title", "name", form.text("name"));
    let content = Frame::part(&Ask { page: &page, form })?;
    page.dialog(title, content)
}
