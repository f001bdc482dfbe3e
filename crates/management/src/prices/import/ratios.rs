//! Ratios of new-api and one-api: 1 is 2 USD per million input tokens; output, cache reads and cache
//! writes are factors on that; a fixed price is USD per call and takes the ratio's place.
//!
//! Three forms are read: `/api/ratio_config` (maps by ratio), `/api/pricing` (a list by model), and
//! the site's options (maps as texts, in capitals).

use domain::price::{PerMillion, Price};
use protocol::json::Kind;
use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::skip::Skip;
use super::{Found, FoundPrice, Skipped};
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// USD per million input tokens at a ratio of 1.
const UNIT: Decimal = Decimal::whole(2);

/// The ratios of one model, where they are given.
#[derive(Debug, Clone, Copy, Default)]
struct Ratios {
    input: Option<Decimal>,
    output: Option<Decimal>,
    cached: Option<Decimal>,
    written: Option<Decimal>,
    per_call: Option<Decimal>,
}

/// Reads the ratios.
pub(super) fn read(data: Value<'_>) -> Result<Found, Invalid> {
    if data.kind == Kind::Array {
        return read_list(data);
    }
    let members = data.members()?;
    if let Some((_, inner)) = members.iter().find(|(name, _)| name == "data") {
        return read(*inner).map_err(|invalid| invalid.within(".data"));
    }
    let mut models: BTreeMap<String, Ratios> = BTreeMap::new();
    let mut known = false;
    let mut found = Found::default();
    for (name, value) in members {
        let Some(place) = place(&name) else { continue };
        known = true;
        // Options hold their maps as texts.
        let text = if value.kind == Kind::String { value.string()? } else { value.raw.to_owned() };
        let within = |invalid: Invalid| invalid.within(&format!(".{name}"));
        let map = Value::of(&text).and_then(Value::members).map_err(within)?;
        for (model, ratio) in map {
            match Decimal::read(ratio) {
                Some(ratio) => *place(models.entry(model).or_default()) = Some(ratio),
                None => found.skip(&model, &Skip::Ratio { ratio: name.clone() }),
            }
        }
    }
    if !known {
        return Err(Invalid::new(Wrong::Ratios));
    }
    for (model, ratios) in models {
        // A model that was skipped for one of its ratios is not imported with the others.
        if !found.skipped.iter().any(|skipped| skipped.model == model) {
            found.add(price(model, ratios));
        }
    }
    Ok(found)
}

type Place = fn(&mut Ratios) -> &mut Option<Decimal>;

fn place(name: &str) -> Option<Place> {
    match name {
        "model_ratio" | "ModelRatio" => Some(|ratios| &mut ratios.input),
        "completion_ratio" | "CompletionRatio" => Some(|ratios| &mut ratios.output),
        "cache_ratio" | "CacheRatio" => Some(|ratios| &mut ratios.cached),
        "create_cache_ratio" | "CreateCacheRatio" => Some(|ratios| &mut ratios.written),
        "model_price" | "ModelPrice" => Some(|ratios| &mut ratios.per_call),
        _ => None,
    }
}

/// `/api/pricing`: `quota_type` says whether the ratio or the fixed price counts.
fn read_list(list: Value<'_>) -> Result<Found, Invalid> {
    let mut found = Found::default();
    for (index, entry) in list.elements()?.into_iter().enumerate() {
        let within = |invalid: Invalid| invalid.within(&format!("[{index}]"));
        let fields: BTreeMap<String, Value<'_>> =
            entry.members().map_err(within)?.into_iter().collect();
        let number = |name: &str| fields.get(name).and_then(|value| Decimal::read(*value));
        let name = fields.get("model_name").and_then(|name| name.string().ok());
        let Some(model) = name else {
            return Err(within(Invalid::new(Wrong::RatioModel)));
        };
        let fixed = fields.get("quota_type").is_some_and(|kind| kind.raw == "1");
        let ratios = if fixed {
            Ratios { per_call: number("model_price"), ..Ratios::default() }
        } else {
            Ratios {
                input: number("model_ratio"),
                output: number("completion_ratio"),
                cached: number("cache_ratio"),
                written: number("create_cache_ratio"),
                per_call: None,
            }
        };
        found.add(price(model, ratios));
    }
    Ok(found)
}

