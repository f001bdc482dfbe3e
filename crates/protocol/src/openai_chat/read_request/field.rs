//! Fields of a request: of the right type, or refused by name. A field that is `null` is one that
//! is not given.

use serde_json::{Map, Number, Value};

use crate::canonical::Untranslatable;

/// An object of the request.
pub(super) type Object = Map<String, Value>;

/// A field whose value is not what is allowed.
pub(super) fn wrong(field: &str, allowed: &str) -> Untranslatable {
    Untranslatable::new(field, format!("`{field}` must be {allowed}."))
}

/// The same for a field that stands inside of `parent`.
pub(super) fn within(parent: String) -> impl FnOnce(Untranslatable) -> Untranslatable {
    move |error| {
        let dot = if error.field.starts_with('[') { "" } else { "." };
        let path = format!("{parent}{dot}{}", error.field);
        let message =
            error.message.replacen(&format!("`{}`", error.field), &format!("`{path}`"), 1);
        Untranslatable { field: path, message }
    }
}

/// A value that is given.
pub(super) fn given<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn typed<'v, T>(
    object: &'v Object,
    name: &str,
    allowed: &str,
    read: impl FnOnce(&'v Value) -> Option<T>,
) -> Result<Option<T>, Untranslatable> {
    given(object, name).map(|value| read(value).ok_or_else(|| wrong(name, allowed))).transpose()
}

pub(super) fn string<'v>(
    object: &'v Object,
    name: &str,
) -> Result<Option<&'v str>, Untranslatable> {
    typed(object, name, "a string", Value::as_str)
}

/// A string that must be there.
pub(super) fn the_string<'v>(object: &'v Object, name: &str) -> Result<&'v str, Untranslatable> {
    string(object, name)?.ok_or_else(|| wrong(name, "a string"))
}

pub(super) fn boolean(object: &Object, name: &str) -> Result<Option<bool>, Untranslatable> {
    typed(object, name, "true, false or null", Value::as_bool)
}

pub(super) fn count(object: &Object, name: &str) -> Result<Option<u64>, Untranslatable> {
    typed(object, name, "a whole number of 0 or more, or null", Value::as_u64)
}

pub(super) fn integer(object: &Object, name: &str) -> Result<Option<i64>, Untranslatable> {
    typed(object, name, "a whole number or null", Value::as_i64)
}

pub(super) fn number(object: &Object, name: &str) -> Result<Option<Number>, Untranslatable> {
    typed(object, name, "a number or null", |value| match value {
        Value::Number(number) => Some(number.clone()),
        _ => None,
    })
}

pub(super) fn array<'v>(
    object: &'v Object,
    name: &str,
) -> Result<Option<&'v [Value]>, Untranslatable> {
    typed(object, name, "an array", |value| value.as_array().map(Vec::as_slice))
}

pub(super) fn object<'v>(
    object: &'v Object,
    name: &str,
) -> Result<Option<&'v Object>, Untranslatable> {
    typed(object, name, "an object", Value::as_object)
}

/// An object that must be there.
pub(super) fn the_object<'v>(parent: &'v Object, name: &str) -> Result<&'v Object, Untranslatable> {
    object(parent, name)?.ok_or_else(|| wrong(name, "an object"))
}

/// Each element of an array of objects, with its number.
pub(super) fn objects<'v>(
    parent: &'v Object,
    name: &str,
) -> impl Iterator<Item = Result<(usize, &'v Object), Untranslatable>> {
    let (elements, error) = match array(parent, name) {
        Ok(elements) => (elements.unwrap_or_default(), None),
        Err(error) => (&[][..], Some(Err(error))),
    };
    let name = name.to_owned();
    error.into_iter().chain(elements.iter().enumerate().map(move |(index, element)| {
        let field = || format!("{name}[{index}]");
        let object = element.as_object().ok_or_else(|| wrong(&field(), "an object"))?;
        Ok((index, object))
    }))
}
