//! Prices: the site's ratios, read as `POST /api/v1/prices/import` reads them.

use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};
use store::new_api::Site;

use super::channels::PlannedChannel;
use super::known::Known;
use super::remarks::{Kind, Remarks};
use super::units::{UNITS_PER_USD, UnitsPerUsd};
use super::why::Why;
use crate::prices::import::{ImportReport, of_options};

const RATIOS: [&str; 5] =
    ["ModelRatio", "CompletionRatio", "CacheRatio", "CreateCacheRatio", "ModelPrice"];

pub(super) fn plan(
    site: &Site,
    known: &Known,
    units_per_usd: UnitsPerUsd,
    (dry_run, overwrite): (bool, bool),
    remarks: &mut Remarks,
) -> ImportReport {
    let nothing = ImportReport { dry_run, ..ImportReport::default() };
    let mut options = Map::new();
    for name in RATIOS {
        let Some(text) = site.options.get(name) else { continue };
        match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text) {
            Ok(_) => drop(options.insert(name.to_owned(), json!(text))),
            Err(_) => remarks.note(Kind::Site, name, Why::OptionUnreadable),
        }
    }
    if options.is_empty() {
        let why = Why::NoRatios;
        remarks.note(Kind::Site, "ModelRatio", why);
        return nothing;
    }
    if units_per_usd != UNITS_PER_USD {
        let units = site.options.get("QuotaPerUnit").map_or("", |text| text.trim());
        let why = Why::OtherUnits { units: units.to_owned() };
        remarks.note(Kind::Site, "QuotaPerUnit", why);
        return nothing;
    }
    let text = serde_json::Value::Object(options).to_string();
    of_options(&text, known.prices.clone(), dry_run, overwrite).unwrap_or_else(|invalid| {
        let why = Why::PricesUnreadable { reason: invalid.wrong.to_string() };
        remarks.note(Kind::Site, "ModelRatio", why);
        nothing
    })
}

/// The models that the new channels serve and that have no price: calls of them are refused.
pub(super) fn unpriced(
    channels: &[PlannedChannel],
    known: &Known,
    prices: &ImportReport,
) -> Vec<String> {
    let set: BTreeSet<&str> = prices.set.iter().map(|set| set.model.as_str()).collect();
    let served: BTreeSet<&str> =
        channels.iter().flat_map(|it| &it.models).map(|model| model.name.as_str()).collect();
    served
        .into_iter()
        .filter(|model| !set.contains(model) && !known.prices.contains_key(*model))
        .map(ToOwned::to_owned)
        .collect()
}
