//! A price as the API shows it.

use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::Number;

use crate::api::List;
use crate::format::{grouped, moment};
use crate::language::Words;
use crate::links::operator as links;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

/// What a model costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Rates {
    pub(crate) input: Option<Number>,
    pub(crate) cached_input: Option<Number>,
    pub(crate) cache_write: Option<Number>,
    pub(crate) cache_write_1h: Option<Number>,
    pub(crate) output: Option<Number>,
    pub(crate) image: Option<Number>,
    pub(crate) audio_minute: Option<Number>,
    pub(crate) per_request: Option<Number>,
    pub(crate) context_window: Option<u64>,
    pub(crate) max_output: Option<u64>,
    pub(crate) tiers: Option<Vec<Tier>>,
}

/// Other prices for long inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Tier {
    pub(crate) above_input_tokens: u64,
    pub(crate) input: Option<Number>,
    pub(crate) cached_input: Option<Number>,
    pub(crate) cache_write: Option<Number>,
    pub(crate) cache_write_1h: Option<Number>,
    pub(crate) output: Option<Number>,
}

/// A model's price in force.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Price {
    pub(crate) model: String,
    pub(crate) version: i64,
    #[serde(flatten)]
    pub(crate) rates: Rates,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
}

/// A vendor's list price.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Starter {
    pub(crate) model: String,
    pub(crate) price: Rates,
    pub(crate) source: String,
    as_of: String,
    #[serde(default)]
    pub(crate) note: Option<String>,
}

impl Starter {
    /// When its vendor asked for it.
    pub(crate) fn date(&self, words: Words) -> String {
        match UnixMillis::parse_rfc3339(&format!("{}T00:00:00Z", self.as_of)) {
            Ok(day) => words.date(day),
            Err(_) => self.as_of.clone(),
        }
    }
}

impl Price {
    /// Its form.
    pub(crate) fn edit_link(&self) -> String {
        links::with(links::EDIT_PRICE, "model", &self.model)
    }

    /// The question before it is deleted.
    pub(crate) fn delete_link(&self) -> String {
        links::with(links::DELETE_PRICE, "model", &self.model)
    }

    /// The price in the API.
    pub(super) fn path(model: &str) -> String {
        let parts: Vec<String> = model.split('/').map(crate::api::segment).collect();
        format!("/api/v1/prices/{}", parts.join("/"))
    }
}

impl Rates {
    /// The other prices for long inputs.
    pub(crate) fn tiers(&self) -> &[Tier] {
        self.tiers.as_deref().unwrap_or_default()
    }
}

/// A figure with the digits that it has, two at least; a dash for none.
pub(crate) fn figure(number: &Option<Number>) -> String {
    number
        .as_ref()
        .map_or_else(|| "—".to_owned(), |number| format!("${}", grouped(&decimal(number, 2))))
}

/// A number without an exponent.
pub(super) fn decimal(number: &Number, least: usize) -> String {
    let text = number.to_string();
    let text = match (text.contains(['e', 'E']), number.as_f64()) {
        (true, Some(number)) => format!("{number:.9}"),
        _ => text,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let part = format!("{part:0<least$}");
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// Every price in force.
pub(crate) async fn all(user: &SignedIn) -> Result<Vec<Price>, Trouble> {
    Ok(user.api().get::<List<Price>>("/api/v1/prices").await?.data)
}

#[cfg(test)]
mod tests {
    #[test]
    fn figures_keep_their_digits() {
        let figure = |text: &str| super::figure(&serde_json::from_str(text).unwrap());
        for (json, shown) in [
            ("2.5", "$2.50"),
            ("10", "$10.00"),
            ("999999.5", "$999,999.50"),
            ("0.075", "$0.075"),
            ("0", "$0.00"),
            ("1e-9", "$0.000000001"),
            ("null", "—"),
        ] {
            assert_eq!(figure(json), shown);
        }
    }
}
