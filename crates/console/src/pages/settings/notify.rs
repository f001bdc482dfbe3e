//! `/console/settings/alerts`: when alerts are raised, and where they are sent.

use askama::Template;
use axum::response::Response;

use super::destinations::Destination;
use super::rules::Rule;
use super::watched::{self, Watched};
use crate::api::List;
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/alerts.html")]
struct Alerts {
    page: Frame,
    tab: &'static str,
    rules: Vec<Rule>,
    watched: Vec<Watched>,
    destinations: Vec<Destination>,
}

impl Alerts {
    fn destination<'a>(&'a self, id: &'a str) -> &'a str {
        self.destinations.iter().find(|it| it.id == id).map_or(id, |it| it.name.as_str())
    }
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let rules: List<Rule> = user.api().get("/api/v1/alert-rules").await?;
    let destinations: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let (rules, destinations) = (rules.data, destinations.data);
    let watched = watched::of(&user, &rules).await?;
    let page = super::frame(&user);
    let alerts = Alerts { page, tab: links::ALERT_SETTINGS, rules, watched, destinations };
    alerts.page.show(&alerts)
}

/// The frame of what lies under this page.
pub(super) fn frame(user: &SignedIn) -> Frame {
    super::frame(user).under(links::ALERT_SETTINGS, Message("settings-alerts"))
}
