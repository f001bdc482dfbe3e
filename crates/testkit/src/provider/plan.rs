//! What a request asks for and what the answer will be, in no dialect's words.

use serde_json::Value;

use super::books::TokenCounts;
use super::script::{Finish, Script};
use super::text;
use super::tool_use::{self, PlannedCall, Tool};
use super::usage::Usage;

/// Whether a request lets the model think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    Never,
    /// It thinks, and only the count of tokens shows it.
    Silent,
    Shown,
}

/// A request as every dialect's reader hands it on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) dialect: &'static str,
    pub(super) model: String,
    pub(super) stream: bool,
    /// Whether the stream's usage was asked for; always true where a dialect always sends it.
    pub(super) include_usage: bool,
    /// Whether the request speaks of that at all, which some upstreams reject.
    pub(super) has_stream_options: bool,
    /// Whether a stream comes as an array of JSON instead of events.
    pub(super) json_array: bool,
    /// Output tokens allowed per choice.
    pub(super) max_output: Option<u64>,
    pub(super) choices: u64,
    /// The last message's text, for the answer to refer to.
    pub(super) prompt: String,
    pub(super) prompt_tokens: u64,
    /// The tools that may be called.
    pub(super) tools: Vec<Tool>,
    /// What tools said since the model last spoke.
    pub(super) results: Vec<String>,
    pub(super) thinking: Thinking,
    /// The call's name in the books.
    pub(super) call: Option<String>,
    /// The script that the request itself carries.
    pub(super) script: Option<Script>,
    /// The whole conversation as items, for a response that is kept.
    pub(super) items: Vec<Value>,
    /// The body, for what an answer repeats of it.
    pub(super) body: Value,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            dialect: "chat",
            model: String::new(),
            stream: false,
            include_usage: true,
            has_stream_options: false,
            json_array: false,
            max_output: None,
            choices: 1,
            prompt: String::new(),
            prompt_tokens: 1,
            tools: Vec::new(),
            results: Vec::new(),
            thinking: Thinking::Silent,
            call: None,
            script: None,
            items: Vec::new(),
            body: Value::Null,
        }
    }
}

/// The true counts of a call, in both forms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tokens: TokenCounts,
    pub(super) usage: Usage,
}

/// The answer: the same content for each choice, one token a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// The thoughts that are shown; thought once, whatever the number of choices.
    pub(super) thoughts: Vec<String>,
    pub(super) pieces: Vec<String>,
    pub(super) calls: Vec<PlannedCall>,
    pub(super) choices: u64,
    pub(super) finish: Finish,
    /// The true counts once everything is sent.
    pub(super) counts: Counts,
}

impl Plan {
    pub(super) fn new(asked: &Asked, script: &Script) -> Self {
        let mut calls = Vec::new();
        if let Some(tool_use) = script.tool_use.as_ref().filter(|_| asked.results.is_empty()) {
            calls = tool_use::planned(tool_use, &asked.tools);
        }
        let mut pieces = words(asked, script, !calls.is_empty());
        let thoughts = match (&script.thoughts, asked.thinking) {
            (None, _) | (_, Thinking::Never) => Vec::new(),
            (Some(thoughts), _) => text::words(thoughts),
        };
        let reasoning = script.reasoning_tokens.unwrap_or(thoughts.len() as u64);
        let mut finish = if calls.is_empty() { Finish::Stop } else { Finish::ToolCalls };
        let of_calls: usize = calls.iter().map(|call| call.pieces.len()).sum();
        if let Some(max) = asked.max_output.filter(|_| !script.ignore_max) {
            let room = usize::try_from(max.saturating_sub(reasoning)).unwrap_or(usize::MAX);
            if pieces.len().saturating_add(of_calls) > room {
                finish = Finish::Length;
                calls.clear();
            }
            pieces.truncate(room);
        }
        let of_calls: u64 = calls.iter().map(|call| call.pieces.len() as u64).sum();
        let content = asked.choices.saturating_mul(pieces.len() as u64 + of_calls);
        Self {
            thoughts: if asked.thinking == Thinking::Shown { thoughts } else { Vec::new() },
            pieces,
            calls,
            choices: asked.choices,
            finish: script.finish.unwrap_or(finish),
            counts: counts(asked, script, content.saturating_add(reasoning), reasoning),
        }
    }

