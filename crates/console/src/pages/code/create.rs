//! `/console/code/new`: makes codes, and shows them once.

use askama::Template;
use axum::response::Response;
use domain::time::UnixMillis;
use serde_json::{Value, json};

use super::list::Code;
use crate::api::List;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::{Operator, once};
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

const DAY: i64 = 86_400_000;

#[derive(Template)]
#[template(path = "pages/code/form.html")]
struct CodeForm<'a> {
    page: &'a Frame,
    form: Form,
}

#[derive(Template)]
#[template(path = "pages/code/created.html")]
struct Created<'a> {
    page: &'a Frame,
    codes: Vec<Code>,
}

impl CodeForm<'_> {
    /// A choice of days as a number, for its plural.
    fn days(&self, text: &str) -> i64 {
        text.parse().unwrap_or(0)
    }
}

impl Created<'_> {
    /// The values, one a line.
    fn lines(&self) -> String {
        let values: Vec<&str> = self.codes.iter().filter_map(|code| code.code.as_deref()).collect();
        values.join("\n")
    }

    /// The values as a table to download: an address that holds its content.
    fn csv(&self) -> String {
        let mut text = String::from("code,amount,expires_at\r\n");
        for code in &self.codes {
            let ends = code.expires_at.map(|at| at.to_string()).unwrap_or_default();
            let value = code.code.as_deref().unwrap_or_default();
            text.push_str(&format!("{value},{},{ends}\r\n", code.amount));
        }
        format!("data:text/csv;charset=utf-8,{}", crate::api::segment(&text))
    }
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    let form = Form::of([("count", "1"), ("expires", "90")]).with("once", once(&user));
    show(user, form)
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let expires_at = form.text("expires").parse::<i64>().map_or(Value::Null, |days| {
        let second = 1000;
        let at = user.visit.now.plus(days.clamp(1, 36_500) * DAY);
        json!(UnixMillis::new(at.get() / second * second).to_string())
    });
    let body = object([
        ("amount", form.json_usd("amount")),
        ("count", form.json_number("count")),
        ("note", form.json("note")),
        ("expires_at", expires_at),
    ]);
    let key = form.text("once").to_owned();
    match user.api().post_once::<_, List<Code>>("/api/v1/redemption-codes", &body, &key).await {
        Ok(reply) => {
            let codes = reply.body.data;
            let page = user.frame(links::CODES).under(links::CODES, Message("code-nav"));
            let title = page.t1("code-created-title", "count", codes.len());
            let content = Frame::part(&Created { page: &page, codes })?;
            page.dialog(title, content)
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form)
        }
    }
}

fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let page = user.frame(links::CODES).under(links::CODES, Message("code-nav"));
    let title = page.t("code-create-title");
    let content = Frame::part(&CodeForm { page: &page, form })?;
    page.dialog(title, content)
}
