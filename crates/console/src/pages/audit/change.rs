//! What became of a field, as people read it: what it is called, its old value and its new one.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::field::{self, Form};
use crate::language::{Message, Words};
use crate::links;

/// A longer value is folded.
const SHORT: usize = 120;
/// So much of it is shown while it is.
const HEAD: usize = 60;

/// What became of a thing.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Thing {
    pub(crate) object: String,
    fields: BTreeMap<String, FieldChange>,
}

/// What became of a field, as the API says it.
#[derive(Debug, Clone, Deserialize)]
struct FieldChange {
    #[serde(default, deserialize_with = "given")]
    from: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "given")]
    to: Option<Box<RawValue>>,
    #[serde(default)]
    changed: bool,
}

/// Null is a value, too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// A line of what changed.
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) values: Values,
}

/// What a line shows.
pub(crate) enum Values {
    /// It is a secret.
    Hidden,
    /// The old value, if there was one, and the new one, if there is one.
    Moved(Option<Shown>, Option<Shown>),
    /// A list: what went, what came, and how many stayed.
    Listed { gone: Vec<String>, new: Vec<String>, kept: usize },
}

/// A value.
pub(crate) enum Shown {
    Nothing,
    Text(String),
    Long { head: String, whole: String },
}

impl Thing {
    /// A line for each field, the name first.
    pub(crate) fn lines(&self, words: Words) -> Vec<Line> {
        let mut fields: Vec<_> = self.fields.iter().collect();
        fields.sort_by_key(|(name, _)| *name != "name");
        fields.into_iter().map(|(name, change)| change.line(name, words)).collect()
    }
}

impl Thing {
    /// Whether it was made with this name.
    pub(crate) fn came_as(&self, name: &str) -> bool {
        let Some(change) = self.fields.get("name").filter(|change| change.from.is_none()) else {
            return false;
        };
        change.to.as_ref().is_some_and(|to| plain(to.get()) == name)
    }
}

/// Where a thing has a page.
pub(crate) fn link(thing: &str, operator: bool) -> Option<String> {
    match thing.split_once('_').map(|(kind, _)| kind) {
        Some("key") => Some(links::token(thing)),
        Some("call") => Some(links::call(thing)),
        Some("usr") if operator => Some(links::operator::part(links::operator::USERS, thing, "")),
        Some("chn") if operator => {
            Some(links::operator::part(links::operator::CHANNELS, thing, ""))
        }
        _ => None,
    }
}

impl FieldChange {
    fn line(&self, name: &str, words: Words) -> Line {
        let (label, form) = field::of(name, words);
        Line { label, values: self.values(form, words) }
    }

    fn values(&self, form: Form, words: Words) -> Values {
        if self.changed {
            return Values::Hidden;
        }
        if let (Some(before), Some(after)) = (list(self.from.as_deref()), list(self.to.as_deref()))
        {
            let without = |one: &[String], other: &[String]| {
                one.iter().filter(|it| !other.contains(it)).cloned().collect::<Vec<_>>()
            };
            let (gone, new) = (without(&before, &after), without(&after, &before));
            // Another order is shown as it is.
            if !gone.is_empty() || !new.is_empty() {
                let kept = after.len().saturating_sub(new.len());
                return Values::Listed { gone, new, kept };
            }
        }
        let shown = |value: &Option<Box<RawValue>>| {
            value.as_ref().map(|value| Shown::of(value.get(), form, words))
        };
        Values::Moved(shown(&self.from), shown(&self.to))
    }
}

/// A list of texts.
fn list(value: Option<&RawValue>) -> Option<Vec<String>> {
    serde_json::from_str(value?.get()).ok()
}

impl Shown {
    fn of(json: &str, form: Form, words: Words) -> Self {
        let text = match (form, json) {
            (_, "null" | "[]" | "{}" | "\"\"") => return Self::Nothing,
            (_, "true") => words.say(Message("change-yes")).into_owned(),
            (_, "false") => words.say(Message("change-no")).into_owned(),
            (Form::Money, _) => match serde_json::from_str::<Nanos>(json) {
                Ok(amount) => words.usd_exact(amount),
                Err(_) => json.to_owned(),
            },
            (Form::Count, _) => match json.parse::<i64>() {
                Ok(count) => words.number(count),
                Err(_) => json.to_owned(),
            },
            (Form::Time, _) => {
                let text = serde_json::from_str::<String>(json).unwrap_or_default();
                match UnixMillis::parse_rfc3339(&text) {
                    Ok(at) => words.exact(at),
                    Err(_) => text,
                }
            }
            (form, _) => {
                let text = plain(json);
                form.name(&text, words).unwrap_or(text)
            }
        };
        match text.char_indices().nth(SHORT) {
            None => Self::Text(text),
            Some(_) => {
                let head = text.chars().take(HEAD).collect();
                Self::Long { head, whole: text }
            }
        }
    }

    fn brief(&self) -> &str {
        match self {
            Self::Nothing => "—",
            Self::Text(text) => text,
            Self::Long { head, .. } => head,
        }
    }
}

/// A text without its quotes, a list of texts with commas, anything else as JSON.
fn plain(json: &str) -> String {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return text;
    }
    match serde_json::from_str::<Vec<String>>(json) {
        Ok(texts) => texts.join(", "),
        Err(_) => json.to_owned(),
    }
}

impl Line {
    /// The line in a few words.
    pub(crate) fn brief(&self, words: Words) -> String {
        let what = match &self.values {
            Values::Hidden => words.say(Message("change-hidden")).into_owned(),
            Values::Moved(None, Some(to)) => to.brief().to_owned(),
            Values::Moved(Some(from), None) => from.brief().to_owned(),
            Values::Moved(Some(from), Some(to)) => format!("{} → {}", from.brief(), to.brief()),
            Values::Moved(None, None) => String::new(),
            Values::Listed { gone, new, .. } => {
                let gone = gone.iter().map(|it| format!("−{it}"));
                let marked: Vec<String> =
                    gone.chain(new.iter().map(|it| format!("+{it}"))).take(3).collect();
                marked.join(" ")
            }
        };
        words.t2("change-line", "field", self.label.as_str(), "value", what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn brief(name: &str, change: &str) -> String {
        let change: FieldChange = serde_json::from_str(change).unwrap();
        let words = Words::of(Language::English);
        change.line(name, words).brief(words)
    }

    #[test]
    fn values_are_written_as_their_fields_are() {
        for (name, change, line) in [
            ("quota", r#"{"from":null,"to":25.000000001}"#, "Quota: — → $25.000000001"),
            ("disabled", r#"{"from":false,"to":true}"#, "Switched off: no → yes"),
            ("monthly_limit.requests", r#"{"to":12000}"#, "Requests a month: 12,000"),
            ("secret", r#"{"changed":true}"#, "Secret: changed, value not shown"),
            ("tags", r#"{"from":["a","b"],"to":["b","c"]}"#, "Tags: −a +c"),
            ("groups", r#"{"from":["a","b"],"to":["b","a"]}"#, "Groups: a, b → b, a"),
            ("new_field.x", r#"{"from":"1","to":{"y":2}}"#, "new_field.x: 1 → {\"y\":2}"),
            ("fields.quota", r#"{"to":5}"#, "Quota: $5.00"),
        ] {
            assert_eq!(brief(name, change), line);
        }
        let long = format!(r#"{{"to":"{}"}}"#, "x".repeat(500));
        assert!(brief("metadata.a", &long).len() < 100);
    }
}
