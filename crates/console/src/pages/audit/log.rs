//! `/console/audit/log`: every write and every log-in, the newest first. For owners and admins.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use domain::time::UnixMillis;
use serde::Deserialize;
use std::collections::HashMap;

use crate::api::{List, with_query};
use crate::form::utc;
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const LIMIT: &str = "50";

/// A row of the log.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    pub(crate) number: i64,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) at: UnixMillis,
    pub(crate) actor: String,
    pub(crate) via: String,
    pub(crate) client_ip: String,
    pub(crate) action: String,
    pub(crate) object: String,
    pub(crate) summary: String,
}

/// Which rows are looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    actor: String,
    action: String,
    object: String,
    since: String,
    until: String,
    cursor: String,
}

/// Those who may have done something.
#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "pages/audit/log.html")]
struct Log {
    page: Frame,
    filter: Filter,
    rows: List<Row>,
    people: Vec<Person>,
    names: HashMap<String, String>,
}

impl Row {
    /// The thing itself, without how many more.
    pub(crate) fn thing(&self) -> &str {
        self.object.split(' ').next().unwrap_or_default()
    }

    /// Its page, where it has one.
    pub(crate) fn link(&self) -> Option<String> {
        self.thing().starts_with("key_").then(|| links::token(self.thing()))
    }
}

impl Filter {
    fn link(&self, cursor: &str) -> String {
        with_query(
            links::AUDIT_LOG,
            &[
                ("actor", &self.actor),
                ("action", &self.action),
                ("object", &self.object),
                ("since", &self.since),
                ("until", &self.until),
                ("cursor", cursor),
            ],
        )
    }

    fn is_on(&self) -> bool {
        let all = [&self.actor, &self.action, &self.object, &self.since, &self.until];
        all.iter().any(|it| !it.is_empty())
    }
}

impl Log {
    /// Who did it: by name, where it is known.
    fn actor<'a>(&'a self, row: &'a Row) -> &'a str {
        self.names.get(&row.actor).map_or(row.actor.as_str(), String::as_str)
    }
}

pub(crate) async fn page(
    user: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let time = |text: &str| utc(text).as_str().unwrap_or_default().to_owned();
    let asked = [
        ("limit", LIMIT),
        ("actor", filter.actor.trim()),
        ("action", filter.action.trim()),
        ("object", filter.object.trim()),
        ("since", &time(&filter.since)),
        ("until", &time(&filter.until)),
        ("cursor", &filter.cursor),
    ];
    let rows = user.api().get(&with_query("/api/v1/audit", &asked)).await?;
    let people: Option<List<Person>> = user.api().find("/api/v1/users?limit=200").await?;
    let people = people.map(|people| people.data).unwrap_or_default();
    let names = people.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
    let page = user.frame(links::AUDIT).under(links::AUDIT, Message("nav-audit"));
    let log = Log { page, filter, rows, people, names };
    log.page.show(&log)
}
