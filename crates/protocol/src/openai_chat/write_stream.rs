//! A stream in this dialect, written event by event ("The chat completion chunk object").

use domain::usage::Usage;
use serde_json::json;

use super::write_answer::{APART, answer_id, is_free};
use super::write_usage::write_usage;
use super::{finish, signature};
use crate::canonical::{AnswerEvent, Asked, Opened, Request, Stop, UpstreamFailure, free_text};
use crate::json::push_string;

/// The state of one stream. It keeps nothing of what was said but the input of a call to a tool
/// that takes free text, which can be told only when it is complete.
#[derive(Debug)]
pub struct StreamWriter {
    /// The names of the tools that take free text.
    free: Vec<String>,
    wants_usage: bool,
    call: String,
    model: String,
    now: i64,
    /// What each chunk begins with, up to its choices.
    head: Vec<u8>,
    /// What each choice ends with.
    tail: &'static [u8],
    open: Vec<(u32, Block)>,
    calls: u32,
    /// Whether there was a text, or a thought.
    any_text: bool,
    any_thought: bool,
    /// Whether the block that opened last is a text.
    after_text: bool,
    usage: Option<Usage>,
}

/// A block that is open.
#[derive(Debug)]
enum Block {
    /// A text or a thought, and whether it is to be set apart from one before it.
    Text(bool),
    Thought(bool),
    Refusal,
    /// A call by its number, and whether it has arguments yet.
    Call(u32, bool),
    /// A call to a tool that takes free text, with its arguments so far.
    Free(u32, String),
}

const TAIL: &[u8] = b",\"logprobs\":null,\"finish_reason\":null}]}\n\n";
/// The same where the usage is to come: each chunk says that it has none.
const TAIL_BEFORE_USAGE: &[u8] = b",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";

impl StreamWriter {
    /// A stream for a client of this dialect.
    #[must_use]
    pub fn new(asked: Asked<'_>) -> Self {
        let Asked { request, call, now } = asked;
        let mut writer = Self {
            free: free_tools(request),
            wants_usage: request.stream_usage,
            call: call.to_owned(),
            model: request.model.clone(),
            now,
            head: Vec::new(),
            tail: if request.stream_usage { TAIL_BEFORE_USAGE } else { TAIL },
            open: Vec::new(),
            calls: 0,
            any_text: false,
            any_thought: false,
            after_text: false,
            usage: None,
        };
        writer.set_head(None, None);
        writer
    }

    /// Writes what an event says in this dialect.
    pub fn event(&mut self, event: AnswerEvent, out: &mut Vec<u8>) {
        match event {
            AnswerEvent::Start { id, created, .. } => {
                self.set_head(id.as_deref(), created);
                self.delta(out, |out| {
                    out.extend_from_slice(b"\"role\":\"assistant\",\"content\":\"\"")
                });
            }
            AnswerEvent::Open { block, what } => self.open(block, what, out),
            AnswerEvent::Delta { block, text } => self.add(block, &text, out),
            AnswerEvent::Seal { block, seal } => self.seal(block, &seal, out),
            AnswerEvent::Close { block } => self.close(block, out),
            AnswerEvent::Usage(usage) => self.usage = Some(usage),
            AnswerEvent::Finish(stop) => self.finish(&stop, out),
            AnswerEvent::Done => self.done(out),
            AnswerEvent::Failed(failure) => write_failure(&failure, out),
        }
    }

    fn set_head(&mut self, id: Option<&str>, created: Option<i64>) {
        self.head.clear();
        self.head.extend_from_slice(b"data: {\"id\":");
        push_string(&mut self.head, &answer_id(id, &self.call));
        self.head.extend_from_slice(b",\"object\":\"chat.completion.chunk\",\"created\":");
        self.head.extend_from_slice(created.unwrap_or(self.now).to_string().as_bytes());
        self.head.extend_from_slice(b",\"model\":");
        push_string(&mut self.head, &self.model);
        self.head.extend_from_slice(b",\"choices\":[");
    }

