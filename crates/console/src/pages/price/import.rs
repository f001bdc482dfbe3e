//! `/console/price/import`: from the starter list or a file, with a preview of what would change.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::{Rates, figure};
use super::skipped::Skipped;
use crate::api::List;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::pages::channel::entry::Channel;
use crate::trouble::Trouble;
use crate::ui;
use crate::upload::Upload;
use crate::visit::SignedIn;

/// The most rows of one kind that the preview shows.
const SHOWN: usize = 200;

/// What an import did or would do.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    set: Vec<Set>,
    differs: Vec<Differs>,
    unchanged: Vec<String>,
    skipped: Vec<Skipped>,
}

/// A price that is new.
#[derive(Debug, Deserialize)]
struct Set {
    model: String,
    price: Rates,
}

/// A price that is another one.
#[derive(Debug, Deserialize)]
struct Differs {
    model: String,
    before: Rates,
    imported: Rates,
}

#[derive(Template)]
#[template(path = "pages/price/import.html")]
struct ImportPage {
    page: Frame,
    form: Form,
    report: Option<Report>,
}

impl ImportPage {
    /// How many prices the import would write.
    fn changes(&self, report: &Report) -> usize {
        let replaced = if self.form.has("overwrite", "yes") { report.differs.len() } else { 0 };
        report.set.len() + replaced
    }
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    let form = Form::of([("source", "starter"), ("served", "yes")]);
    show(&user, form, None)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Upload(mut form): Upload,
) -> Result<Response, Trouble> {
    let sure = form.has("sure", "yes");
    let body = match body(&user, &form, !sure).await? {
        Ok(body) => body,
        Err((field, message)) => {
            form.add_error(field, user.visit.words.say(message).into_owned());
            return show(&user, form, None);
        }
    };
    match user.api().post::<_, Report>("/api/v1/prices/import", &body).await {
        Ok(reply) if sure => {
            let replaced = form.has("overwrite", "yes").then_some(reply.body.differs.len());
            let count = reply.body.set.len() + replaced.unwrap_or_default();
            let notice = Notice::new(Message("price-notice-imported"), count.to_string());
            Ok(user.frame(links::PRICES).go(links::PRICES, notice))
        }
        Ok(reply) => show(&user, form, Some(reply.body)),
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            form.show_at("data", "data");
            show(&user, form, None)
        }
    }
}

/// The import as the API takes it, or what is wrong with the form.
async fn body(
    user: &SignedIn,
    form: &Form,
    dry_run: bool,
) -> Result<Result<Value, (&'static str, Message)>, Trouble> {
    let mut members = vec![
        ("source", form.json("source")),
        ("dry_run", json!(dry_run)),
        ("overwrite", json!(form.has("overwrite", "yes"))),
    ];
    if form.text("source") != "starter" {
        let text = if form.text("file").is_empty() { form.text("data") } else { form.text("file") };
        if text.is_empty() {
            return Ok(Err(("data", Message("price-import-data-needed"))));
        }
        match serde_json::from_str::<Value>(text) {
            Ok(data) => members.push(("data", data)),
            Err(_) => return Ok(Err(("data", Message("price-import-not-json")))),
        }
    }
    if form.has("served", "yes") {
        let channels: List<Channel> = user.api().get("/api/v1/channels").await?;
        let mut models: Vec<String> = channels.data.into_iter().flat_map(|it| it.models).collect();
        models.sort();
        models.dedup();
        if models.is_empty() {
            return Ok(Err(("served", Message("price-import-none-served"))));
        }
        // The API takes a thousand names.
        models.truncate(1_000);
        members.push(("models", json!(models)));
    }
    Ok(Ok(object(members)))
}

fn show(user: &SignedIn, mut form: Form, report: Option<Report>) -> Result<Response, Trouble> {
    // The file goes into the text, which the confirmation sends again.
    let file = form.text("file").to_owned();
    if !file.is_empty() {
        form.forget("file");
        form.forget("data");
        form = form.with("data", file);
    }
    let page = user.frame(links::PRICES).under(links::PRICES, Message("price-nav"));
    let import = ImportPage { page, form, report };
    import.page.show(&import)
}
