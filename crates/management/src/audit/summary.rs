//! A request's body in a few words for the audit log: which fields it set, without a secret.
//!
//! Numbers, switches and `null` stand as they are. Of texts only those of fields that never hold a
//! secret do; of everything else only the name stands, so a new field says too little at first and
//! never too much.

use serde_json::Value;
use std::borrow::Cow;

/// Fields whose texts say what happened and hold no secret.
const SHOWN: &[&str] = &[
    "action",
    "amount",
    "billing_method",
    "credit",
    "email",
    "expires_at",
    "language",
    "model",
    "multiplier",
    "name",
    "note",
    "owner",
    "provider",
    "purpose",
    "quota",
    "reason",
    "role",
    "theme",
    "tier",
];
/// The most characters of one value, and of all.
const LONGEST_VALUE: usize = 80;
const LONGEST: usize = 400;

/// The words for a body that was read before.
pub(crate) fn of(body: &[u8]) -> String {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return String::new() };
    let mut words: Vec<String> = members.iter().map(|(name, value)| field(name, value)).collect();
    while words.iter().map(|word| word.chars().count() + 2).sum::<usize>() > LONGEST {
        words.pop();
    }
    if words.len() < members.len() {
        words.push("…".to_owned());
    }
    words.join(", ")
}

fn field(name: &str, value: &Value) -> String {
    let value: Cow<'_, str> = match value {
        Value::Null => "null".into(),
        Value::Bool(on) => on.to_string().into(),
        Value::Number(number) => number.to_string().into(),
        Value::String(text) if SHOWN.contains(&name) => text.into(),
        _ => return name.to_owned(),
    };
    let mut shown: String = value.chars().take(LONGEST_VALUE).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    format!("{name}={shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_named_and_not_shown() {
        let body = br#"{"name":"a","password":"pw","secret":"s","code":"123456","amount":"1.5","disabled":true,"headers":{"x":"y"},"email":null}"#;
        assert_eq!(
            of(body),
            "name=a, password, secret, code, amount=1.5, disabled=true, headers, email=null"
        );
    }

    #[test]
    fn long_values_are_cut() {
        let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(1_000));
        assert!(of(body.as_bytes()).chars().count() < 100);
        let many: Vec<String> = (0..1_000).map(|n| format!(r#""field{n}":1"#)).collect();
        let words = of(format!("{{{}}}", many.join(",")).as_bytes());
        assert!(words.ends_with(", …") && words.chars().count() < 500, "{words}");
    }
}
