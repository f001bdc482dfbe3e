//! `POST /api/v1/prices/import`

mod decimal;
mod litellm;
mod ratios;
mod skip;

use domain::pattern::ModelPattern;
use domain::price::Price;
use domain::reason::Reason;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

pub(crate) use self::skip::Skip;
use super::fields::PriceFields;
use super::starter::STARTER;
use crate::access::{Operator, PricesWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{boolean, list_or_null, text};
use crate::request::{Body, Fields, Invalid, ReadBody, Value};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/prices/import", handle)
        .about(
            "Prices",
            "Import prices",
            "All or nothing. Models without a price get one; a price that differs stays as it is unless `overwrite` is set. What is not imported is listed with the reason.",
        )
        .answers::<ImportReport>(200, "What was set, or with `dry_run` would be.")
}

/// Where prices are imported from.
#[derive(ToSchema)]
#[schema(as = PriceImport)]
pub(crate) struct ImportFields {
    /// `starter`: the list of this release; `litellm`: LiteLLM's price file; `new-api`: the ratios
    /// of a new-api or one-api site (`/api/ratio_config`, `/api/pricing`, or its options).
    #[schema(value_type = String)]
    source: Source,
    /// The file itself, as JSON; not for `starter`.
    #[schema(value_type = Option<Object>)]
    data: Found,
    /// Only models that fit one of these, with `*` for any run of characters.
    #[schema(value_type = Option<Vec<String>>)]
    models: Vec<ModelPattern>,
    /// Only say what would be done; false by default.
    dry_run: bool,
    /// Replace prices that differ; false by default.
    overwrite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Starter,
    LiteLlm,
    NewApi,
}

/// What a source holds.
#[derive(Debug, Default)]
struct Found {
    prices: Vec<FoundPrice>,
    skipped: Vec<Skipped>,
}

/// A price of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundPrice {
    model: String,
    price: Price,
    /// A figure was finer than the books' step.
    rounded: bool,
}

impl Found {
    fn skip(&mut self, model: &str, why: &Skip) {
        self.skipped.push(Skipped::new(model, why));
    }

    fn add(&mut self, found: Result<FoundPrice, Skipped>) {
        match found {
            Ok(found) => self.prices.push(found),
            Err(skipped) => self.skipped.push(skipped),
        }
    }
}

impl ReadBody for ImportFields {
    /// LiteLLM's file has grown beyond 1 MiB.
    const MOST_BYTES: usize = 16 * 1024 * 1024;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let source = fields.required("source", source);
        let data = match source {
            Some(Source::Starter) if fields.has("data") => {
                fields.refuse("data", Invalid::new(Wrong::StarterData));
                fields.take("data", |_| Ok(Found::default()))
            }
            Some(Source::LiteLlm) => fields.required("data", litellm::read),
            Some(Source::NewApi) => fields.required("data", ratios::read),
            Some(Source::Starter) => Some(starter()),
            None => fields.take("data", |_| Ok(Found::default())),
        };
        let models = fields.take("models", list_or_null(1_000, text(1..=200))).unwrap_or_default();
        let dry_run = fields.take("dry_run", boolean).unwrap_or(false);
        let overwrite = fields.take("overwrite", boolean).unwrap_or(false);
        let models = models.into_iter().map(ModelPattern::new).collect();
        Some(Self { source: source?, data: data?, models, dry_run, overwrite })
    }
}

fn source(value: Value<'_>) -> Result<Source, Invalid> {
    match value.string().unwrap_or_default().as_str() {
        "starter" => Ok(Source::Starter),
        "litellm" => Ok(Source::LiteLlm),
        "new-api" => Ok(Source::NewApi),
        _ => Err(Invalid::new(Wrong::ImportSource)),
    }
}

fn starter() -> Found {
    let price = |entry: &super::starter::StarterPrice| FoundPrice {
        model: entry.model.clone(),
        price: entry.price.clone(),
        rounded: false,
    };
    Found { prices: STARTER.iter().map(price).collect(), skipped: Vec::new() }
}

/// What an import did.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = PriceImportReport)]
pub(crate) struct ImportReport {
    /// Whether nothing was done.
    pub(crate) dry_run: bool,
    /// Models that had no price and have one now.
    pub(crate) set: Vec<SetPrice>,
    /// Models whose price is another one.
    pub(crate) differs: Vec<Difference>,
    /// Models whose price is the same.
    pub(crate) unchanged: Vec<String>,
    /// What was not taken from the source.
    pub(crate) skipped: Vec<Skipped>,
}

impl ImportReport {
    /// The prices that are written.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&String, &Price)> {
        let replaced = self.differs.iter().filter(|difference| difference.replaced);
        let replaced = replaced.map(|difference| (&difference.model, &difference.imported));
        self.set.iter().map(|set| (&set.model, &set.price)).chain(replaced)
    }
}

/// A price that was set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedPrice)]
pub(crate) struct SetPrice {
    /// The model.
    pub(crate) model: String,
    /// Its price.
    #[schema(value_type = PriceFields)]
    price: Price,
    /// Whether a figure was finer than a billionth of a dollar per million tokens, and rounded to
    /// that.
    rounded: bool,
}

/// A price that differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DifferingPrice)]
pub(crate) struct Difference {
    /// The model.
    model: String,
    /// What it was.
    #[schema(value_type = PriceFields)]
    before: Price,
    /// What the source says.
    #[schema(value_type = PriceFields)]
    imported: Price,
    /// Whether it was replaced.
    pub(crate) replaced: bool,
    /// Whether a figure was rounded.
    rounded: bool,
}

