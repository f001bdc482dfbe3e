//! A request's body while it is put together: JSON whose numbers keep every digit.

use anyhow::{Result, ensure};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A value, or members that are filled one by one.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Part {
    Whole(Box<RawValue>),
    Members(BTreeMap<String, Self>),
}

impl Part {
    /// A body that sets nothing yet.
    pub(super) const fn empty() -> Self {
        Self::Members(BTreeMap::new())
    }

    /// Sets a member; points lead into members.
    pub(super) fn set(&mut self, member: &str, value: Box<RawValue>) -> Result<()> {
        let Self::Members(members) = self else { anyhow::bail!("it is set as a whole already") };
        if let Some((first, rest)) = member.split_once('.') {
            return members.entry(first.to_owned()).or_insert_with(Self::empty).set(rest, value);
        }
        ensure!(!members.contains_key(member), "it is set already");
        members.insert(member.to_owned(), Self::Whole(value));
        Ok(())
    }
}

/// A value as JSON.
pub(super) fn raw(value: &impl Serialize) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_put_into_members_once() {
        let mut body = Part::empty();
        let number = || RawValue::from_string("1.000000000000000001".to_owned()).unwrap();
        body.set("a.b", number()).unwrap();
        body.set("a.c", raw(&"x").unwrap()).unwrap();
        let text = serde_json::to_string(&body).unwrap();
        assert_eq!(text, r#"{"a":{"b":1.000000000000000001,"c":"x"}}"#);
        for taken in ["a", "a.b", "a.b.c"] {
            assert!(body.set(taken, number()).is_err(), "{taken}");
        }
    }
}
