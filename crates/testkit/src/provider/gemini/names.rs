//! Names of fields: both spellings of a protocol buffer's JSON become one.

use serde_json::Value;

/// What holds a caller's own names, which stay as they are.
const OPAQUE: &[&str] = &[
    "args",
    "response",
    "parametersJsonSchema",
    "responseJsonSchema",
    "responseSchema",
    "parameters",
    "labels",
    "metadata",
];

/// The same JSON with every field that is the API's own in `camelCase`.
pub(in crate::provider) fn camel(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(camel).collect(),
        Value::Object(fields) => {
            let field = |(name, inner): (String, Value)| {
                let name = camel_name(&name);
                let inner = if OPAQUE.contains(&name.as_str()) { inner } else { camel(inner) };
                (name, inner)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        other => other,
    }
}

fn camel_name(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for character in name.chars() {
        if character == '_' && !camel.is_empty() {
            raise = true;
        } else if raise {
            camel.extend(character.to_uppercase());
            raise = false;
        } else {
            camel.push(character);
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_callers_own_names_stay() {
        let body =
            json!({"system_instruction": {"parts": [{"function_call": {"args": {"a_b": 1}}}]}});
        let named =
            json!({"systemInstruction": {"parts": [{"functionCall": {"args": {"a_b": 1}}}]}});
        assert_eq!(camel(body), named);
    }
}
