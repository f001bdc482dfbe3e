//! `/console/token/bulk`: makes many tokens at once, and shows their values once.

use askama::Template;
use axum::response::Response;
use serde_json::json;

use super::create::CreatedKey;
use super::templates::KeyTemplate;
use super::{table, wanted};
use crate::api::List;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::operator::once;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/token/bulk.html")]
struct BulkForm<'a> {
    page: &'a Frame,
    form: Form,
    templates: Vec<KeyTemplate>,
    columns: &'static [&'static str],
}

#[derive(Template)]
#[template(path = "pages/token/bulk_made.html")]
struct Made<'a> {
    page: &'a Frame,
    keys: Vec<CreatedKey>,
}

impl BulkForm<'_> {
    /// A choice of days as a number, for its plural.
    fn days(&self, text: &str) -> i64 {
        text.parse().unwrap_or(0)
    }
}

impl Made<'_> {
    fn known(&self) -> bool {
        self.keys.iter().all(|key| key.key.is_some())
    }

    /// Names and values, one token a line.
    fn lines(&self) -> String {
        let line =
            |key: &CreatedKey| format!("{}  {}", key.key.as_deref().unwrap_or_default(), key.name);
        self.keys.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The same as a table to download: an address that holds its content.
    fn csv(&self) -> String {
        let mut text = String::from("id,name,key\r\n");
        for key in &self.keys {
            let value = key.key.as_deref().unwrap_or_default();
            text.push_str(&format!("{},{},{value}\r\n", key.id, table::cell(&key.name)));
        }
        format!("data:text/csv;charset=utf-8,{}", crate::api::segment(&text))
    }
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let form = Form::of([("source", "numbers"), ("count", "10")]).with("once", once(&user));
    show(user, form).await
}

pub(crate) async fn submit(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let words = user.visit.words;
    let Some(wanted) = wanted::read(&mut form, words, user.visit.now) else {
        return show(user, form).await;
    };
    let body = json!({ "keys": wanted.keys });
    let once = form.text("once").to_owned();
    match user.api().post_once::<_, List<CreatedKey>>("/v1/api-keys/bulk", &body, &once).await {
        Ok(reply) => {
            let keys = reply.body.data;
            let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
            let title = page.t1("token-bulk-made", "count", keys.len());
            let content = Frame::part(&Made { page: &page, keys })?;
            page.dialog(title, content)
        }
        Err(mut trouble) => {
            if let Trouble::Refused(problem) = &mut trouble {
                wanted.place(problem, words);
            }
            form.refused(trouble, words)?;
            show(user, form).await
        }
    }
}

async fn show(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    // What was refused may be mended: it is another request then.
    form.forget("once");
    let form = form.with("once", once(&user));
    let templates = super::templates::all(&user).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-bulk");
    let columns = wanted::COLUMNS;
    let content = Frame::part(&BulkForm { page: &page, form, templates, columns })?;
    page.dialog(title, content)
}
