//! A token's value: from the route that reveals one, the one that reveals several, or from the
//! token itself where the site still shows it whole. A masked value is never handed on.

use domain::secret::Secret;
use serde_json::{Value, json};

use super::super::mask::{fits, is_masked, with_prefix};
use super::super::{Site, SiteError, Token};
use super::{ask, pages};
use crate::web::Question;

pub(crate) async fn value(site: &Site, token: &Token) -> Result<Secret, SiteError> {
    let id = &token.id;
    // The id becomes part of a path: it is the site's word.
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Err(SiteError::Odd { site: site.url.authority(), what: "a sensible token id" });
    }
    let number = id.parse::<i64>().map_or_else(|_| Value::from(id.as_str()), Value::from);
    let revealing = [
        Question::post(format!("/api/token/{id}/key"), &json!({})),
        Question::post("/api/token/batch/keys", &json!({ "ids": [number] })),
        Question::get(format!("/api/token/{id}")),
    ];
    for question in revealing {
        match ask(site, question).await {
            Ok(data) => {
                if let Some(value) = found(&data, id) {
                    return checked(value, token);
                }
            }
            Err(SiteError::NoRoute { .. } | SiteError::NotJson { .. }) => {}
            // The site has the route, and says why it does not answer.
            Err(SiteError::Refused { message, .. }) => {
                return Err(SiteError::NotRevealed { why: message });
            }
            Err(other) => return Err(other),
        }
    }
    let listed = pages::all(site).await?.items;
    let same = |item: &&Value| super::text(item, "id").as_deref() == Some(id.as_str());
    let why = "it shows no more than the ends of it".to_owned();
    match listed.iter().find(same).and_then(|item| found(item, id)) {
        Some(value) => checked(value, token),
        None => Err(SiteError::NotRevealed { why }),
    }
}

/// The value in an answer, if it is whole.
fn found<'a>(data: &'a Value, id: &str) -> Option<&'a str> {
    let of_several = || data.get("keys").and_then(|keys| keys.get(id));
    let value = data.get("key").or_else(of_several).unwrap_or(data).as_str()?.trim();
    let sendable = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    (sendable && !is_masked(value)).then_some(value)
}

fn checked(value: &str, token: &Token) -> Result<Secret, SiteError> {
    if token.masked.as_deref().is_some_and(|mask| !fits(value, mask)) {
        let why = "what it answers does not fit the masked value in its list".to_owned();
        return Err(SiteError::NotRevealed { why });
    }
    Ok(Secret::new(with_prefix(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_every_shape_but_never_masked() {
        for shape in [
            json!({"key": "whole"}),
            json!({"keys": {"7": "whole"}}),
            json!({"id": 7, "key": " whole "}),
            json!("whole"),
        ] {
            assert_eq!(found(&shape, "7"), Some("whole"), "{shape}");
        }
        for shape in [
            json!({"key": "wh**le"}),
            json!({"key": ""}),
            json!({"keys": {"8": "whole"}}),
            json!({"key": "two\r\nlines"}),
            json!(null),
        ] {
            assert_eq!(found(&shape, "7"), None, "{shape}");
        }
    }
}