    /// An answer without output, for embeddings.
    pub(super) fn without_output(asked: &Asked, script: &Script) -> Self {
        Self {
            thoughts: Vec::new(),
            pieces: Vec::new(),
            calls: Vec::new(),
            choices: 1,
            finish: Finish::Stop,
            counts: counts(asked, script, 0, 0),
        }
    }

    /// The tokens that are sent one by one.
    pub(super) fn sent(&self) -> u64 {
        let of_calls: usize = self.calls.iter().map(|call| call.pieces.len()).sum();
        let content = (self.pieces.len() + of_calls) as u64;
        self.choices.saturating_mul(content).saturating_add(self.thoughts.len() as u64)
    }
}

/// The pieces of the answer's text.
fn words(asked: &Asked, script: &Script, calls: bool) -> Vec<String> {
    if calls {
        let say = script.tool_use.as_ref().and_then(|tool_use| tool_use.say.as_deref());
        return say.map(text::words).unwrap_or_default();
    }
    let pieces = if script.tool_use.is_some() && !asked.results.is_empty() {
        text::words(&format!("The tool said: {}", asked.results.join("\n")))
    } else {
        script.answer.as_deref().map_or_else(|| text::answer(&asked.prompt), text::words)
    };
    match script.output_tokens {
        Some(wanted) => text::stretch(pieces, wanted),
        None => pieces,
    }
}

fn counts(asked: &Asked, script: &Script, output: u64, reasoning: u64) -> Counts {
    if let Some(usage) = script.usage {
        return Counts { tokens: usage.into(), usage };
    }
    let prompt = script.prompt_tokens.unwrap_or(asked.prompt_tokens);
    let cached = script.cached_tokens.unwrap_or(0);
    let cache_write = script.cache_write_tokens.unwrap_or(0);
    let cache_write_1h = script.cache_write_1h_tokens.unwrap_or(0);
    let in_cache = cached.saturating_add(cache_write).saturating_add(cache_write_1h);
    let input = prompt.saturating_sub(in_cache);
    Counts {
        tokens: TokenCounts { prompt, cached, completion: output, reasoning },
        usage: Usage { input, cached, cache_write, cache_write_1h, output, reasoning },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tool_use::ToolUse;
    use serde_json::json;

    #[test]
    fn the_maximum_holds_for_each_choice_and_covers_reasoning() {
        let asked = Asked { max_output: Some(5), choices: 2, ..Asked::default() };
        let script =
            Script { output_tokens: Some(9), reasoning_tokens: Some(2), ..Script::default() };
        let plan = Plan::new(&asked, &script);
        assert_eq!(plan.finish, Finish::Length);
        assert_eq!(plan.pieces.len(), 3);
        assert_eq!(plan.counts.tokens.completion, 8);
    }

    #[test]
    fn a_script_can_ignore_the_maximum() {
        let asked = Asked { max_output: Some(5), ..Asked::default() };
        let script = Script { output_tokens: Some(9), ignore_max: true, ..Script::default() };
        assert_eq!(Plan::new(&asked, &script).counts.tokens.completion, 9);
    }

    #[test]
    fn tools_are_called_until_they_have_answered() {
        let tool = Tool { name: "Bash".to_owned(), namespace: None, schema: Some(json!({})) };
        let mut asked = Asked { tools: vec![tool], ..Asked::default() };
        let script = Script { tool_use: Some(ToolUse::default()), ..Script::default() };
        assert_eq!(Plan::new(&asked, &script).finish, Finish::ToolCalls);
        asked.results = vec!["ok 42".to_owned()];
        let plan = Plan::new(&asked, &script);
        assert_eq!((plan.finish, plan.calls.len()), (Finish::Stop, 0));
        assert!(plan.pieces.concat().contains("ok 42"));
    }
}
