//! The fields of a JSON object, taken one by one so that every mistake is found in one pass.

use protocol::json::{JsonError, Kind, Reader};
use std::collections::HashSet;

use super::value::{Invalid, Value};
use crate::problem::FieldError;
use crate::wrong::Wrong;

/// An object that is being read.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    /// The path to the object, such as `daily_limit.`; empty for the body itself.
    path: String,
    members: Vec<Member<'a>>,
    asked: Vec<&'static str>,
    errors: Vec<FieldError>,
}

#[derive(Debug)]
struct Member<'a> {
    name: String,
    value: Value<'a>,
    taken: bool,
}

impl<'a> Fields<'a> {
    /// The fields of an object.
    pub(crate) fn of(object: Value<'a>) -> Result<Self, Invalid> {
        let member = |(name, value)| Member { name, value, taken: false };
        Ok(Self { members: object.members()?.into_iter().map(member).collect(), ..Self::default() })
    }

    /// A field that may be missing. None if it is missing or wrong.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Result<T, Invalid>,
    ) -> Option<T> {
        let value = self.value(name)?;
        read(value).map_err(|invalid| self.refuse(name, invalid)).ok()
    }

    /// A field that must be there. None if it is missing or wrong.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Result<T, Invalid>,
    ) -> Option<T> {
        if !self.has(name) {
            self.asked.push(name);
            self.error(name, "required", &Wrong::Required);
            return None;
        }
        self.take(name, read)
    }

    /// A field that is an object itself. None if it is missing or something in it is wrong.
    pub(crate) fn nested<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let mut inner = match Fields::of(value) {
            Ok(inner) => inner,
            Err(invalid) => {
                self.refuse(name, invalid);
                return None;
            }
        };
        inner.path = format!("{}{name}.", self.path);
        let found = read(&mut inner);
        let errors = inner.finish();
        let sound = errors.is_empty();
        self.errors.extend(errors);
        found.filter(|_| sound)
    }

    /// The same where `null` stands for the object without any field.
    pub(crate) fn nested_or_null<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.is_null(name) {
            self.value(name);
            return Some(T::default());
        }
        self.nested(name, read)
    }

    /// A field that is a list of at most so many objects; `null` is the empty list.
    pub(crate) fn each_or_null<T>(
        &mut self,
        name: &'static str,
        most: usize,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let elements = self.take(name, |value| {
            let elements = if value.is_null() { Vec::new() } else { value.elements()? };
            let wrong = Wrong::AtMostEntries { most };
            if elements.len() > most { Err(Invalid::new(wrong)) } else { Ok(elements) }
        })?;
        let mut found = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            let mut inner = match Fields::of(element) {
                Ok(inner) => inner,
                Err(invalid) => {
                    self.refuse(name, invalid.within(&format!("[{index}]")));
                    continue;
                }
            };
            inner.path = format!("{}{name}[{index}].", self.path);
            found.extend(read(&mut inner));
            self.errors.extend(inner.finish());
        }
        Some(found)
    }

    /// The object as a JSON text.
    pub(crate) fn to_json(&self) -> String {
        let members = self.members.iter().map(|member| {
            let name = serde_json::Value::from(member.name.as_str());
            format!("{name}:{}", member.value.raw)
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    /// Whether a field was sent as `null`.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name && member.value.is_null())
    }

    /// Whether a field was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// Whether a field was sent as a list without entries, or as `null`.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        let empty = |value: Value<'_>| value.elements().is_ok_and(|elements| elements.is_empty());
        let sent = self.members.iter().find(|member| member.name == name);
        sent.is_some_and(|member| member.value.is_null() || empty(member.value))
    }

    /// Notes that a field is wrong.
    pub(crate) fn refuse(&mut self, name: &str, invalid: Invalid) {
        self.error(&format!("{name}{}", invalid.at), "invalid", &invalid.wrong);
    }

    /// Every mistake, those about fields that nobody asked for included.
    pub(crate) fn finish(mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = self
            .members
            .iter()
            .filter(|member| !member.taken)
            .map(|member| member.name.clone())
            .collect();
        let wrong = Wrong::NoSuchField { names: self.asked.join(", ") };
        for name in unknown {
            self.error(&name, "unknown", &wrong);
        }
        self.errors
    }

    /// The names that were asked for, in order.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    fn value(&mut self, name: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        let member = self.members.iter_mut().find(|member| member.name == name)?;
        member.taken = true;
        Some(member.value)
    }

    fn error(&mut self, name: &str, code: &'static str, wrong: &Wrong) {
        let shown: String = match name {
            "" => "\"\"".to_owned(),
            name => name.chars().take(100).collect(),
        };
        self.errors.push(FieldError::new(format!("{}{shown}", self.path), code, wrong));
    }
}

/// The paths of keys that occur twice in one object, compared after unescaping.
pub(crate) fn duplicates(text: &str) -> Result<Vec<String>, JsonError> {
    let mut reader = Reader::without_utf8_check(text.as_bytes());
    let mut found = Vec::new();
    walk(&mut reader, "", &mut found)?;
    reader.finish()?;
    Ok(found)
}

// The reader's cap on depth bounds the recursion.
fn walk(reader: &mut Reader<'_>, path: &str, found: &mut Vec<String>) -> Result<(), JsonError> {
    match reader.kind()? {
        Kind::Object => {
            let mut members = reader.object()?;
            let mut names = HashSet::new();
            while let Some(name) = members.next(reader)? {
                let name = name.decode()?.into_owned();
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if !names.insert(name) {
                    found.push(inner.clone());
                }
                walk(reader, &inner, found)?;
            }
        }
        Kind::Array => {
            let mut elements = reader.array()?;
            let mut index = 0_usize;
            while elements.next(reader)? {
                walk(reader, &format!("{path}[{index}]"), found)?;
                index += 1;
            }
        }
        _ => {
            reader.skip()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::value::{integer, text};
    use super::*;

    #[test]
    fn every_mistake_is_found_at_once() {
        let body = r#"{"name":1,"limit":{"amount":-1,"odd":0},"extra":true}"#;
        let mut fields = Fields::of(Value::of(body).unwrap()).unwrap();
        fields.required("name", text(1..=10));
        fields.required("owner", text(1..=10));
        fields.nested("limit", |limit| limit.take("amount", integer(0..=9)));
        let errors: Vec<(String, &str)> =
            fields.finish().into_iter().map(|error| (error.field, error.code)).collect();
        let expected = [
            ("name", "invalid"),
            ("owner", "required"),
            ("limit.amount", "invalid"),
            ("limit.odd", "unknown"),
            ("extra", "unknown"),
        ];
        assert_eq!(errors, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn duplicates_are_found_behind_escapes_and_at_any_depth() {
        let paths = |text| duplicates(text).unwrap();
        assert_eq!(paths(r#"{"a":1,"\u0061":2}"#), ["a"]);
        assert_eq!(paths(r#"{"m":[{"x":{"b":1,"b":1}}]}"#), ["m[0].x.b"]);
        assert!(paths(r#"{"a":{"b":1},"b":1}"#).is_empty());
        assert!(duplicates("{} {}").is_err());
    }
}
