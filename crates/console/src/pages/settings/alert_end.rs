//! Deleting an alert rule or a destination: asks first, and names what goes. What cannot be deleted
//! is told in the same dialog.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::destinations::{self, Destination};
use super::notify::frame;
use super::rules::{self, Rule};
use super::watched;
use crate::api::{Anything, List};
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/alert_end.html")]
struct Ask<'a> {
    page: &'a Frame,
    title: &'a str,
    /// Where it is posted to.
    action: String,
    warning: Message,
    /// What it is that goes.
    facts: Vec<(Message, String)>,
    form: Form,
}

pub(crate) async fn ask_rule(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    show_rule(user, &id, Form::default()).await
}

pub(crate) async fn rule(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    match user.api().delete::<Anything>(&rules::path(&id)).await {
        Ok(_) => Ok(gone(&user, Message("settings-rule-deleted"))),
        Err(trouble) => {
            let mut form = Form::default();
            form.refused(trouble, user.visit.words)?;
            show_rule(user, &id, form).await
        }
    }
}

pub(crate) async fn ask_destination(
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    show_destination(user, &id, Form::default()).await
}

pub(crate) async fn destination(
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    match user.api().delete::<Anything>(&destinations::path(&id)).await {
        Ok(_) => Ok(gone(&user, Message("settings-destination-deleted"))),
        Err(trouble) => {
            let mut form = Form::default();
            form.refused(trouble, user.visit.words)?;
            show_destination(user, &id, form).await
        }
    }
}

async fn show_rule(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let all: List<Rule> = user.api().get("/api/v1/alert-rules").await?;
    let rule = all.data.into_iter().find(|it| it.id == id).ok_or(Trouble::NoSuchPage)?;
    let watched = watched::of(&user, [&rule]).await?;
    let words = user.visit.words;
    let facts = vec![
        (Message("settings-threshold"), rule.threshold_text(words)),
        (Message("settings-watches"), rule.watches(&watched, words)),
    ];
    let page = frame(&user);
    let title = page.t1("settings-rule-delete-title", "name", page.say(rule.name()));
    let action = format!("{}/rules/{id}/delete", links::ALERT_SETTINGS);
    let warning = Message("settings-rule-delete-warning");
    let ask = Ask { page: &page, title: &title, action, warning, facts, form };
    let content = Frame::part(&ask)?;
    page.dialog(title, content)
}

async fn show_destination(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let all: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let found = all.data.into_iter().find(|it| it.id == id).ok_or(Trouble::NoSuchPage)?;
    let page = frame(&user);
    let title = page.t1("settings-destination-delete-title", "name", found.name);
    let action = format!("{}/destinations/{id}/delete", links::ALERT_SETTINGS);
    let warning = Message("settings-destination-delete-warning");
    let facts = vec![(Message("settings-to"), found.address)];
    let ask = Ask { page: &page, title: &title, action, warning, facts, form };
    let content = Frame::part(&ask)?;
    page.dialog(title, content)
}

fn gone(user: &SignedIn, said: Message) -> Response {
    user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, Notice::new(said, ""))
}
