//! Calls of tools as this dialect wants them: ids of few characters, arguments that are an object.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// An id of letters, digits, `_` and `-`, which is all that Anthropic takes. Another one is made
/// of what it allows and a hash, so that a call and its result still meet.
pub(super) fn fit_id(id: &str) -> Cow<'_, str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.is_empty() && id.chars().all(allowed) {
        return Cow::Borrowed(id);
    }
    let mut fitting: String =
        id.chars().take(64).map(|c| if allowed(c) { c } else { '_' }).collect();
    // FNV-1a.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    fitting.push_str(&format!("_{hash:016x}"));
    Cow::Owned(fitting)
}

/// The object that a call's arguments are: nothing becomes an empty one, and what is no object the
/// text `input` of one. The arguments of a `free` tool are such a text always.
pub(super) fn input(arguments: &str, free: bool) -> Value {
    if free {
        return json!({ "input": arguments });
    }
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(Value::Null) => Value::Object(Map::new()),
        _ => json!({ "input": arguments }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_and_stay_apart() {
        assert_eq!(fit_id("toolu_1-A"), "toolu_1-A");
        let ids = ["", "a.b", "a:b", "a b", "é"];
        for (place, id) in ids.iter().enumerate() {
            assert!(fit_id(id).chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)));
            for other in ids.iter().skip(place + 1) {
                assert_ne!(fit_id(id), fit_id(other));
            }
        }
    }

    #[test]
    fn arguments_are_an_object() {
        assert_eq!(input("", false), json!({}));
        assert_eq!(input(r#"{"a":1}"#, false), json!({"a": 1}));
        assert_eq!(input("[1]", false), json!({"input": "[1]"}));
        assert_eq!(input(r#"{"a":"#, false), json!({"input": "{\"a\":"}));
        assert_eq!(input("*** Begin", true), json!({"input": "*** Begin"}));
    }
}
