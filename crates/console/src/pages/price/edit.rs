//! `/console/price/edit?model=…`: sets a model's price as a whole.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::entry::{Price, Rates, Starter, decimal};
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

/// Whose price.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    pub(super) model: String,
}

/// The classes of a base price.
const CLASSES: &[&str] = &[
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "output",
    "image",
    "audio_minute",
    "per_request",
];

/// The classes of a price for long inputs.
const TIER_CLASSES: &[&str] = &["input", "cached_input", "cache_write", "cache_write_1h", "output"];

#[derive(Template)]
#[template(path = "pages/price/form.html")]
struct PriceForm<'a> {
    page: &'a Frame,
    form: Form,
    starter: Option<Starter>,
    editing: bool,
    /// One row for each tier, and an empty one.
    tiers: std::ops::Range<usize>,
    classes: &'static [(&'static str, Message)],
}

/// What the classes of a tier are called.
const NAMES: &[(&str, Message)] = &[
    ("input", Message("price-input")),
    ("cached_input", Message("price-cached")),
    ("cache_write", Message("price-write")),
    ("cache_write_1h", Message("price-write-1h")),
    ("output", Message("price-output")),
];

/// The fields that are folded away.
const MORE: &[&str] =
    &["image", "audio_minute", "per_request", "context_window", "max_output", "tiers"];

impl PriceForm<'_> {
    /// What stands in a cell of the tiers.
    fn tier(&self, row: impl std::borrow::Borrow<usize>, name: &str) -> &str {
        self.form.text(&format!("tiers[{}].{name}", row.borrow()))
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let known: Option<Price> = match chosen.model.as_str() {
        "" => None,
        model => user.api().find(&Price::path(model)).await?,
    };
    let starter = starter(&user, &chosen.model).await?;
    let (form, known) = match (known, &starter) {
        (Some(price), _) => (fill(&price.rates), true),
        (None, Some(starter)) => (fill(&starter.price), false),
        (None, None) => (Form::default(), false),
    };
    let form = form.with("model", chosen.model);
    let form = if known { form.with("editing", "yes") } else { form };
    show(user, form, starter)
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let model = form.text("model").to_owned();
    if model.is_empty() || model.contains(char::is_whitespace) {
        let message = user.visit.words.say(Message("price-model-needed")).into_owned();
        form.add_error("model", message);
        return show(user, form, None);
    }
    match user.api().put::<_, Price>(&Price::path(&model), &json(&form)).await {
        Ok(_) => {
            let notice = Notice::new(Message("price-notice-saved"), model);
            Ok(user.frame(links::PRICES).go(links::PRICES, notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            form.show_at("name", "model");
            let starter = starter(&user, &model).await?;
            show(user, form, starter)
        }
    }
}

/// The vendor's list price of a model.
async fn starter(user: &SignedIn, model: &str) -> Result<Option<Starter>, Trouble> {
    let all: List<Starter> = user.api().get("/api/v1/prices/starter").await?;
    Ok(all.data.into_iter().find(|starter| starter.model == model))
}

fn show(user: SignedIn, form: Form, starter: Option<Starter>) -> Result<Response, Trouble> {
    let page = user.frame(links::PRICES).under(links::PRICES, Message("price-nav"));
    let editing = form.has("editing", "yes");
    let title = if editing { page.t("price-edit-title") } else { page.t("price-create-title") };
    let tiers = 0..rows(&form) + 1;
    let content =
        Frame::part(&PriceForm { page: &page, form, starter, editing, tiers, classes: NAMES })?;
    page.dialog(title, content)
}

/// How many rows of tiers the form has that are not empty.
fn rows(form: &Form) -> usize {
    let filled = |row: &usize| !form.text(&format!("tiers[{row}].above_input_tokens")).is_empty();
    (0..20).take_while(filled).count()
}

fn fill(rates: &Rates) -> Form {
    let mut form = Form::default();
    let text = |number: &Option<Number>| {
        number.as_ref().map(|number| decimal(number, 0)).unwrap_or_default()
    };
    let figures = [
        &rates.input,
        &rates.cached_input,
        &rates.cache_write,
        &rates.cache_write_1h,
        &rates.output,
        &rates.image,
        &rates.audio_minute,
        &rates.per_request,
    ];
    for (name, figure) in CLASSES.iter().zip(figures) {
        form = form.with(*name, text(figure));
    }
    let count = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
    form = form
        .with("context_window", count(rates.context_window))
        .with("max_output", count(rates.max_output));
    for (row, tier) in rates.tiers().iter().enumerate() {
        form = form
            .with(format!("tiers[{row}].above_input_tokens"), tier.above_input_tokens.to_string());
        let figures = [
            &tier.input,
            &tier.cached_input,
            &tier.cache_write,
            &tier.cache_write_1h,
            &tier.output,
        ];
        for (name, figure) in TIER_CLASSES.iter().zip(figures) {
            form = form.with(format!("tiers[{row}].{name}"), text(figure));
        }
    }
    form
}

fn json(form: &Form) -> Value {
    let mut members: Vec<(&'static str, Value)> =
        CLASSES.iter().map(|name| (*name, form.json_usd(name))).collect();
    members.push(("context_window", form.json_number("context_window")));
    members.push(("max_output", form.json_number("max_output")));
    let tiers: Vec<Value> = (0..20)
        .map(|row| {
            let mut tier: Vec<(&'static str, Value)> = TIER_CLASSES
                .iter()
                .map(|name| (*name, form.json_usd(&format!("tiers[{row}].{name}"))))
                .collect();
            let above = form.json_number(&format!("tiers[{row}].above_input_tokens"));
            tier.push(("above_input_tokens", above));
            tier
        })
        .filter(|tier| tier.iter().any(|(_, value)| !value.is_null()))
        .map(object)
        .collect();
    members.push(("tiers", json!(tiers)));
    object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_survives_its_form() {
        let text = r#"{"input":1.25,"output":10,"cached_input":0.125,"context_window":400000,"tiers":[{"above_input_tokens":200000,"input":2.5,"output":15}]}"#;
        let rates: Rates = serde_json::from_str(text).unwrap();
        let body = json(&fill(&rates));
        assert_eq!(body["input"], json!("1.25"));
        assert_eq!(body["cache_write"], Value::Null);
        assert_eq!(body["context_window"], json!(400_000));
        assert_eq!(body["tiers"].as_array().unwrap().len(), 1);
        assert_eq!(body["tiers"][0]["above_input_tokens"], json!(200_000));
        assert_eq!(body["tiers"][0]["output"], json!("15"));
    }
}
