//! Reading objects as Google reads them: names in camel case or snake case, `null` as nothing, one
//! value where a list is meant, whole numbers also as texts ("ProtoJSON format").

use std::borrow::Cow;

use serde_json::Value;

use crate::canonical::Untranslatable;

/// A name in camel case; an underscore at its start stays.
pub(super) fn camel(name: &str) -> Cow<'_, str> {
    if !name.trim_start_matches('_').contains('_') {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut raise = false;
    for character in name.chars() {
        if character == '_' && !out.is_empty() {
            raise = true;
        } else if std::mem::take(&mut raise) {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The members of an object that are not null, by their names in camel case.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (Cow<'_, str>, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.filter(|(_, value)| !value.is_null()).map(|(name, value)| (camel(name), value))
}

/// One member, by its name in camel case.
pub(super) fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    members(value).find(|(found, _)| found == name).map(|(_, value)| value)
}

/// The elements of a list, or the one value that stands for it.
pub(super) fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// A whole number, in digits or in a text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            format!("{float:.0}").parse().ok()
        }),
        _ => None,
    }
}

/// A field of the wrong type.
pub(super) fn wrong(field: &str, allowed: &str) -> Untranslatable {
    Untranslatable::new(field, format!("`{field}` must be {allowed}."))
}

/// A text.
///
/// # Errors
/// It is none.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str, Untranslatable> {
    value.as_str().ok_or_else(|| wrong(field, "a string"))
}

/// A whole number that is not negative.
///
/// # Errors
/// It is none.
pub(super) fn count(value: &Value, field: &str) -> Result<u64, Untranslatable> {
    let count = integer(value).and_then(|integer| u64::try_from(integer).ok());
    count.ok_or_else(|| wrong(field, "a whole number, 0 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_read_in_both_cases() {
        for (given, wanted) in [
            ("system_instruction", "systemInstruction"),
            ("systemInstruction", "systemInstruction"),
            ("_response_json_schema", "_responseJsonSchema"),
            ("_responseJsonSchema", "_responseJsonSchema"),
            ("a__b_", "aB"),
            ("", ""),
            ("_", "_"),
            ("é_x", "éX"),
        ] {
            assert_eq!(camel(given), wanted);
        }
        assert_eq!(member(&json!({"top_k": null, "topK": 3}), "topK"), Some(&json!(3)));
    }

    #[test]
    fn whole_numbers_come_in_three_shapes() {
        for value in [json!(64), json!("64"), json!(64.0)] {
            assert_eq!(integer(&value), Some(64));
        }
        for value in [json!(0.5), json!("x"), json!(true), json!(1e300)] {
            assert_eq!(integer(&value), None);
        }
    }
}
