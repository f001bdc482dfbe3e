//! Google's schemas (a subset of OpenAPI 3.0, "Schema") as JSON schemas.

use serde_json::{Map, Value};

use super::fields::{camel, integer};

/// The JSON schema that says the same. What already is one stays as it is.
pub(super) fn json_schema(schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut out = Map::new();
    let mut nullable = false;
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let name = camel(name);
        let value = match &*name {
            "type" => match type_of(value) {
                Some(value) => value,
                None => continue,
            },
            "nullable" => {
                nullable = value == &Value::Bool(true);
                continue;
            }
            // Hints for Google alone; `format: "enum"` says what `enum` says.
            "propertyOrdering" | "example" => continue,
            "format" if value == "enum" => continue,
            "properties" | "$defs" | "defs" => each_member(value),
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => each_element(value),
            "items" | "additionalProperties" | "not" => json_schema(value),
            "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties"
            | "maxProperties" => integer(value).map_or_else(|| value.clone(), Value::from),
            _ => value.clone(),
        };
        out.insert(name.into_owned(), value);
    }
    if nullable {
        allow_null(&mut out);
    }
    Value::Object(out)
}

/// `STRING` is `string`; a list of types stays one.
fn type_of(value: &Value) -> Option<Value> {
    match value {
        Value::String(name) if name == "TYPE_UNSPECIFIED" => None,
        Value::String(name) => Some(Value::from(name.to_ascii_lowercase())),
        Value::Array(names) => Some(names.iter().filter_map(type_of).collect()),
        other => Some(other.clone()),
    }
}

fn each_member(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), json_schema(value))).collect(),
        ),
        other => other.clone(),
    }
}

fn each_element(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

fn allow_null(schema: &mut Map<String, Value>) {
    let null = Value::from("null");
    if let Some(kind) = schema.get_mut("type") {
        match kind {
            Value::Array(kinds) if !kinds.contains(&null) => kinds.push(null),
            Value::String(name) => *kind = Value::Array(vec![Value::from(name.as_str()), null]),
            _ => {}
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    } else if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.push(serde_json::json!({"type": "null"}));
    }
}

#[cfg(test)]
mod tests {
    use super::json_schema;
    use serde_json::json;

    #[test]
    fn types_become_lower_case_and_nullable_becomes_a_type() {
        let schema = json!({
            "type": "OBJECT",
            "properties": {
                "type": {"type": "STRING", "format": "enum", "enum": ["a", "b"], "nullable": true},
                "size": {"type": "ARRAY", "min_items": "1", "items": {"type": "INTEGER"}},
                "either": {"anyOf": [{"type": "NUMBER"}], "nullable": true},
            },
            "required": ["type"],
            "propertyOrdering": ["type", "size"],
        });
        let wanted = json!({
            "type": "object",
            "properties": {
                "type": {"type": ["string", "null"], "enum": ["a", "b", null]},
                "size": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
                "either": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            },
            "required": ["type"],
        });
        assert_eq!(json_schema(&schema), wanted);
        assert_eq!(json_schema(&wanted), wanted);
    }
}
