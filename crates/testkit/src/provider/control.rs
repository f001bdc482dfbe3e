//! The provider's controls over HTTP, for tests in another process.
//!
//! `POST /_control/script {"match": {…}, "script": {…}}` adds a rule, `DELETE /_control/script`
//! removes all, `GET /_control/totals` shows what the books add up to. `GET /_control/seen` lists
//! the last requests, oldest first, `DELETE /_control/seen` forgets them. No secret is asked for.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::script::{Matcher, Script};
use super::seen::SeenRequest;
use super::server::House;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRule {
    #[serde(default, rename = "match")]
    matcher: Matcher,
    script: Script,
}

/// Answers a control request: a status and a body; `None` if the path is none of ours.
pub(super) fn answer(
    house: &House,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Option<(u16, Value)> {
    match (method.as_str(), path) {
        ("POST", "/_control/script") => Some(match serde_json::from_slice::<NewRule>(body) {
            Ok(rule) => {
                house.add_rule(rule.matcher, rule.script);
                (200, json!({"ok": true}))
            }
            Err(error) => (400, json!({"ok": false, "error": error.to_string()})),
        }),
        ("DELETE", "/_control/script") => {
            house.clear_rules();
            Some((200, json!({"ok": true})))
        }
        ("GET", "/_control/seen") => {
            let seen: Vec<Value> = house.seen().iter().map(SeenRequest::shown).collect();
            Some((200, json!({"data": seen})))
        }
        ("DELETE", "/_control/seen") => {
            house.forget_seen();
            Some((200, json!({"ok": true})))
        }
        ("GET", "/_control/totals") => Some((200, json!(house.totals()))),
        _ => None,
    }
}
