//! A new token. The site answers a creation without its id, so it is found again by its name.

use domain::secret::Secret;
use domain::time::UnixMillis;
use serde_json::{Value, json};

use super::super::mask::{is_masked, with_prefix};
use super::super::reading::whole;
use super::super::{Made, Site, SiteError};
use super::{ask, pages, token, units_per_dollar, value};
use crate::web::Question;

/// The longest name in bytes that the family takes.
const LONGEST_NAME: usize = 50;

pub(crate) async fn make(site: &Site, name: &str, now: UnixMillis) -> Result<Made, SiteError> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        let message = format!("a token's name has 1 to {LONGEST_NAME} bytes");
        return Err(SiteError::Refused { site: site.url.authority(), message });
    }
    let per_dollar = units_per_dollar(site).await?;
    let known: Vec<i64> = numbers(&pages::all(site).await?.items, name);
    let wanted = json!({
        "name": name, "remain_quota": 0, "expired_time": -1, "unlimited_quota": true,
        "model_limits_enabled": false, "model_limits": "", "allow_ips": "", "group": "",
    });
    let made = ask(site, Question::post("/api/token/", &wanted)).await?;
    let shown = made.get("key").and_then(Value::as_str).filter(|key| !is_masked(key));
    let items = pages::all(site).await?.items;
    let new = numbers(&items, name).into_iter().filter(|id| !known.contains(id)).max();
    let is_new = |item: &&Value| new.is_some() && whole(item, "id") == new;
    let made = items.iter().find(is_new).and_then(|item| token(item, per_dollar, now));
    let odd = SiteError::Odd { site: site.url.authority(), what: "the token that was just made" };
    let made = made.ok_or(odd)?;
    let value = match shown {
        Some(shown) => Some(Secret::new(with_prefix(shown))),
        None => match value(site, &made).await {
            Ok(value) => Some(value),
            Err(SiteError::NotRevealed { .. }) => None,
            Err(other) => return Err(other),
        },
    };
    Ok(Made { token: made, value })
}

fn numbers(items: &[Value], name: &str) -> Vec<i64> {
    let named = items.iter().filter(|item| item.get("name").and_then(Value::as_str) == Some(name));
    named.filter_map(|item| whole(item, "id")).collect()
}