    /// A chunk whose delta has the members that `write` writes.
    fn delta(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":0,\"delta\":{");
        write(out);
        out.push(b'}');
        out.extend_from_slice(self.tail);
    }

    /// A chunk whose delta has one text.
    fn text(&self, name: &'static [u8], apart: bool, text: &str, out: &mut Vec<u8>) {
        if apart {
            self.text(name, false, APART, out);
        }
        self.delta(out, |out| {
            out.extend_from_slice(name);
            push_string(out, text);
        });
    }

    /// A chunk with more of a call.
    fn call(&self, number: u32, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        self.delta(out, |out| {
            out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
            out.extend_from_slice(number.to_string().as_bytes());
            write(out);
            out.extend_from_slice(b"}]");
        });
    }

    fn arguments(&self, number: u32, text: &str, out: &mut Vec<u8>) {
        self.call(number, out, |out| {
            out.extend_from_slice(b",\"function\":{\"arguments\":");
            push_string(out, text);
            out.push(b'}');
        });
    }

    fn open(&mut self, block: u32, what: Opened, out: &mut Vec<u8>) {
        let opened = match what {
            Opened::Text => Block::Text(self.any_text && !self.after_text),
            Opened::Refusal => Block::Refusal,
            Opened::Thought { .. } => Block::Thought(self.any_thought),
            Opened::ToolCall { id, name } => {
                let number = self.calls;
                self.calls = self.calls.saturating_add(1);
                let free = self.free.contains(&name);
                let (kind, input) = match free {
                    true => ("custom", &b",\"input\":\"\"}"[..]),
                    false => ("function", &b",\"arguments\":\"\"}"[..]),
                };
                self.call(number, out, |out| {
                    out.extend_from_slice(b",\"id\":");
                    push_string(out, &id);
                    out.extend_from_slice(b",\"type\":");
                    push_string(out, kind);
                    out.push(b',');
                    push_string(out, kind);
                    out.extend_from_slice(b":{\"name\":");
                    push_string(out, &name);
                    out.extend_from_slice(input);
                });
                if free { Block::Free(number, String::new()) } else { Block::Call(number, false) }
            }
        };
        self.after_text = matches!(opened, Block::Text(_));
        self.open.push((block, opened));
    }

    fn add(&mut self, block: u32, text: &str, out: &mut Vec<u8>) {
        let open = self.open.iter_mut().find(|(number, _)| *number == block);
        match open.map(|(_, open)| open) {
            Some(Block::Text(apart)) => {
                let apart = std::mem::take(apart);
                self.any_text = true;
                self.text(b"\"content\":", apart, text, out);
            }
            Some(Block::Thought(apart)) => {
                let apart = std::mem::take(apart);
                self.any_thought = true;
                self.text(b"\"reasoning_content\":", apart, text, out);
            }
            Some(Block::Refusal) => self.text(b"\"refusal\":", false, text, out),
            Some(Block::Call(number, any)) => {
                *any = true;
                let number = *number;
                self.arguments(number, text, out);
            }
            Some(Block::Free(_, held)) => held.push_str(text),
            None => {}
        }
    }

    /// A thought's seal is of no use in this dialect; a call's is kept for Gemini.
    fn seal(&self, block: u32, seal: &str, out: &mut Vec<u8>) {
        let open = self.open.iter().find(|(number, _)| *number == block);
        if let Some((_, Block::Call(number, _))) = open {
            self.call(*number, out, |out| {
                out.extend_from_slice(b",\"function\":{\"arguments\":\"\"},\"extra_content\":");
                out.extend_from_slice(signature::write(seal).to_string().as_bytes());
            });
        }
    }

    fn close(&mut self, block: u32, out: &mut Vec<u8>) {
        let Some(at) = self.open.iter().position(|(number, _)| *number == block) else { return };
        match self.open.remove(at).1 {
            // Clients parse the arguments, even of a call that takes none.
            Block::Call(number, false) => self.arguments(number, "{}", out),
            Block::Free(number, held) => {
                let input = free_text::unwrap_arguments(&held).unwrap_or(held);
                self.call(number, out, |out| {
                    out.extend_from_slice(b",\"custom\":{\"input\":");
                    push_string(out, &input);
                    out.push(b'}');
                });
            }
            Block::Text(_) | Block::Thought(_) | Block::Refusal | Block::Call(_, true) => {}
        }
    }

    fn finish(&self, stop: &Stop, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":");
        push_string(out, finish::write(stop, self.calls > 0));
        let tail: &[u8] = if self.wants_usage { b"}],\"usage\":null}\n\n" } else { b"}]}\n\n" };
        out.extend_from_slice(tail);
    }

    fn done(&self, out: &mut Vec<u8>) {
        if let (true, Some(usage)) = (self.wants_usage, &self.usage) {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b"],\"usage\":");
            out.extend_from_slice(write_usage(usage).to_string().as_bytes());
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

fn free_tools(request: &Request) -> Vec<String> {
    let names = request.tools.iter().map(|tool| &tool.name);
    names.filter(|name| is_free(request, name)).cloned().collect()
}

/// An error in this dialect's shape, which SDKs raise. Nothing follows it, `[DONE]` neither.
fn write_failure(failure: &UpstreamFailure, out: &mut Vec<u8>) {
    let message = failure.message.as_deref().unwrap_or("The upstream failed.");
    let kind = failure.kind.as_deref().unwrap_or("server_error");
    let error = json!({"error": {
        "message": message, "type": kind, "param": null, "code": failure.code,
    }});
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(error.to_string().as_bytes());
    out.extend_from_slice(b"\n\n");
}
