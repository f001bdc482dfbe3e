//! What an answer says while it comes.
//!
//! Events of one answer: `Start`, then for each block `Open`, any number of `Delta`, `Close`; `Usage`
//! wherever the upstream reports it, each replacing the one before; `Finish` once; `Done` last. Or
//! `Failed` instead of what is missing. Blocks are numbered from 0 in the order of their opening; a
//! text or a thought is closed before the next block opens, calls that a provider interleaves may be
//! open at once.

use domain::usage::Usage;

use super::answer::{Answer, Block, Stop};
use super::request::{Thought, ToolCall};

/// A step of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerEvent {
    /// The answer begins.
    Start {
        /// The upstream's id of it.
        id: Option<String>,
        /// The model that the upstream says it uses.
        model: Option<String>,
        /// When it began, in seconds since 1970.
        created: Option<i64>,
    },
    /// A block begins.
    Open {
        /// Its number.
        block: u32,
        /// What it is.
        what: Opened,
    },
    /// More of a block: of its text, its thought, or its arguments.
    Delta {
        /// The block.
        block: u32,
        /// What is added.
        text: String,
    },
    /// What proves a thought, or belongs to a call, to its own provider.
    Seal {
        /// The block.
        block: u32,
        /// The seal.
        seal: String,
    },
    /// A block is complete.
    Close {
        /// Its number.
        block: u32,
    },
    /// What was used so far, by the upstream's count.
    Usage(Usage),
    /// Why the answer ended.
    Finish(Stop),
    /// The upstream's own end of the stream: nothing follows.
    Done,
    /// The upstream failed; nothing follows.
    Failed(UpstreamFailure),
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Text.
    Text,
    /// A thought; `redacted` as in [`Thought`].
    Thought {
        /// The provider's id of it.
        id: Option<String>,
        /// Whether only its seal will come.
        redacted: bool,
    },
    /// A call.
    ToolCall {
        /// What its result will refer to.
        id: String,
        /// The tool's canonical name.
        name: String,
    },
    /// The model declines.
    Refusal,
}

/// What an upstream said when it failed amid its answer. Bounded, and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamFailure {
    /// Its words.
    pub message: Option<String>,
    /// Its word for the kind of failure.
    pub kind: Option<String>,
    /// Its code.
    pub code: Option<String>,
}

/// Puts a stream's events together to a whole answer.
#[derive(Debug, Default)]
pub struct Collector {
    answer: Answer,
    failure: Option<UpstreamFailure>,
}

impl Collector {
    /// Takes the next event.
    pub fn take(&mut self, event: AnswerEvent) {
        match event {
            AnswerEvent::Start { id, model, created } => {
                self.answer.id = id;
                self.answer.model = model;
                self.answer.created = created;
            }
            AnswerEvent::Open { what, .. } => self.answer.blocks.push(match what {
                Opened::Text => Block::Text(String::new()),
                Opened::Refusal => Block::Refusal(String::new()),
                Opened::Thought { id, redacted } => {
                    Block::Thought(Thought { id, redacted, ..Thought::default() })
                }
                Opened::ToolCall { id, name } => Block::ToolCall(ToolCall {
                    id,
                    name,
                    arguments: String::new(),
                    signature: None,
                }),
            }),
            AnswerEvent::Delta { block, text } => match self.block(block) {
                Some(Block::Text(whole) | Block::Refusal(whole)) => whole.push_str(&text),
                Some(Block::Thought(thought)) => thought.text.push_str(&text),
                Some(Block::ToolCall(call)) => call.arguments.push_str(&text),
                None => {}
            },
            AnswerEvent::Seal { block, seal } => match self.block(block) {
                Some(Block::Thought(thought)) => thought.seal = Some(seal),
                Some(Block::ToolCall(call)) => call.signature = Some(seal),
                _ => {}
            },
            AnswerEvent::Usage(usage) => self.answer.usage = Some(usage),
            AnswerEvent::Finish(stop) => self.answer.stop = Some(stop),
            AnswerEvent::Failed(failure) => self.failure = Some(failure),
            AnswerEvent::Close { .. } | AnswerEvent::Done => {}
        }
    }

    /// The answer, as far as it came.
    ///
    /// # Errors
    /// What the upstream said when it failed.
    pub fn finish(self) -> Result<Answer, UpstreamFailure> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.answer),
        }
    }

    fn block(&mut self, number: u32) -> Option<&mut Block> {
        self.answer.blocks.get_mut(usize::try_from(number).ok()?)
    }
}

impl Answer {
    /// The events of which this answer is the sum.
    #[must_use]
    pub fn into_events(self) -> Vec<AnswerEvent> {
        let Self { id, model, created, blocks, stop, usage } = self;
        let mut events = vec![AnswerEvent::Start { id, model, created }];
        for (number, part) in (0_u32..).zip(blocks) {
            let (what, text, seal) = match part {
                Block::Text(text) => (Opened::Text, text, None),
                Block::Refusal(text) => (Opened::Refusal, text, None),
                Block::Thought(Thought { text, seal, id, redacted }) => {
                    (Opened::Thought { id, redacted }, text, seal)
                }
                Block::ToolCall(ToolCall { id, name, arguments, signature }) => {
                    (Opened::ToolCall { id, name }, arguments, signature)
                }
            };
            events.push(AnswerEvent::Open { block: number, what });
            if !text.is_empty() {
                events.push(AnswerEvent::Delta { block: number, text });
            }
            events.extend(seal.map(|seal| AnswerEvent::Seal { block: number, seal }));
            events.push(AnswerEvent::Close { block: number });
        }
        events.extend(usage.map(AnswerEvent::Usage));
        events.extend(stop.map(AnswerEvent::Finish));
        events.push(AnswerEvent::Done);
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_sum_of_its_events() {
        let answer = Answer {
            id: Some("a".into()),
            model: Some("m".into()),
            created: Some(1),
            blocks: vec![
                Block::Thought(Thought {
                    text: "hm".into(),
                    seal: Some("s".into()),
                    id: None,
                    redacted: false,
                }),
                Block::Text("hello".into()),
                Block::ToolCall(ToolCall {
                    id: "c".into(),
                    name: "t".into(),
                    arguments: "{}".into(),
                    signature: Some("g".into()),
                }),
                Block::Refusal("no".into()),
            ],
            stop: Some(Stop::ToolCalls),
            usage: Some(Usage { input: 1, output: 2, ..Usage::default() }),
        };
        let mut collector = Collector::default();
        for event in answer.clone().into_events() {
            collector.take(event);
        }
        assert_eq!(collector.finish(), Ok(answer));
    }

    #[test]
    fn a_failure_is_no_answer() {
        let mut collector = Collector::default();
        let failure = UpstreamFailure { code: Some("x".into()), ..UpstreamFailure::default() };
        collector.take(AnswerEvent::Failed(failure.clone()));
        assert_eq!(collector.finish(), Err(failure));
    }
}
