//! `/console/audit/log`: every write and every log-in, the newest first, with old and new values.
//! Members see what concerns them.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::change::Values;
use super::entry::Row;
use super::{action, called};
use crate::api::{List, with_query};
use crate::form::utc;
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const LIMIT: &str = "50";

/// Which rows are looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    actor: String,
    action: String,
    object: String,
    /// One row, with everything that it touched.
    number: String,
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
        let all = [&self.actor, &self.action, &self.object, &self.number, &self.since, &self.until];
        all.iter().any(|it| !it.is_empty())
    }
}

impl Log {
    /// Every action, by what it is called.
    fn actions(&self) -> Vec<(String, String)> {
        let words = self.page.words();
        let known = action::all()
            .map(|(name, words_of)| (name.to_owned(), words.say(words_of).into_owned()));
        let mut all: Vec<(String, String)> = known.collect();
        // One that is not known here can be in the address.
        if !self.filter.action.is_empty() && all.iter().all(|(name, _)| *name != self.filter.action)
        {
            all.push((self.filter.action.clone(), self.filter.action.clone()));
        }
        all.sort_by(|one, other| one.1.cmp(&other.1));
        all
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
        ("number", filter.number.trim()),
        ("since", &time(&filter.since)),
        ("until", &time(&filter.until)),
        ("cursor", &filter.cursor),
    ];
    let mut rows: List<Row> = user.api().get(&with_query("/api/v1/audit", &asked)).await?;
    let page = user.frame(links::AUDIT).under(links::AUDIT, Message("nav-audit"));
    let people: Option<List<Person>> = match page.me.is_operator() {
        true => page.visit.api.find("/api/v1/users?limit=200").await?,
        false => None,
    };
    let people = people.map(|people| people.data).unwrap_or_default();
    let known = people.iter().map(|one| (one.id.clone(), Some(one.name.clone()))).collect();
    called::name(&user, &mut rows.data, known).await?;
    let log = Log { page, filter, rows, people };
    log.page.show(&log)
}
