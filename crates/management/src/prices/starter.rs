//! `GET /api/v1/prices/starter`: vendors' list prices as they were on a date, to start from.
//!
//! The list is a file of the source tree (`starter.json`), one entry a line. Each entry names the
//! vendor's public page that its figures stand on, and the day on which they stood there according
//! to where they were taken from.

use domain::price::Price;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

use super::fields::PriceFields;
use crate::access::{Access, PricesRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// One model's list price.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StarterPrice {
    /// The vendor, as in the presets.
    pub(super) vendor: String,
    /// The model, as the vendor calls it.
    pub(super) model: String,
    /// What it costs.
    #[schema(value_type = PriceFields)]
    pub(super) price: Price,
    /// The vendor's public page.
    pub(super) source: String,
    /// The day on which the figures were there.
    pub(super) as_of: String,
    /// What the figures leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// The list; empty only if the file of the source tree were damaged, which a test rules out.
pub(super) static STARTER: LazyLock<Vec<StarterPrice>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("starter.json")).unwrap_or_else(|error| {
        tracing::error!(%error, "the starter prices cannot be read");
        Vec::new()
    })
});

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/prices/starter", handle)
        .about(
            "Prices",
            "List starter prices",
            "Vendors' list prices, each with its source and its date: check what you import against the source.",
        )
        .answers_list::<StarterPrice>("The starter prices.")
}

async fn handle(_: Access<PricesRead>) -> Result<Answer<List<&'static StarterPrice>>, Problem> {
    Ok(Answer::ok(List::whole(STARTER.iter().collect())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_starter_price_is_whole_and_says_where_it_is_from() {
        assert!(STARTER.len() > 80, "{}", STARTER.len());
        let mut models = BTreeSet::new();
        for entry in STARTER.iter() {
            let model = &entry.model;
            assert!(models.insert(model), "{model} twice");
            entry.price.check().unwrap_or_else(|error| panic!("{model}: {error:?}"));
            assert!(entry.price.input.is_some() && entry.price.context_window.is_some(), "{model}");
            assert!(entry.source.starts_with("https://"), "{model}");
            let date: Vec<&str> = entry.as_of.split('-').collect();
            assert!(
                matches!(date.as_slice(), ["2026", month, day] if month.len() == 2 && day.len() == 2),
                "{model}"
            );
            let cheaper = |part: Option<_>| part.is_none_or(|part| Some(part) <= entry.price.input);
            assert!(cheaper(entry.price.cached_input), "{model}: a cache that costs more");
        }
        let vendors: BTreeSet<&str> = STARTER.iter().map(|entry| entry.vendor.as_str()).collect();
        let expected =
            ["openai", "anthropic", "gemini", "deepseek", "qwen", "kimi", "glm", "xai", "mistral"];
        assert_eq!(vendors, expected.into_iter().collect());
    }
}