fn price(model: String, ratios: Ratios) -> Result<FoundPrice, Skipped> {
    match read_price(ratios) {
        Ok((price, rounded)) => Ok(FoundPrice { model, price, rounded }),
        Err(why) => Err(Skipped::new(&model, &why)),
    }
}

fn read_price(ratios: Ratios) -> Result<(Price, bool), Skip> {
    let mut rounded = false;
    let mut rate = |amount: Option<Decimal>| -> Result<PerMillion, Skip> {
        let rate = amount.and_then(Decimal::usd_per_million).ok_or(Skip::TooDear)?;
        rounded |= rate.rounded;
        Ok(rate.value)
    };
    if let Some(per_call) = ratios.per_call {
        let price = Price { per_request: Some(rate(Some(per_call))?), ..Price::default() };
        return Ok((price, rounded));
    }
    let Some(input) = ratios.input else {
        return Err(Skip::NoRatio);
    };
    let Some(output) = ratios.output else {
        return Err(Skip::NoCompletionRatio);
    };
    if input.is_zero() {
        return Err(Skip::RatioZero);
    }
    let input = UNIT.times(input).ok_or(Skip::TooDear)?;
    let mut share =
        |ratio: Option<Decimal>| ratio.map(|ratio| rate(input.times(ratio))).transpose();
    let price = Price {
        input: share(Some(Decimal::whole(1)))?,
        output: share(Some(output))?,
        cached_input: share(ratios.cached)?,
        cache_write: share(ratios.written)?,
        ..Price::default()
    };
    Ok((price, rounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(json: &str) -> Found {
        read(Value::of(json).unwrap()).unwrap()
    }

    fn price_of(found: &Found, model: &str) -> Price {
        found.prices.iter().find(|one| one.model == model).unwrap().price.clone()
    }

    #[test]
    fn a_ratio_of_1_is_2_usd_per_million() {
        let expected: Price = serde_json::from_str(
            r#"{"input":2.5,"output":10,"cached_input":1.25,"cache_write":3.125}"#,
        )
        .unwrap();
        let maps = r#"{"model_ratio":{"gpt-4o":1.25,"m":0.07},"completion_ratio":{"gpt-4o":4},
            "cache_ratio":{"gpt-4o":0.5},"create_cache_ratio":{"gpt-4o":1.25},"model_price":{"draw":0.04}}"#;
        let whole = format!(r#"{{"success":true,"data":{maps}}}"#);
        let options = r#"{"ModelRatio":"{\"gpt-4o\":1.25,\"m\":0.07}","CompletionRatio":"{\"gpt-4o\":4}",
            "CacheRatio":"{\"gpt-4o\":0.5}","CreateCacheRatio":"{\"gpt-4o\":1.25}","ModelPrice":"{\"draw\":0.04}"}"#;
        for json in [maps, &whole, options] {
            let found = read_json(json);
            assert_eq!(price_of(&found, "gpt-4o"), expected);
            assert_eq!(price_of(&found, "draw").per_request, Some(PerMillion::new(40_000_000)));
            assert!(
                matches!(found.skipped.as_slice(), [one] if one.model == "m"),
                "{:?}",
                found.skipped
            );
        }
    }

    #[test]
    fn the_price_list_of_a_site_is_read() {
        let found = read_json(
            r#"{"data":[{"model_name":"a","quota_type":0,"model_ratio":0.0684931506849315,"completion_ratio":3,"model_price":0},
            {"model_name":"b","quota_type":1,"model_ratio":0,"model_price":0.1,"completion_ratio":0},
            {"model_name":"c","quota_type":0,"model_ratio":0,"completion_ratio":1}]}"#,
        );
        let a = &found.prices[0];
        assert_eq!((a.price.input, a.rounded), (Some(PerMillion::new(136_986_301)), true));
        assert_eq!(a.price.output, Some(PerMillion::new(410_958_904)));
        assert_eq!(price_of(&found, "b").per_request, Some(PerMillion::new(100_000_000)));
        assert_eq!(found.skipped.len(), 1);
    }

    #[test]
    fn what_are_no_ratios_is_refused() {
        for json in [
            "{}",
            r#"{"ratio":{}}"#,
            r#"{"model_ratio":[]}"#,
            "7",
            r#"{"data":"x"}"#,
            r#"[{"model":"a"}]"#,
        ] {
            assert!(read(Value::of(json).unwrap()).is_err(), "{json}");
        }
    }
}
