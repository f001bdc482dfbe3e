//! Free text as a function's arguments, for dialects that know no tools that take free text: an
//! object with one text named `input`.

use serde_json::{Value, json};

/// The one property's name.
pub const INPUT: &str = "input";

/// The arguments that stand for a free text.
#[must_use]
pub fn wrap(text: &str) -> String {
    json!({ INPUT: text }).to_string()
}

/// The free text that arguments stand for; nothing where they are not of the form that [`wrap`]
/// gives.
#[must_use]
pub fn unwrap_arguments(arguments: &str) -> Option<String> {
    match serde_json::from_str(arguments).ok()? {
        Value::Object(mut members) if members.len() == 1 => match members.remove(INPUT)? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        assert_eq!(wrap("a \"b\"\n"), r#"{"input":"a \"b\"\n"}"#);
        for text in ["", "*** Begin Patch\n", "{\"input\":\"x\"}"] {
            assert_eq!(unwrap_arguments(&wrap(text)).as_deref(), Some(text));
        }
        for other in ["", "x", "{}", r#"{"input":1}"#, r#"{"input":"x","more":1}"#] {
            assert_eq!(unwrap_arguments(other), None);
        }
    }
}
