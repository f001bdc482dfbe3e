//! What a request asks for and what the answer will be, in no dialect's words.

use super::books::TokenCounts;
use super::script::Script;
use super::text;

/// A request as every dialect's reader hands it on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) model: String,
    pub(super) stream: bool,
    /// Whether the stream's usage was asked for; always true where a dialect always sends it.
    pub(super) include_usage: bool,
    /// Whether the request speaks of that at all, which some upstreams reject.
    pub(super) has_stream_options: bool,
    /// Output tokens allowed per choice.
    pub(super) max_output: Option<u64>,
    pub(super) choices: u64,
    /// The last message's text, for the answer to refer to.
    pub(super) prompt: String,
    pub(super) prompt_tokens: u64,
    /// The call's name in the books.
    pub(super) call: Option<String>,
    /// The script that the request itself carries.
    pub(super) script: Option<Script>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            model: String::new(),
            stream: false,
            include_usage: false,
            has_stream_options: false,
            max_output: None,
            choices: 1,
            prompt: String::new(),
            prompt_tokens: 1,
            call: None,
            script: None,
        }
    }
}

/// The answer: the same content for each choice, one token a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) pieces: Vec<String>,
    pub(super) choices: u64,
    /// Whether the maximum cut the content short.
    pub(super) truncated: bool,
    /// The true counts once everything is sent.
    pub(super) tokens: TokenCounts,
}

impl Plan {
    pub(super) fn new(asked: &Asked, script: &Script) -> Self {
        let mut pieces = text::answer(&asked.prompt);
        if let Some(wanted) = script.output_tokens {
            pieces = text::stretch(pieces, wanted);
        }
        let reasoning = script.reasoning_tokens.unwrap_or(0);
        let mut truncated = false;
        if let Some(max) = asked.max_output.filter(|_| !script.ignore_max) {
            let room = usize::try_from(max.saturating_sub(reasoning)).unwrap_or(usize::MAX);
            truncated = pieces.len() > room;
            pieces.truncate(room);
        }
        let content = asked.choices.saturating_mul(pieces.len() as u64);
        let tokens = TokenCounts {
            prompt: script.prompt_tokens.unwrap_or(asked.prompt_tokens),
            cached: script.cached_tokens.unwrap_or(0),
            completion: content.saturating_add(reasoning),
            reasoning,
        };
        Self { pieces, choices: asked.choices, truncated, tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maximum_holds_for_each_choice_and_covers_reasoning() {
        let asked = Asked { max_output: Some(5), choices: 2, ..Asked::default() };
        let script =
            Script { output_tokens: Some(9), reasoning_tokens: Some(2), ..Script::default() };
        let plan = Plan::new(&asked, &script);
        assert!(plan.truncated);
        assert_eq!(plan.pieces.len(), 3);
        assert_eq!(plan.tokens.completion, 8);
    }

    #[test]
    fn a_script_can_ignore_the_maximum() {
        let asked = Asked { max_output: Some(5), ..Asked::default() };
        let script = Script { output_tokens: Some(9), ignore_max: true, ..Script::default() };
        assert_eq!(Plan::new(&asked, &script).tokens.completion, 9);
    }
}
