//! LiteLLM's price file (`model_prices_and_context_window.json`): USD per token.

use domain::price::{PerMillion, Price, Tier};
use protocol::json::Kind;
use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::skip::Skip;
use super::{Found, FoundPrice, Skipped};
use crate::request::{Invalid, Value};

/// What is billed by tokens, and nothing else.
const MODES: &[&str] = &["chat", "completion", "responses", "embedding"];

/// The five rates, as the file names them.
const INPUT: &str = "input_cost_per_token";
const OUTPUT: &str = "output_cost_per_token";
const CACHED: &str = "cache_read_input_token_cost";
const WRITE: &str = "cache_creation_input_token_cost";
const WRITE_1H: &str = "cache_creation_input_token_cost_above_1hr";
const REASONING: &str = "output_cost_per_reasoning_token";

/// Reads the file.
pub(super) fn read(data: Value<'_>) -> Result<Found, Invalid> {
    let mut found = Found::default();
    for (model, entry) in data.members()? {
        if model == "sample_spec" {
            continue;
        }
        let members = match entry.members() {
            Ok(members) => members.into_iter().collect(),
            Err(_) => {
                found.skip(&model, &Skip::NoObject);
                continue;
            }
        };
        found.add(price(model, &Entry(members)));
    }
    Ok(found)
}

struct Entry<'a>(BTreeMap<String, Value<'a>>);

/// The rates of an entry as they are read, and whether any was rounded.
#[derive(Default)]
struct Rates {
    rounded: bool,
}

impl Rates {
    fn take(&mut self, entry: &Entry<'_>, name: &str) -> Result<Option<PerMillion>, Skip> {
        let Some(value) = entry.0.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let rate = Decimal::read(*value).and_then(Decimal::usd_per_token);
        let rate =
            rate.ok_or_else(|| Skip::NoRate { field: name.to_owned(), shown: shown(*value) })?;
        self.rounded |= rate.rounded;
        Ok(Some(rate.value))
    }
}

fn price(model: String, entry: &Entry<'_>) -> Result<FoundPrice, Skipped> {
    match read_price(entry) {
        Ok((price, rounded)) => Ok(FoundPrice { model, price, rounded }),
        Err(why) => Err(Skipped::new(&model, &why)),
    }
}

fn read_price(entry: &Entry<'_>) -> Result<(Price, bool), Skip> {
    let mode = entry.0.get("mode").and_then(|mode| mode.string().ok());
    let mode = mode.unwrap_or_else(|| "chat".to_owned());
    if !MODES.contains(&mode.as_str()) {
        return Err(Skip::Mode { mode });
    }
    let mut rates = Rates::default();
    let input = rates.take(entry, INPUT)?;
    let mut output = rates.take(entry, OUTPUT)?;
    if mode == "embedding" && input.is_some() {
        output = output.or(Some(PerMillion::new(0)));
    }
    // One price stands for all output here: the dearer, so that nobody is charged too little.
    output = output.max(output.and(rates.take(entry, REASONING)?));
    let (Some(input), Some(output)) = (input, output) else {
        return Err(Skip::NoTokenPrice);
    };
    if input.get() == 0 && output.get() == 0 {
        return Err(Skip::Zero);
    }
    let price = Price {
        input: Some(input),
        output: Some(output),
        cached_input: rates.take(entry, CACHED)?,
        cache_write: rates.take(entry, WRITE)?,
        cache_write_1h: rates.take(entry, WRITE_1H)?,
        context_window: tokens(entry, "max_input_tokens").or_else(|| tokens(entry, "max_tokens")),
        max_output: tokens(entry, "max_output_tokens"),
        tiers: tiers(entry, &mut rates)?,
        ..Price::default()
    };
    Ok((price, rates.rounded))
}

/// `input_cost_per_token_above_200k_tokens` and its like.
fn tiers(entry: &Entry<'_>, rates: &mut Rates) -> Result<Vec<Tier>, Skip> {
    let threshold = |name: &String| {
        let thousands =
            name.strip_prefix(INPUT)?.strip_prefix("_above_")?.strip_suffix("k_tokens")?;
        thousands.parse::<u64>().ok()
    };
    let mut thresholds: Vec<u64> = entry.0.keys().filter_map(threshold).collect();
    thresholds.sort_unstable();
    let mut tiers = Vec::new();
    for thousands in thresholds {
        let mut take = |name: &str| rates.take(entry, &format!("{name}_above_{thousands}k_tokens"));
        tiers.push(Tier {
            above_input_tokens: thousands.saturating_mul(1_000),
            input: take(INPUT)?,
            cached_input: take(CACHED)?,
            cache_write: take(WRITE)?,
            cache_write_1h: take(WRITE_1H)?,
            output: take(OUTPUT)?,
        });
    }
    Ok(tiers)
}

/// A number of tokens; the file has texts in some places.
fn tokens(entry: &Entry<'_>, name: &str) -> Option<u64> {
    let value = entry.0.get(name).filter(|value| value.kind == Kind::Number)?;
    domain::money::parse_scaled(value.raw, 0)
        .ok()
        .and_then(|count| u64::try_from(count).ok())
        .filter(|count| (1..=1_000_000_000_000).contains(count))
}

fn shown(value: Value<'_>) -> String {
    value.raw.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(json: &str) -> Found {
        read(Value::of(json).unwrap()).unwrap()
    }

    #[test]
    fn an_entry_becomes_a_price() {
        let found = read_json(
            r#"{"sample_spec": {"mode": "one of chat, …", "max_tokens": "text"},
            "claude-sonnet-4-5": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-06,
              "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
              "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
              "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
              "cache_read_input_token_cost_above_200k_tokens": 6e-07,
              "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
              "max_input_tokens": 200000, "max_output_tokens": 64000, "max_tokens": 64000}}"#,
        );
        assert!(found.skipped.is_empty(), "{:?}", found.skipped);
        let expected: Price = serde_json::from_str(
            r#"{"input":3,"output":15,"cached_input":0.3,"cache_write":3.75,"cache_write_1h":6,
            "context_window":200000,"max_output":64000,"tiers":[{"above_input_tokens":200000,"input":6,
            "output":22.5,"cached_input":0.6,"cache_write_1h":12}]}"#,
        )
        .unwrap();
        let found = &found.prices[0];
        assert_eq!(
            (found.model.as_str(), &found.price, found.rounded),
            ("claude-sonnet-4-5", &expected, false)
        );
    }

    #[test]
    fn what_is_not_taken_says_why() {
        let found = read_json(
            r#"{"image": {"mode": "image_generation", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
            "free": {"mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
            "half": {"mode": "chat", "input_cost_per_token": 1e-6},
            "odd": {"mode": "chat", "input_cost_per_token": "cheap", "output_cost_per_token": 1e-6},
            "text": "x",
            "embedding": {"mode": "embedding", "input_cost_per_token": 2e-8},
            "thinker": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "output_cost_per_reasoning_token": 4e-6}}"#,
        );
        let skipped: Vec<&str> = found.skipped.iter().map(|one| one.model.as_str()).collect();
        assert_eq!(skipped, ["image", "free", "half", "odd", "text"]);
        assert!(found.skipped.iter().all(|one| one.why.ends_with('.')), "{:?}", found.skipped);
        assert_eq!(found.prices[0].price.output, Some(PerMillion::new(0)));
        assert_eq!(found.prices[1].price.output, Some(PerMillion::new(4_000_000_000)));
    }
}
