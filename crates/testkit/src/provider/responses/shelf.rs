//! The responses that are kept, because their requests did not say `"store": false`.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// The longest memory; the oldest goes first.
const CAPACITY: usize = 10_000;

#[derive(Debug, Default)]
pub(in crate::provider) struct Shelf {
    kept: BTreeMap<String, Kept>,
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Kept {
    response: Value,
    /// The whole conversation up to and with the response.
    conversation: Vec<Value>,
}

impl Shelf {
    /// Keeps a response, with the items that it answered.
    pub(in crate::provider) fn keep(&mut self, response: Value, input: &[Value]) {
        let Some(id) = response.get("id").and_then(Value::as_str).map(str::to_owned) else {
            return;
        };
        let output = response.get("output").and_then(Value::as_array).into_iter().flatten();
        let conversation = input.iter().chain(output).cloned().collect();
        self.kept.insert(id.clone(), Kept { response, conversation });
        self.order.push_back(id);
        while self.order.len() > CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.kept.remove(&oldest);
            }
        }
    }

    pub(in crate::provider) fn response(&self, id: &str) -> Option<&Value> {
        self.kept.get(id).map(|kept| &kept.response)
    }

    pub(in crate::provider) fn conversation(&self, id: &str) -> Option<&[Value]> {
        self.kept.get(id).map(|kept| kept.conversation.as_slice())
    }

    /// Whether there was one.
    pub(in crate::provider) fn forget(&mut self, id: &str) -> bool {
        self.kept.remove(id).is_some()
    }
}
