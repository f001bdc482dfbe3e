//! What a signed-in person can do: look, list, reveal, make, check in.

use http::{Method, Uri};
use serde_json::{Value, json};

use super::conduct::{CheckInPlace, Conduct, Generation, Reveal};
use super::person::{Person, value_of};
use super::routes::{success, unknown};
use super::server::{Answer, Ground, json, refusal};

/// What a check-in brings, in units.
const AWARD: i64 = 250_000;

pub(super) fn answer(
    ground: &Ground,
    conduct: &Conduct,
    method: &Method,
    uri: &Uri,
    body: &Value,
) -> Answer {
    let mut person = ground.person();
    let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["api", "user", "self"]) => success(json!({
            "id": super::USER_ID, "username": "sim", "quota": person.quota, "used_quota": 1_000_000,
            "role": 1, "status": 1, "group": "default", "setting": "{}", "of_tomorrow": null,
        })),
        ("GET", ["api", "token"]) => list(conduct, &person, uri),
        ("POST", ["api", "token"]) => {
            person.add(body);
            json(200, &json!({"success": true, "message": ""}))
        }
        ("GET", ["api", "token", id]) => match found(&person, id) {
            Some(token) => success(shown(conduct, token)),
            None => refusal(200, "record not found"),
        },
        ("POST", ["api", "token", "batch", "keys"])
            if conduct.generation == Generation::Paged && conduct.reveal == Reveal::Batch =>
        {
            revealed_several(&person, body)
        }
        ("POST", ["api", "token", id, "key"]) if conduct.generation == Generation::Paged => {
            match (conduct.reveal, found(&person, id)) {
                (Reveal::Batch | Reveal::Nowhere, _) => unknown(method, uri.path()),
                (Reveal::Refused, _) => refusal(200, "Turn on two-factor authentication first"),
                (_, None) => refusal(200, "record not found"),
                (Reveal::Masked, Some(token)) => {
                    success(json!({"key": shown(conduct, token).get("key")}))
                }
                (Reveal::Wrong, Some(_)) => success(json!({"key": value_of(9_999)})),
                (Reveal::One, Some(token)) => success(json!({"key": token.get("key")})),
            }
        }
        ("POST", ["api", "user", "checkin"]) if conduct.check_in == CheckInPlace::CheckIn => {
            if std::mem::replace(&mut person.checked_in, true) {
                let english = "You have already checked in today";
                return refusal(200, if conduct.chinese { "今日已签到" } else { english });
            }
            person.quota += AWARD;
            let data = json!({"quota_awarded": AWARD, "checkin_date": "2026-11-22"});
            json(200, &json!({"success": true, "message": "签到成功", "data": data}))
        }
        ("POST", ["api", "user", "sign_in"]) if conduct.check_in == CheckInPlace::SignIn => {
            if std::mem::replace(&mut person.checked_in, true) {
                return json(200, &json!({"success": true, "message": ""}));
            }
            person.quota += AWARD;
            json(200, &json!({"code": 0, "message": "签到成功，获得 $0.5 额度"}))
        }
        _ => unknown(method, uri.path()),
    }
}

fn list(conduct: &Conduct, person: &Person, uri: &Uri) -> Answer {
    let asked = |names: &[&str]| {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|it| it.split_once('='));
        pairs.filter(|(name, _)| names.contains(name)).find_map(|(_, value)| value.parse().ok())
    };
    let number: usize = asked(&["p"]).unwrap_or_default();
    // Newest first, as the real ones.
    let newest = || person.tokens.iter().rev().map(|token| shown(conduct, token));
    match conduct.generation {
        Generation::Bare => {
            let items: Vec<Value> =
                newest().skip(number * conduct.page).take(conduct.page).collect();
            // An empty list of the older servers.
            success(if items.is_empty() { Value::Null } else { items.into() })
        }
        Generation::Paged => {
            let wanted = asked(&["page_size", "ps", "size"]).unwrap_or(10);
            let size = wanted.min(conduct.page);
            let start = number.saturating_sub(1) * size;
            let items: Vec<Value> = newest().skip(start).take(size).collect();
            let total = person.tokens.len();
            success(json!({"page": number, "page_size": size, "total": total, "items": items}))
        }
    }
}

fn found<'a>(person: &'a Person, id: &str) -> Option<&'a Value> {
    let id: i64 = id.parse().ok()?;
    person.tokens.iter().find(|token| token.get("id") == Some(&json!(id)))
}

/// A token as answers show it.
fn shown(conduct: &Conduct, token: &Value) -> Value {
    let mut token = token.clone();
    let value = token.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    if conduct.masked
        && let (Some(head), Some(tail)) =
            (value.get(..4), value.get(value.len().saturating_sub(4)..))
        && let Some(token) = token.as_object_mut()
    {
        token.insert("key".to_owned(), json!(format!("{head}**********{tail}")));
    }
    token
}

fn revealed_several(person: &Person, body: &Value) -> Answer {
    let ids = body.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let keys: serde_json::Map<String, Value> = ids
        .iter()
        .filter_map(|id| {
            let id = id.as_i64()?.to_string();
            Some((id.clone(), found(person, &id)?.get("key")?.clone()))
        })
        .collect();
    success(json!({ "keys": keys }))
}
