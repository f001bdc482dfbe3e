//! The provider's own books: an append-only file of JSON lines, and totals in memory.
//!
//! A line is written, by one `write`, before the bytes that it speaks of are sent: whatever a
//! client received is in the books, even if the provider is killed in the same instant. The
//! opposite does not hold: a line may speak of bytes that never arrived.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::usage::Usage;

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its body was read.
    Received,
    /// The final usage was put on the wire.
    UsageSent,
    /// The answer went out to its end.
    Finished,
    /// A scripted cut broke the answer off.
    Cut,
    /// An error was answered, instead of an answer or amid a stream.
    Failed,
    /// The client left before the answer's end.
    ClientGone,
}

impl State {
    /// Whether nothing more can follow.
    #[must_use]
    pub fn is_last(self) -> bool {
        !matches!(self, Self::Received | Self::UsageSent)
    }
}

/// Tokens by class. `cached` is a part of `prompt`, `reasoning` a part of `completion`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCounts {
    /// Prompt tokens.
    pub prompt: u64,
    /// The cached part of the prompt.
    pub cached: u64,
    /// Completion tokens of all choices; in a line before the usage, those sent so far.
    pub completion: u64,
    /// The reasoning part of the completion.
    pub reasoning: u64,
}

/// One line of the books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The provider's own number for the request, from 1, never used twice in one file.
    pub request: u64,
    /// What happened.
    pub state: State,
    /// The call's name: `x-tollkeeper-call`, else what the body says in `user`, `metadata.tag`,
    /// Anthropic's `metadata.user_id` or Gemini's `labels.call`.
    pub call: Option<String>,
    /// The `x-request-id` received.
    pub request_id: Option<String>,
    /// The dialect of the request, as [`super::Matcher::dialect`] has it.
    #[serde(default)]
    pub dialect: String,
    /// The model asked for.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The tokens up to this line.
    pub tokens: TokenCounts,
    /// The same by classes that all dialects share.
    #[serde(default)]
    pub usage: Usage,
    /// With [`State::UsageSent`]: the usage as it went over the wire, a scripted lie included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Value>,
}

/// What the books add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Requests received.
    pub received: u64,
    /// Requests whose final usage went over the wire.
    pub usage_sent: u64,
    /// Requests answered to the end.
    pub finished: u64,
    /// Requests cut by script.
    pub cut: u64,
    /// Requests answered with an error.
    pub failed: u64,
    /// Requests whose client left.
    pub client_gone: u64,
    /// The tokens of the requests whose usage went over the wire.
    pub tokens: TokenCounts,
    /// The same by classes that all dialects share.
    #[serde(default)]
    pub usage: Usage,
}

impl Totals {
    pub(super) fn add(&mut self, entry: &Entry) {
        let count = match entry.state {
            State::Received => &mut self.received,
            State::UsageSent => &mut self.usage_sent,
            State::Finished => &mut self.finished,
            State::Cut => &mut self.cut,
            State::Failed => &mut self.failed,
            State::ClientGone => &mut self.client_gone,
        };
        *count += 1;
        if entry.state == State::UsageSent {
            self.tokens.prompt += entry.tokens.prompt;
            self.tokens.cached += entry.tokens.cached;
            self.tokens.completion += entry.tokens.completion;
            self.tokens.reasoning += entry.tokens.reasoning;
            self.usage.add(&entry.usage);
        }
    }
}

/// All lines about one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BookedRequest {
    /// Its lines in the order written; never empty.
    pub entries: Vec<Entry>,
}

impl BookedRequest {
    /// The states it went through, in order.
    #[must_use]
    pub fn states(&self) -> Vec<State> {
        self.entries.iter().map(|entry| entry.state).collect()
    }

    /// The last line.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The line with the final usage, if that went over the wire.
    #[must_use]
    pub fn usage(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.state == State::UsageSent)
    }
}

/// Books read back from a file, by any process.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Books {
    /// Every request by the provider's own number.
    pub requests: BTreeMap<u64, BookedRequest>,
}

impl Books {
    /// Reads the file as it is now, also while a provider writes to it. A last line without its
    /// line feed (the provider was killed inside the write) is left out: its bytes were not sent.
    ///
    /// # Errors
    /// When the file cannot be read, or a whole line is not an entry.
    pub fn read(path: impl AsRef<Path>) -> anyhow::Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the provider's books {}", path.display()))?;
        let mut books = Self::default();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let entry: Entry = serde_json::from_str(line)
                .with_context(|| format!("not an entry of the provider's books: {line}"))?;
            books.requests.entry(entry.request).or_default().entries.push(entry);
        }
        Ok(books)
    }

    /// The requests of one call, oldest first: more than one if a gateway tried again.
    #[must_use]
    pub fn by_call(&self, call: &str) -> Vec<&BookedRequest> {
        let of_call = |request: &&BookedRequest| {
            request.last().is_some_and(|entry| entry.call.as_deref() == Some(call))
        };
        self.requests.values().filter(of_call).collect()
    }

    /// What all lines add up to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for entry in self.requests.values().flat_map(|request| &request.entries) {
            totals.add(entry);
        }
        totals
    }
}
