//! `/console/group/edit`: makes a group, or sets its factor.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::list::Group;
use crate::api::List;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// Which group.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    pub(super) name: String,
}

#[derive(Template)]
#[template(path = "pages/group/form.html")]
struct GroupForm<'a> {
    page: &'a Frame,
    form: Form,
    editing: bool,
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let groups: List<Group> = user.api().get("/api/v1/groups").await?;
    let known = groups.data.into_iter().find(|group| group.name == chosen.name);
    let form = match known {
        Some(group) => Form::of([
            ("name", group.name),
            ("multiplier", group.multiplier.to_string()),
            ("editing", "yes".to_owned()),
        ]),
        None => Form::of([("name", chosen.name), ("multiplier", "1".to_owned())]),
    };
    show(user, form)
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let name = form.text("name").to_owned();
    if name.is_empty() || name.contains('/') {
        form.add_error("name", user.visit.words.say(Message("group-name-needed")).into_owned());
        return show(user, form);
    }
    let path = format!("/api/v1/groups/{}", crate::api::segment(&name));
    let body = object([("multiplier", form.json("multiplier"))]);
    match user.api().put::<_, Group>(&path, &body).await {
        Ok(_) => {
            let notice = Notice::new(Message("group-notice-saved"), name);
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
    let editing = form.has("editing", "yes");
    let title = if editing { page.t("group-edit-title") } else { page.t("group-create-title") };
    let content = Frame::part(&GroupForm { page: &page, form, editing })?;
    page.dialog(title, content)
}
