//! What a change did to a thing, field by field: the old value and the new one.
//!
//! Both are compared as JSON texts, so that an amount keeps every digit. A field of a part is named
//! by the way to it: `monthly_limit.amount`. Lists are compared as a whole.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// A longer value, in bytes, is cut.
const LONGEST: usize = 8 * 1_024;
/// So many characters of it stay.
const KEPT: usize = 1_000;

/// The fields that changed.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Changes(BTreeMap<String, Change>);

/// What became of a field.
#[derive(Debug, Clone)]
pub enum Change {
    /// Its values; none: there was none, or there is none any more.
    Shown {
        /// Until now.
        from: Option<Box<RawValue>>,
        /// From now on.
        to: Option<Box<RawValue>>,
    },
    /// It is a secret: only that it changed.
    Hidden,
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (changed, from, to) = match self {
            Self::Hidden => (Some(true), None, None),
            Self::Shown { from, to } => (None, from.as_deref(), to.as_deref()),
        };
        Written { changed, from, to }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a RawValue>,
}

impl Changes {
    /// What differs between a thing before and after. One that is made has only new values, and
    /// one that is deleted only old ones; what is null, false or empty is then
    /// left out.
    #[must_use]
    pub fn between(before: Option<&RawValue>, after: Option<&RawValue>) -> Self {
        let mut changes = Self::default();
        changes.compare("", before, after);
        if before.is_none() || after.is_none() {
            changes.0.retain(|_, change| !change.is_of_nothing());
        }
        changes
    }

    /// Adds a secret that changed.
    pub fn hide(&mut self, field: &str) {
        self.0.insert(field.to_owned(), Change::Hidden);
    }

    /// Adds a field that a thing's own JSON does not have.
    pub fn add<T: Serialize>(&mut self, field: &str, from: Option<&T>, to: Option<&T>) {
        // What is no JSON is no answer either: such a value is not shown.
        let raw = |value: Option<&T>| value.and_then(|it| serde_json::value::to_raw_value(it).ok());
        self.compare(field, raw(from).as_deref(), raw(to).as_deref());
    }

    /// Leaves fields out, with their parts.
    pub fn leave_out(&mut self, fields: &[&str]) {
        self.0.retain(|name, _| !fields.iter().any(|field| is_within(name, field)));
    }

    /// Shows of these fields and their parts only that they changed.
    pub fn hide_within(&mut self, fields: &[&str]) {
        for (name, change) in &mut self.0 {
            if fields.iter().any(|field| is_within(name, field)) {
                *change = Change::Hidden;
            }
        }
    }

    /// Takes over what a later change of the same thing did.
    pub fn then(&mut self, later: Self) {
        for (name, change) in later.0 {
            let change = match (self.0.remove(&name), change) {
                (Some(Change::Shown { from, .. }), Change::Shown { to, .. }) => {
                    Change::Shown { from, to }
                }
                (_, change) => change,
            };
            self.0.insert(name, change);
        }
    }

    /// Whether a field changed.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.0.iter().map(|(name, change)| (name.as_str(), change))
    }

    fn compare(&mut self, name: &str, before: Option<&RawValue>, after: Option<&RawValue>) {
        if before.map(RawValue::get) == after.map(RawValue::get) {
            return;
        }
        let whole = || Change::Shown { from: before.map(cut), to: after.map(cut) };
        let (Some(before), Some(after)) = (parts(before), parts(after)) else {
            self.0.insert(name.to_owned(), whole());
            return;
        };
        // One that is empty on one side, and is not there on the other.
        if before.is_empty() && after.is_empty() {
            self.0.insert(name.to_owned(), whole());
            return;
        }
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for part in all {
            let path = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
            let of = |it: &BTreeMap<String, Box<RawValue>>| it.get(part).cloned();
            self.compare(&path, of(&before).as_deref(), of(&after).as_deref());
        }
    }
}

impl Change {
    fn is_of_nothing(&self) -> bool {
        let empty = |it: &Option<Box<RawValue>>| {
            it.as_ref().is_none_or(|it| matches!(it.get(), "null" | "false" | "[]" | "{}" | "\"\""))
        };
        matches!(self, Self::Shown { from, to } if empty(from) && empty(to))
    }
}

