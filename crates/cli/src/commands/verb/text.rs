//! Answers read as text, member by member: no number passes through a floating-point one, and the
//! order is the gateway's.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// An object's members in their order.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

/// The members of an object; none where it is another thing.
pub(super) fn members(json: &str) -> Vec<(String, &str)> {
    let read: Result<Members<'_>, _> = serde_json::from_str(json);
    let members = read.map_or_else(|_| Vec::new(), |members| members.0);
    members.into_iter().map(|(name, value)| (name, value.get())).collect()
}

/// The entries of a list; none where it is another thing.
pub(super) fn entries(json: &str) -> Option<Vec<&str>> {
    let read: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(read.into_iter().map(RawValue::get).collect())
}

/// What stands at a path of members.
pub(super) fn at<'a>(json: &'a str, path: &str) -> Option<&'a str> {
    let (first, rest) =
        path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let (_, value) = members(json).into_iter().find(|(name, _)| name == first)?;
    rest.map_or(Some(value), |rest| at(value, rest))
}

/// Everything that stands at a path of members, through the lists on the way.
pub(super) fn all_at<'a>(json: &'a str, path: Option<&str>) -> Vec<&'a str> {
    if let Some(entries) = entries(json) {
        return entries.into_iter().flat_map(|entry| all_at(entry, path)).collect();
    }
    let Some(path) = path else { return vec![json] };
    let (first, rest) =
        path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    at(json, first).map(|value| all_at(value, rest)).unwrap_or_default()
}

/// A value for people: texts without quotes, lists with commas, nothing for null.
pub(super) fn plain(json: &str) -> String {
    if json == "null" {
        return String::new();
    }
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return shown(&text);
    }
    match entries(json) {
        Some(entries) => entries.into_iter().map(plain).collect::<Vec<_>>().join(", "),
        None => json.to_owned(),
    }
}

/// A text that somebody else wrote cannot move the cursor or break a line.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str =
        r#"{"z": 0.1234567890123456789, "a": {"b": ["x", "y"]}, "data": [{"k": 1}, {"k": null}]}"#;

    #[test]
    fn members_keep_their_order_and_their_digits() {
        let names: Vec<String> = members(ANSWER).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["z", "a", "data"]);
        assert_eq!(at(ANSWER, "z").map(plain).as_deref(), Some("0.1234567890123456789"));
        assert_eq!(at(ANSWER, "a.b").map(plain).as_deref(), Some("x, y"));
        assert_eq!(at(ANSWER, "a.c"), None);
        assert_eq!(all_at(ANSWER, Some("data.k")), ["1", "null"]);
        assert_eq!(plain(r#""a\u001b[2Jb\n""#), "a\u{fffd}[2Jb\u{fffd}");
    }
}
