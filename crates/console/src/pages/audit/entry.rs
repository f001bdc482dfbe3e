//! A row of the audit log, as the log and a token's page show it.

use domain::time::UnixMillis;
use serde::Deserialize;

use super::change::{self, Thing};
use super::{action, called, field};
use crate::format::moment;
use crate::language::{Message, Words};
use crate::links;
use crate::pages::user::entry::role;

/// A row of the log.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    pub(crate) number: i64,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) at: UnixMillis,
    pub(crate) actor: String,
    #[serde(default)]
    actor_name: Option<String>,
    #[serde(default)]
    actor_role: Option<String>,
    pub(crate) via: String,
    pub(crate) client_ip: String,
    pub(crate) action: String,
    pub(crate) object: String,
    /// What the thing is called now, where that was asked for.
    #[serde(skip)]
    pub(crate) name: Option<String>,
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) things: i64,
    #[serde(default)]
    pub(crate) changes: Vec<Thing>,
}

impl Row {
    /// The thing itself, without how many more.
    pub(crate) fn thing(&self) -> &str {
        self.object.split(' ').next().unwrap_or_default()
    }

    /// Its id in few letters, and how many more.
    pub(crate) fn short(&self) -> String {
        format!("{}{}", called::short(self.thing()), self.more())
    }

    /// How many things more than that one, as ` +2`.
    pub(crate) fn more(&self) -> &str {
        self.object.strip_prefix(self.thing()).unwrap_or_default()
    }

    /// Its own page, with everything that it touched.
    pub(crate) fn link(&self) -> String {
        links::audit_row(self.number)
    }

    /// When, to the second.
    pub(crate) fn exact(&self, words: Words) -> String {
        words.exact(self.at)
    }

    /// Who did it, by name where that is known.
    pub(crate) fn who(&self, words: Words) -> String {
        match &self.actor_name {
            Some(name) => name.clone(),
            None if self.actor.is_empty() => words.say(Message("audit-nobody")).into_owned(),
            None => self.actor.clone(),
        }
    }

    /// What whoever did it may do.
    pub(crate) fn role(&self, words: Words) -> Option<String> {
        Some(words.say(role(self.actor_role.as_deref()?)).into_owned())
    }

    /// What was done.
    pub(crate) fn label(&self, words: Words) -> String {
        action::label(&self.action, words)
    }

    /// The first of what changed; of rows that do not have it, what was sent.
    pub(crate) fn brief(&self, words: Words) -> String {
        match self.changes.first().map(|thing| self.brief_of(thing, words)) {
            Some(brief) if !brief.is_empty() => brief,
            _ => self.sent(words),
        }
    }

    /// Which fields were sent, by what they are called.
    pub(crate) fn sent(&self, words: Words) -> String {
        let part = |part: &str| {
            let (name, value) = part.split_once('=').map_or((part, None), |(n, v)| (n, Some(v)));
            let (label, form) = field::of(name, words);
            let value = match value {
                None => return label,
                Some("null") => "—".to_owned(),
                Some("true") => words.say(Message("change-yes")).into_owned(),
                Some("false") => words.say(Message("change-no")).into_owned(),
                Some(value) => form.name(value, words).unwrap_or_else(|| value.to_owned()),
            };
            words.t2("change-line", "field", label, "value", value)
        };
        let mut sent = String::new();
        for next in self.summary.split(", ").filter(|it| !it.is_empty()).map(part) {
            sent = match sent.is_empty() {
                true => next,
                false => words.t2("change-joined", "one", sent, "other", next),
            };
        }
        sent
    }

    /// The first of what changed of a thing.
    pub(crate) fn brief_of(&self, thing: &Thing, words: Words) -> String {
        let mut lines = thing.lines(words);
        // Its name stands before it.
        if lines.len() > 1 && self.name.as_deref().is_some_and(|name| thing.came_as(name)) {
            lines.remove(0);
        }
        let Some(first) = lines.first() else { return String::new() };
        let further = lines.len().saturating_sub(1);
        match further {
            0 => first.brief(words),
            _ => {
                let further = words.t1("change-further", "count", further);
                words.t2("change-joined", "one", first.brief(words), "other", further)
            }
        }
    }

    /// Things that were touched and are not shown.
    pub(crate) fn hidden_things(&self) -> i64 {
        self.things.saturating_sub(i64::try_from(self.changes.len()).unwrap_or(i64::MAX))
    }

    /// The page of a thing, where it has one.
    pub(crate) fn link_of(&self, thing: &str, operator: bool) -> Option<String> {
        change::link(thing, operator)
    }
}