/// What was not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SkippedPrice)]
pub(crate) struct Skipped {
    /// The model.
    model: String,
    /// Why: a sentence.
    why: String,
    /// The sentence's name, for programs: it does not change while the sentence may.
    #[schema(value_type = String)]
    code: &'static str,
    /// What the sentence names, such as `ratio`.
    #[schema(value_type = BTreeMap<String, String>)]
    values: BTreeMap<&'static str, String>,
}

impl Skipped {
    fn new(model: &str, why: &Skip) -> Self {
        let model = model.chars().take(200).collect();
        Self { model, why: why.to_string(), code: why.code(), values: why.values() }
    }
}

async fn handle(
    access: Operator<PricesWrite>,
    body: Body<ImportFields>,
) -> Result<Answer<ImportReport>, Problem> {
    let ImportFields { source, data, models, dry_run, overwrite } = body.value;
    let current = access.database().current_prices().await?;
    let current = current.into_iter().filter_map(|version| Some((version.model, version.price?)));
    let report = plan(data, &models, current.collect(), dry_run, overwrite);
    let changes: Vec<_> = report.changes().collect();
    if dry_run || changes.is_empty() {
        return Ok(Answer::ok(report));
    }
    let mut transaction = access.database().begin().await?;
    for (model, price) in changes {
        let version = transaction.set_price(model, price, access.now()).await?;
        let replaced = transaction.replaced_price(&version).await?;
        access.app.record(&mut transaction, replaced.as_ref(), Some(&version))?;
    }
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    let (set, replaced) =
        (report.set.len(), report.differs.iter().filter(|one| one.replaced).count());
    tracing::info!(?source, set, replaced, "prices were imported");
    Ok(Answer::ok(report))
}

/// What is to be done with the ratios of a site's options: an object of their texts.
pub(crate) fn of_options(
    options: &str,
    current: BTreeMap<String, Price>,
    dry_run: bool,
    overwrite: bool,
) -> Result<ImportReport, Invalid> {
    let found = Value::of(options).and_then(ratios::read)?;
    Ok(plan(found, &[], current, dry_run, overwrite))
}

/// What is to be done.
fn plan(
    found: Found,
    wanted: &[ModelPattern],
    mut current: BTreeMap<String, Price>,
    dry_run: bool,
    overwrite: bool,
) -> ImportReport {
    let fits = |model: &str| wanted.is_empty() || wanted.iter().any(|one| one.matches(model));
    let mut report = ImportReport {
        dry_run,
        set: Vec::new(),
        differs: Vec::new(),
        unchanged: Vec::new(),
        skipped: found.skipped.into_iter().filter(|skipped| fits(&skipped.model)).collect(),
    };
    let mut seen = BTreeSet::new();
    for FoundPrice { model, price, rounded } in found.prices {
        if !fits(&model) {
            continue;
        }
        let why = if !seen.insert(model.clone()) {
            Some(Skip::Twice)
        } else if !is_a_name(&model) {
            Some(Skip::Name)
        } else {
            price.check().err().map(Skip::from)
        };
        if let Some(why) = why {
            report.skipped.push(Skipped::new(&model, &why));
            continue;
        }
        match current.remove(&model) {
            None => report.set.push(SetPrice { model, price, rounded }),
            Some(before) if before == price => report.unchanged.push(model),
            Some(before) => {
                let replaced = overwrite;
                report.differs.push(Difference {
                    model,
                    before,
                    imported: price,
                    replaced,
                    rounded,
                });
            }
        }
    }
    report
}

fn is_a_name(model: &str) -> bool {
    (1..=200).contains(&model.chars().count())
        && !model.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str) -> Price {
        serde_json::from_str(json).unwrap()
    }

    fn found(model: &str, json: &str) -> FoundPrice {
        FoundPrice { model: model.to_owned(), price: price(json), rounded: false }
    }

    #[test]
    fn a_price_that_differs_is_left_alone_unless_asked() {
        let prices = || Found {
            prices: vec![
                found("new", r#"{"input":1,"output":2}"#),
                found("same", r#"{"input":1,"output":2}"#),
                found("other", r#"{"input":1,"output":2}"#),
                found("other", r#"{"input":9,"output":9}"#),
                found("a b", r#"{"input":1,"output":2}"#),
                found("unwanted", r#"{"input":1,"output":2}"#),
            ],
            skipped: Vec::new(),
        };
        let current = || {
            [("same", r#"{"input":"1.0","output":2}"#), ("other", r#"{"input":1,"output":3}"#)]
                .map(|(model, json)| (model.to_owned(), price(json)))
                .into_iter()
                .collect()
        };
        let wanted = ["new", "same", "oth*", "a*"].map(ModelPattern::new);
        let report = plan(prices(), &wanted, current(), true, false);
        let set: Vec<&str> = report.set.iter().map(|set| set.model.as_str()).collect();
        assert_eq!((set, &report.unchanged), (vec!["new"], &vec!["same".to_owned()]));
        assert!(
            matches!(report.differs.as_slice(), [one] if one.model == "other" && !one.replaced)
        );
        assert_eq!(report.skipped.len(), 2, "{:?}", report.skipped);
        let report = plan(prices(), &wanted, current(), false, true);
        assert!(matches!(report.differs.as_slice(), [one] if one.replaced));
    }
}
