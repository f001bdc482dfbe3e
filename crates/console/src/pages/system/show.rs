//! `/console/system`

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::doubt::Doubt;
use crate::api::List;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::channel::entry::Channel;
use crate::pages::settings::account::Account;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// Whether the books are recomputed, which reads every call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    verify: String,
}

/// What recomputing the books found.
#[derive(Debug, Deserialize)]
struct Report {
    sound: bool,
    calls: u64,
    counters: u64,
    accounts: u64,
    audit_rows: u64,
    differences: Vec<String>,
}

/// A machine that serves calls.
#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    active: bool,
    starts: i64,
    shipped: i64,
}

impl Node {
    fn badge(&self, words: &Words) -> ui::Html {
        match self.active {
            true => ui::badge("good", words.say(Message("system-node-active"))),
            false => ui::badge("off", words.say(Message("system-node-ended"))),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/system/show.html")]
struct Show {
    page: Frame,
    base_url: String,
    /// None where they may not be seen.
    doubts: Option<Vec<Doubt>>,
    report: Option<Report>,
    nodes: Option<Vec<Node>>,
    channels: Vec<Channel>,
    /// The owner's account: only they make backups.
    account: Option<Account>,
    form: Form,
}

impl Show {
    /// How many channels take calls.
    fn working(&self) -> usize {
        let works = |channel: &&Channel| {
            !channel.disabled && channel.secrets.iter().any(|secret| secret.state != "resting")
        };
        self.channels.iter().filter(works).count()
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    render(user, &asked, Form::default()).await
}

/// The page, with what is wrong with the form for a backup.
pub(super) async fn render(user: SignedIn, asked: &Asked, form: Form) -> Result<Response, Trouble> {
    let doubts: Option<List<Doubt>> = user.api().find("/api/v1/doubts").await?;
    let channels: List<Channel> = user.api().get("/api/v1/channels").await?;
    let nodes: Option<List<Node>> = user.api().find("/api/v1/nodes").await?;
    let report = match asked.verify.as_str() {
        "" => None,
        _ => user.api().find("/api/v1/books/verify").await?,
    };
    let account = match user.me.role.as_str() {
        "owner" => Some(Account::of(&user).await?),
        _ => None,
    };
    let wrong = form.is_wrong();
    let show = Show {
        base_url: user.visit.base_url.clone(),
        page: user.frame(links::SYSTEM),
        doubts: doubts.map(|doubts| doubts.data),
        report,
        nodes: nodes.map(|nodes| nodes.data),
        channels: channels.data,
        account,
        form,
    };
    let mut response = show.page.show(&show)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
