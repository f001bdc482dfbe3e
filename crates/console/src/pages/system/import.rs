//! `/console/system/import`: a new-api or one-api site moves over, with a preview of what is made.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use super::import_why::Remark;
use crate::api::with_query;
use crate::app::App;
use crate::form::Form;
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::{Operator, once};
use crate::pages::price::entry::{Rates, figure};
use crate::pages::price::skipped::Skipped;
use crate::pages::user::entry::role;
use crate::trouble::Trouble;
use crate::ui;
use crate::upload::FileUpload;
use crate::visit::SignedIn;

/// The most rows of each list that the page shows.
const SHOWN: usize = 200;
const IMPORT: &str = "/api/v1/import/new-api";

/// What an import made or would make.
#[derive(Debug, Deserialize)]
struct Report {
    dry_run: bool,
    site: String,
    counts: Counts,
    groups: Vec<Group>,
    users: Vec<User>,
    keys: Vec<Key>,
    channels: Vec<Channel>,
    prices: Prices,
    unpriced_models: Vec<String>,
    existing: Vec<Existing>,
    left_out: Vec<Remark>,
    notes: Vec<Remark>,
}

/// How many of each kind.
#[derive(Debug, Deserialize)]
struct Counts {
    groups: Count,
    users: Count,
    keys: Count,
    channels: Count,
    prices: Count,
    unpriced_models: usize,
}

/// How many of one kind.
#[derive(Debug, Deserialize)]
struct Count {
    made: usize,
    existing: usize,
    left_out: usize,
}

#[derive(Debug, Deserialize)]
struct Group {
    name: String,
    multiplier: f64,
}

#[derive(Debug, Deserialize)]
struct User {
    name: String,
    email: Option<String>,
    role: String,
    groups: Vec<String>,
    balance: Nanos,
    disabled: bool,
}

#[derive(Debug, Deserialize)]
struct Key {
    name: String,
    owner: String,
    masked: String,
    quota: Option<Nanos>,
    #[serde(default, deserialize_with = "moment::maybe")]
    expires_at: Option<UnixMillis>,
    disabled: bool,
}

#[derive(Debug, Deserialize)]
struct Channel {
    name: String,
    provider: String,
    base_url: String,
    secrets: usize,
    models: usize,
    disabled: bool,
}

#[derive(Debug, Deserialize)]
struct Prices {
    set: Vec<Set>,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
struct Set {
    model: String,
    price: Rates,
}

#[derive(Debug, Deserialize)]
struct Existing {
    kind: String,
    name: String,
}

impl Report {
    /// How many things are made.
    fn made(&self) -> usize {
        let Counts { groups, users, keys, channels, prices, .. } = &self.counts;
        [groups, users, keys, channels, prices].iter().map(|count| count.made).sum()
    }
}

#[derive(Template)]
#[template(path = "pages/system/import.html")]
struct ImportPage {
    page: Frame,
    form: Form,
    report: Option<Report>,
}

/// What a kind of thing is called.
fn kind(name: &str) -> Message {
    match name {
        "group" => Message("import-kind-group"),
        "user" => Message("import-kind-user"),
        "key" => Message("import-kind-key"),
        "channel" => Message("import-kind-channel"),
        _ => Message("import-kind-site"),
    }
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    owner(&user)?;
    show(&user, Form::default(), None)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    State(app): State<App>,
    FileUpload { mut form, file }: FileUpload,
) -> Result<Response, Trouble> {
    owner(&user)?;
    let now = user.visit.now;
    let sure = form.has("sure", "yes");
    let held = || app.held.take(&user.me.id, form.text("held"), now);
    let file = match (sure, file) {
        (true, _) => held().ok_or(Message("import-gone")),
        (false, None) => Err(Message("import-too-large")),
        (false, Some(file)) if file.is_empty() => Err(Message("import-file-needed")),
        (false, Some(file)) => Ok(file),
    };
    let file = match file {
        Ok(file) => file,
        Err(message) => {
            form.add_error("file", user.visit.words.say(message).into_owned());
            return show(&user, form, None);
        }
    };
    let rows = SHOWN.to_string();
    let overwrite = if form.has("overwrite", "yes") { "true" } else { "" };
    let dry_run = if sure { "" } else { "true" };
    let pairs = [("dry_run", dry_run), ("overwrite", overwrite), ("rows", rows.as_str())];
    let path = with_query(IMPORT, &pairs);
    let kind = "application/vnd.sqlite3";
    match user.api().post_file::<Report>(&path, kind, file.clone()).await {
        Ok(reply) => {
            if !sure {
                let name = once(&user);
                app.held.keep(&user.me.id, &name, file, now);
                form = form.with("held", name);
            }
            show(&user, form, Some(reply.body))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            let words = user.visit.words;
            form.problem = form.problem.map(|why| words.t1("import-refused", "why", why));
            show(&user, form, None)
        }
    }
}

/// To everybody but owners the page does not exist.
fn owner(user: &SignedIn) -> Result<(), Trouble> {
    if user.me.role == "owner" { Ok(()) } else { Err(Trouble::NoSuchPage) }
}

fn show(user: &SignedIn, form: Form, report: Option<Report>) -> Result<Response, Trouble> {
    let page = user.frame(links::SYSTEM).under(links::SYSTEM, Message("system-nav"));
    let import = ImportPage { page, form, report };
    import.page.show(&import)
}
