//! The provider's own books: an append-only file of JSON lines, and totals in memory.
//!
//! A line is written, by one `write`, before the bytes that it speaks of are sent: whatever a
//! client received is in the books, even if the provider is killed in the same instant. The
//! opposite does not hold: a line may speak of bytes that never arrived.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// The call's name: `x-tollkeeper-call`, else `user`, else `metadata.tag`.
    pub call: Option<String>,
    /// The `x-request-id` received.
    pub request_id: Option<String>,
    /// The model asked for.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The tokens up to this line.
    pub tokens: TokenCounts,
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
}

impl Totals {
    fn add(&mut self, entry: &Entry) {
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

/// The books being written.
#[derive(Debug)]
pub(super) struct Ledger {
    inner: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: Option<File>,
    totals: Totals,
    last_request: u64,
}

impl Ledger {
    /// Opens the books at their end; request numbers and totals go on where they stopped.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            let open = Open { file: None, totals: Totals::default(), last_request: 0 };
            return Ok(Self { inner: Mutex::new(open) });
        };
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)
            .with_context(|| format!("cannot open the provider's books {}", path.display()))?;
        let written = Books::read(path)?;
        // A torn last line would swallow the next one.
        let text = std::fs::read(path)?;
        if text.last().is_some_and(|byte| *byte != b'\n') {
            let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            file.set_len(whole as u64)?;
        }
        file.flush()?;
        let last_request = written.requests.keys().next_back().copied().unwrap_or(0);
        let open = Open { file: Some(file), totals: written.totals(), last_request };
        Ok(Self { inner: Mutex::new(open) })
    }

    pub(super) fn totals(&self) -> Totals {
        self.lock().totals
    }

    pub(super) fn next_request(&self) -> u64 {
        let mut open = self.lock();
        open.last_request += 1;
        open.last_request
    }

    /// Writes one line; only then may its bytes be sent.
    pub(super) fn write(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut open = self.lock();
        if let Some(file) = &mut open.file {
            file.write_all(&line)?;
        }
        open.totals.add(entry);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(request: u64, state: State) -> Entry {
        Entry {
            request,
            state,
            call: Some("c".to_owned()),
            request_id: None,
            model: "m".to_owned(),
            stream: false,
            tokens: TokenCounts { prompt: 4, completion: 3, ..TokenCounts::default() },
            reported: None,
        }
    }

    #[test]
    fn a_file_reopened_goes_on_and_drops_a_torn_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("books.jsonl");
        let ledger = Ledger::open(Some(&path)).unwrap();
        ledger.write(&entry(ledger.next_request(), State::Received)).unwrap();
        ledger.write(&entry(1, State::UsageSent)).unwrap();
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"request\":9").unwrap();

        let again = Ledger::open(Some(&path)).unwrap();
        assert_eq!(again.next_request(), 2);
        again.write(&entry(2, State::Received)).unwrap();

        let books = Books::read(&path).unwrap();
        assert_eq!(books.by_call("c").len(), 2);
        assert_eq!(books.totals(), again.totals());
        assert_eq!(books.totals().tokens.completion, 3);
    }
}
