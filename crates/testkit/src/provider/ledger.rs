//! The books being written: each line by one `write`, before the bytes that it speaks of go out.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use super::books::{Books, Entry, Totals};

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
    use crate::provider::books::{State, TokenCounts};
    use crate::provider::usage::Usage;

    fn entry(request: u64, state: State) -> Entry {
        Entry {
            request,
            state,
            call: Some("c".to_owned()),
            request_id: None,
            dialect: "chat".to_owned(),
            model: "m".to_owned(),
            stream: false,
            tokens: TokenCounts { prompt: 4, completion: 3, ..TokenCounts::default() },
            usage: Usage { input: 4, output: 3, ..Usage::default() },
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
