//! Ids for calls that come without: Google matches a result to its call by name and order.

use std::collections::HashSet;

use serde_json::Value;

use super::super::fields::{each, member};

/// The calls of a conversation, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Ids that the conversation itself gives.
    given: HashSet<String>,
    /// How many ids were made.
    made: u64,
    /// Calls without a result so far: id and name.
    open: Vec<(String, String)>,
}

impl Calls {
    /// Knows every id that the turns give, so that none is made twice.
    pub(super) fn of(contents: &Value) -> Self {
        let parts = each(contents).iter().filter_map(|turn| member(turn, "parts")).flat_map(each);
        let given = parts
            .filter_map(|part| {
                member(part, "functionCall").or_else(|| member(part, "functionResponse"))
            })
            .filter_map(|call| member(call, "id")?.as_str())
            .map(str::to_owned)
            .collect();
        Self { given, ..Self::default() }
    }

    /// The id of a call.
    pub(super) fn call(&mut self, id: Option<&str>, name: &str) -> String {
        let id = id.map_or_else(|| self.make(), str::to_owned);
        self.open.push((id.clone(), name.to_owned()));
        id
    }

    /// The id of the call that a result belongs to: the one it names, else the first one of that
    /// name without a result.
    pub(super) fn result(&mut self, id: Option<&str>, name: &str) -> String {
        let found = self.open.iter().position(|(open, called)| match id {
            Some(id) => open == id,
            None => called == name,
        });
        match (found, id) {
            (Some(found), _) => self.open.remove(found).0,
            (None, Some(id)) => id.to_owned(),
            (None, None) => self.make(),
        }
    }

    fn make(&mut self) -> String {
        loop {
            self.made += 1;
            let id = format!("call_{}", self.made);
            if !self.given.contains(&id) {
                return id;
            }
        }
    }
}
