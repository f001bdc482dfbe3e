//! The calls of a stream: which piece belongs to which, and when one is complete.
//!
//! Pieces carry an index, an id, or both; some vendors send none, or the same index for every
//! call, or a call's id and name with each of its pieces.

use super::delta::CallPiece;
use super::nesting::Nesting;
use crate::canonical::{AnswerEvent, Opened, ToolNames};
use crate::openai_chat::read_answer::made_id;
use crate::openai_chat::signature;

/// The most calls that are remembered after their end, to know what repeats them.
const MOST_REMEMBERED: usize = 64;
/// The most bytes of arguments that are kept for a call whose name is still to come.
const MOST_HELD: usize = 1 << 20;

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The answer's id, of which ids are made for calls that come without one.
    pub(super) answer: Option<String>,
    /// How many there were.
    count: u32,
    /// The block of the call that opened last, unless another block has begun since.
    newest: Option<u32>,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    id: Option<String>,
    state: State,
    nesting: Nesting,
}

#[derive(Debug)]
enum State {
    /// Its name is still to come; these arguments came already.
    Nameless(String),
    Open(u32),
    Closed,
}

/// What to do with a piece.
enum Place {
    New,
    Of(usize),
    /// It repeats a call that is complete.
    Nowhere,
}

impl Calls {
    /// Whether there was any.
    pub(super) const fn any(&self) -> bool {
        self.count > 0
    }

    /// Takes a piece. `open` ends what must end before a block begins, and gives its number.
    pub(super) fn take(
        &mut self,
        piece: CallPiece<'_>,
        names: &ToolNames,
        out: &mut Vec<AnswerEvent>,
        open: impl FnOnce(&mut Vec<AnswerEvent>) -> u32,
    ) {
        let at = match self.place(&piece) {
            Place::Nowhere => return,
            Place::Of(at) => at,
            Place::New => {
                self.forget();
                self.calls.push(Call {
                    index: piece.index,
                    id: None,
                    state: State::Nameless(String::new()),
                    nesting: Nesting::default(),
                });
                self.calls.len().saturating_sub(1)
            }
        };
        // A call that opens ends those before it that are complete.
        let opens = piece.name.is_some()
            && matches!(self.calls.get(at), Some(Call { state: State::Nameless(_), .. }));
        if opens {
            self.close_complete(out);
        }
        let Some(call) = self.calls.get_mut(at) else { return };
        if call.id.is_none() {
            call.id = piece.id.map(|id| id.into_owned());
        }
        if let (State::Nameless(held), Some(name)) = (&mut call.state, &piece.name) {
            let held = std::mem::take(held);
            let made = || made_id(self.answer.as_deref(), self.count);
            let id = call.id.clone().unwrap_or_else(made);
            self.count = self.count.saturating_add(1);
            let block = open(out);
            let name = names.here(name).to_owned();
            out.push(AnswerEvent::Open { block, what: Opened::ToolCall { id, name } });
            call.state = State::Open(block);
            self.newest = Some(block);
            call.add(held, out);
        }
        if let Some(arguments) = piece.arguments {
            call.add(arguments.into_owned(), out);
        }
        if let (State::Open(block), Some(extra)) = (&call.state, piece.extra) {
            let extra = serde_json::from_slice(extra).ok();
            let seal = extra.as_ref().and_then(signature::read);
            out.extend(seal.map(|seal| AnswerEvent::Seal { block: *block, seal }));
        }
        // One that another block has overtaken ends as soon as it is complete.
        if let State::Open(block) = call.state
            && self.newest != Some(block)
            && call.nesting.is_complete()
        {
            call.close(out);
        }
    }

    /// Ends the calls whose arguments are complete, since another block begins.
    pub(super) fn close_complete(&mut self, out: &mut Vec<AnswerEvent>) {
        self.newest = None;
        for call in self.calls.iter_mut().filter(|call| call.nesting.is_complete()) {
            call.close(out);
        }
    }

    /// Ends all calls.
    pub(super) fn close_all(&mut self, out: &mut Vec<AnswerEvent>) {
        for call in &mut self.calls {
            call.close(out);
        }
    }

    /// Where a piece belongs.
    fn place(&self, piece: &CallPiece<'_>) -> Place {
        let id = piece.id.as_deref();
        let same = match (piece.index, id) {
            (Some(index), _) => self.calls.iter().rposition(|call| call.index == Some(index)),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)),
            (None, None) => self.calls.len().checked_sub(1),
        };
        let Some((at, call)) = same.and_then(|at| Some((at, self.calls.get(at)?))) else {
            return Place::New;
        };
        let blank = piece.arguments.as_deref().is_none_or(|text| text.trim_ascii().is_empty());
        let whole = call.nesting.is_complete() || matches!(call.state, State::Closed);
        match (call.id.as_deref(), id) {
            // The same index for another call.
            (Some(known), Some(id)) if known != id => {
                if piece.name.is_some() {
                    Place::New
                } else {
                    Place::Of(at)
                }
            }
            (Some(_), Some(_)) if whole => Place::Nowhere,
            // Neither index nor id tell calls apart that come one after the other, each in one.
            _ if whole && piece.name.is_some() && !blank => Place::New,
            _ if whole && blank && piece.extra.is_none() => Place::Nowhere,
            _ if matches!(call.state, State::Closed) => Place::Nowhere,
            _ => Place::Of(at),
        }
    }

    /// Forgets the first of the calls that ended, where they are many.
    fn forget(&mut self) {
        if self.calls.len() >= MOST_REMEMBERED
            && let Some(at) = self.calls.iter().position(|c| matches!(c.state, State::Closed))
        {
            self.calls.remove(at);
        }
    }
}

impl Call {
    fn add(&mut self, arguments: String, out: &mut Vec<AnswerEvent>) {
        if arguments.is_empty() {
            return;
        }
        match &mut self.state {
            State::Nameless(held) if held.len() < MOST_HELD => held.push_str(&arguments),
            State::Open(block) => {
                self.nesting.feed(&arguments);
                out.push(AnswerEvent::Delta { block: *block, text: arguments });
            }
            State::Nameless(_) | State::Closed => {}
        }
    }

    fn close(&mut self, out: &mut Vec<AnswerEvent>) {
        if let State::Open(block) = self.state {
            out.push(AnswerEvent::Close { block });
        }
        self.state = State::Closed;
    }
}
