//! The one person who has an account at a simulated site: their tokens and their balance.

use serde_json::{Value, json};

use super::conduct::Conduct;

/// The person's number.
pub const USER_ID: u64 = 3;
/// The person's access token.
pub const ACCESS_TOKEN: &str = "planted+access/token0123456789==";
/// The value of the person's session cookie.
pub const SESSION: &str = "MTc1MDAwMDAwMHxwbGFudGVkLXNlc3Npb24tMDEyMzQ1Njc4OQ==";

/// The value of a token, without `sk-`: 48 characters that name it.
#[must_use]
pub fn value_of(id: usize) -> String {
    format!("Pk{id:04}{}{id:04}zZ", "x7Qw9".repeat(8).get(..36).unwrap_or_default())
}

/// What the person has.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) tokens: Vec<Value>,
    pub(super) quota: i64,
    pub(super) checked_in: bool,
}

impl Person {
    pub(super) fn new(conduct: &Conduct) -> Self {
        let mut tokens: Vec<Value> = (1..=conduct.tokens).map(token).collect();
        let first = tokens.first_mut().and_then(Value::as_object_mut);
        if let (Some(first), Some(value)) = (first, &conduct.first_value) {
            first.insert("key".to_owned(), json!(value));
        }
        Self { tokens, quota: 5_000_000, checked_in: false }
    }

    /// Adds a token from what was asked for.
    pub(super) fn add(&mut self, wanted: &Value) {
        let mut made = token(self.tokens.len() + 1);
        if let (Some(made), Some(wanted)) = (made.as_object_mut(), wanted.as_object()) {
            made.insert("status".to_owned(), json!(1));
            made.extend(wanted.clone());
        }
        self.tokens.push(made);
    }
}

/// The tokens differ in everything that a list shows: the second is disabled, the third exhausted.
fn token(id: usize) -> Value {
    let (status, remain) = match id {
        2 => (2, 250_000),
        3 => (4, 0),
        _ => (1, 1_000_000),
    };
    json!({
        "id": id, "user_id": USER_ID, "key": value_of(id), "status": status,
        "name": format!("token-{id}"), "created_time": 1_750_000_000, "accessed_time": 1_760_000_000,
        "expired_time": if id == 1 { 4_000_000_000_i64 } else { -1 },
        "remain_quota": remain, "unlimited_quota": id == 4,
        "model_limits_enabled": id == 1, "model_limits": if id == 1 { "sim-small,sim-large" } else { "" },
        "allow_ips": "", "used_quota": 500_000, "group": "default", "cross_group_retry": false,
        "DeletedAt": null, "a_field_of_tomorrow": {"nested": [1, 2, 3]},
    })
}
