//! Plays an answer's steps onto a connection, noting each in the books before its bytes go out.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use serde_json::Value;
use tokio::time::Sleep;

use super::books::{Entry, State};
use super::connection::Orders;
use super::ledger::Ledger;
use super::plan::Counts;
use super::script::Ending;
use super::steps::Step;

/// A request's open page in the books. Dropped before the answer's end, it notes that the client
/// is gone: that is how hyper tells.
#[derive(Debug)]
pub(super) struct Page {
    ledger: Arc<Ledger>,
    entry: Entry,
}

impl Page {
    /// Notes a request as received.
    pub(super) fn open(ledger: Arc<Ledger>, entry: Entry) -> io::Result<Self> {
        ledger.write(&entry)?;
        Ok(Self { ledger, entry })
    }

    pub(super) fn note(&mut self, state: State) -> io::Result<()> {
        self.entry.state = state;
        self.ledger.write(&self.entry)
    }

    fn note_usage(&mut self, counts: Counts, reported: Value) -> io::Result<()> {
        self.entry.tokens = counts.tokens;
        self.entry.usage = counts.usage;
        self.entry.reported = Some(reported);
        self.note(State::UsageSent)?;
        self.entry.reported = None;
        Ok(())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if !self.entry.state.is_last() {
            // Nobody is left to tell if the file cannot be written.
            let _unwritten = self.note(State::ClientGone);
        }
    }
}

/// Breaks the connection off before an answer's head; never returns.
pub(super) async fn cut_before_head(
    page: &mut Page,
    orders: &Orders,
    ending: Ending,
) -> io::Result<Infallible> {
    page.note(State::Cut)?;
    orders.cut(ending);
    std::future::pending().await
}

/// The body of a scripted answer.
#[derive(Debug)]
pub(super) struct ScriptedBody {
    steps: std::vec::IntoIter<Step>,
    page: Page,
    orders: Arc<Orders>,
    /// The true counts, for the line with the usage.
    counts: Counts,
    split: Option<usize>,
    sleep: Option<Pin<Box<Sleep>>>,
    unsent: Bytes,
}

impl ScriptedBody {
    pub(super) fn new(
        steps: Vec<Step>,
        page: Page,
        orders: Arc<Orders>,
        counts: Counts,
        split: Option<usize>,
    ) -> Self {
        let split = split.filter(|bytes| *bytes > 0);
        orders.limit_writes(split);
        Self {
            steps: steps.into_iter(),
            page,
            orders,
            counts,
            split,
            sleep: None,
            unsent: Bytes::new(),
        }
    }

    /// Notes the step and loads its bytes; `true` when the connection is being cut.
    fn take(&mut self, step: Step) -> io::Result<bool> {
        match step {
            Step::Wait(time) => self.sleep = Some(Box::pin(tokio::time::sleep(time))),
            Step::Frame(bytes) => self.unsent = bytes,
            Step::Content { bytes, tokens } => {
                self.page.entry.tokens.completion += tokens;
                self.page.entry.usage.output += tokens;
                self.unsent = bytes;
            }
            Step::Usage { bytes, reported } => {
                self.page.note_usage(self.counts, reported)?;
                self.unsent = bytes;
            }
            Step::Finish(bytes) => {
                self.page.note(State::Finished)?;
                self.unsent = bytes;
            }
            Step::Fail(bytes) => {
                self.page.note(State::Failed)?;
                self.unsent = bytes;
            }
            Step::Cut(ending) => {
                self.page.note(State::Cut)?;
                self.orders.cut(ending);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        loop {
            if let Some(sleep) = &mut this.sleep {
                ready!(sleep.as_mut().poll(context));
                this.sleep = None;
            }
            if !this.unsent.is_empty() {
                let length = this.split.unwrap_or(usize::MAX).min(this.unsent.len());
                let piece = this.unsent.split_to(length);
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            let Some(step) = this.steps.next() else {
                return Poll::Ready(None);
            };
            match this.take(step) {
                Ok(false) => {}
                // hyper flushes next, and the flush breaks the connection.
                Ok(true) => return Poll::Pending,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}