fn is_within(name: &str, field: &str) -> bool {
    name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The parts of an object; of nothing, no part. None: it is no object, or one that has to stay
/// whole because a way through it could be read in two ways.
fn parts(value: Option<&RawValue>) -> Option<BTreeMap<String, Box<RawValue>>> {
    let Some(value) = value else { return Some(BTreeMap::new()) };
    if !value.get().starts_with('{') {
        return None;
    }
    let parts: BTreeMap<String, Box<RawValue>> = serde_json::from_str(value.get()).ok()?;
    let plain = |name: &String| !name.is_empty() && !name.contains('.');
    parts.keys().all(plain).then_some(parts)
}

/// A value, or the beginning of one that is too long to be kept.
fn cut(value: &RawValue) -> Box<RawValue> {
    let text = value.get();
    if text.len() <= LONGEST {
        return value.to_owned();
    }
    let kept: String = text.chars().take(KEPT).collect();
    let words = format!("{kept}… ({} bytes)", text.len());
    serde_json::value::to_raw_value(&words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn raw(value: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(value).unwrap()
    }

    fn between(before: &Value, after: &Value) -> Value {
        let changes = Changes::between(Some(&raw(before)), Some(&raw(after)));
        serde_json::to_value(&changes).unwrap()
    }

    #[test]
    fn parts_are_named_by_the_way_to_them() {
        let before = json!({"a": {"b": 1, "c": null}, "l": [1, 2], "same": "x", "gone": null});
        let after =
            json!({"a": {"b": 2, "c": null, "d": []}, "l": [2], "same": "x", "o": {"p": 1}});
        assert_eq!(
            between(&before, &after),
            json!({
                "a.b": {"from": 1, "to": 2},
                "a.d": {"to": []},
                "gone": {"from": null},
                "l": {"from": [1, 2], "to": [2]},
                "o.p": {"to": 1},
            })
        );
        // Null is a value; what becomes an object, or holds dots, stays whole.
        assert_eq!(
            between(
                &json!({"s": null, "m": {"gpt-4.1": "x"}}),
                &json!({"s": {"w": 1}, "m": {"gpt-4.1": "y"}})
            ),
            json!({
                "m": {"from": {"gpt-4.1": "x"}, "to": {"gpt-4.1": "y"}},
                "s": {"from": null, "to": {"w": 1}},
            })
        );
    }

    #[test]
    fn an_amount_keeps_every_digit() {
        let amount = |text: &str| RawValue::from_string(format!("{{\"a\":{text}}}")).unwrap();
        let (one, other) = (amount("9000000000.000000001"), amount("9000000000.000000002"));
        let changes = Changes::between(Some(&one), Some(&other));
        assert_eq!(
            serde_json::to_string(&changes).unwrap(),
            r#"{"a":{"from":9000000000.000000001,"to":9000000000.000000002}}"#
        );
    }

    #[test]
    fn what_is_made_or_deleted_has_one_side() {
        let thing = raw(&json!({"name": "a", "none": null, "tags": [], "l": {"x": null, "y": 0}}));
        let made = Changes::between(None, Some(&thing));
        let expected = json!({"name": {"to": "a"}, "l.y": {"to": 0}});
        assert_eq!(serde_json::to_value(&made).unwrap(), expected);
        let deleted = Changes::between(Some(&thing), None);
        let expected = json!({"name": {"from": "a"}, "l.y": {"from": 0}});
        assert_eq!(serde_json::to_value(&deleted).unwrap(), expected);
    }

    #[test]
    fn secrets_and_figures_are_not_shown() {
        let before = raw(&json!({"h": {"x": "secret"}, "hx": 1, "etag": "1", "keep": 1}));
        let after = raw(&json!({"h": {"x": "other"}, "hx": 2, "etag": "2", "keep": 2}));
        let mut changes = Changes::between(Some(&before), Some(&after));
        changes.hide_within(&["h"]);
        changes.leave_out(&["etag"]);
        changes.hide("password");
        assert_eq!(
            serde_json::to_value(&changes).unwrap(),
            json!({
                "h.x": {"changed": true}, "hx": {"from": 1, "to": 2},
                "keep": {"from": 1, "to": 2}, "password": {"changed": true},
            })
        );
    }

    #[test]
    fn two_changes_make_one() {
        let [one, two, three] = [1, 2, 3].map(|n| raw(&json!({"a": n, "b": 0})));
        let mut changes = Changes::between(Some(&one), Some(&two));
        changes.then(Changes::between(Some(&two), Some(&three)));
        assert_eq!(serde_json::to_value(&changes).unwrap(), json!({"a": {"from": 1, "to": 3}}));
    }

    #[test]
    fn a_long_value_is_cut() {
        let long = json!({"a": "é".repeat(50_000)});
        let text = serde_json::to_string(&Changes::between(None, Some(&raw(&long)))).unwrap();
        assert!(text.len() < 3_000 && text.contains("(100002 bytes)"), "{text}");
    }

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..4_i64).prop_map(Value::from),
            "[a-c.]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c]{0,1}[.]?", inner, 0..4)
                    .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    /// Writes one change into a value, along its way.
    fn put(target: &mut Value, name: &str, to: Option<&Value>) {
        if name.is_empty() {
            *target = to.cloned().unwrap();
            return;
        }
        let (mut at, mut rest) = (target, name);
        while let Some((head, tail)) = rest.split_once('.') {
            at = at.as_object_mut().unwrap().entry(head).or_insert_with(|| json!({}));
            rest = tail;
        }
        let at = at.as_object_mut().unwrap();
        match to {
            Some(to) => drop(at.insert(rest.to_owned(), to.clone())),
            None => drop(at.remove(rest)),
        }
    }

    /// What nothing is in says nothing: a part whose last field went is empty, not gone.
    fn without_empty(value: &Value) -> Value {
        let Value::Object(map) = value else { return value.clone() };
        let parts = map.iter().map(|(name, part)| (name.clone(), without_empty(part)));
        Value::from(parts.filter(|(_, part)| *part != json!({})).collect::<Map<_, _>>())
    }

    proptest! {
        /// The old values and the new ones are all that it takes to get from one to the other.
        #[test]
        fn changes_lead_from_before_to_after(before in anything(), after in anything()) {
            let changes = between(&before, &after);
            let changes = changes.as_object().unwrap();
            let (mut forth, mut back) = (before.clone(), after.clone());
            for (name, change) in changes {
                put(&mut forth, name, change.get("to"));
                put(&mut back, name, change.get("from"));
            }
            prop_assert_eq!(without_empty(&forth), without_empty(&after));
            prop_assert_eq!(without_empty(&back), without_empty(&before));
            prop_assert_eq!(changes.is_empty(), before == after);
        }
    }
}
