//! A row of the audit log, as the log and a token's page show it.

use domain::time::UnixMillis;
use serde::Deserialize;

use super::action;
use super::change::{self, Thing};
use crate::format::moment;
use crate::language::{Message, Words};
use crate::links;

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
        let message = match self.actor_role.as_deref()? {
            "owner" => Message("user-role-owner"),
            "admin" => Message("user-role-admin"),
            _ => Message("user-role-member"),
        };
        Some(words.say(message).into_owned())
    }

    /// What was done.
    pub(crate) fn label(&self, words: Words) -> String {
        action::label(&self.action, words)
    }

    /// The first of what changed; of rows that do not have it, what was sent.
    pub(crate) fn brief(&self, words: Words) -> String {
        match self.changes.first().map(|thing| self.brief_of(thing, words)) {
            Some(brief) if !brief.is_empty() => brief,
            _ => self.summary.clone(),
        }
    }

    /// The first of what changed of a thing.
    pub(crate) fn brief_of(&self, thing: &Thing, words: Words) -> String {
        let lines = thing.lines(words);
        let Some(first) = lines.first() else { return String::new() };
        let further = lines.len().saturating_sub(1);
        match further {
            0 => first.brief(words),
            _ => {
                format!("{}, {}", first.brief(words), words.t1("change-further", "count", further))
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
