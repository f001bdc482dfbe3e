//! How much the model thinks, in the words that it takes.
//!
//! Older models take a budget, newer ones decide themselves and take an effort; in between they
//! take both ("Extended thinking", "Adaptive thinking", "Effort"). A model that thinks cannot be
//! made to call a tool, and one with a budget wants its own thought back in front of calls whose
//! results come now: where a conversation cannot have that, it answers without thinking.

use serde_json::{Map, Value, json};

use super::conversation::Conversation;
use super::tools::must_call;
use crate::anthropic_messages::claude::Claude;
use crate::canonical::{Effort, Losses, Reasoning, Request};

/// The least budget.
const LEAST_BUDGET: u64 = 1_024;

/// How much the model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thinking {
    mode: Mode,
    effort: Option<Effort>,
    show: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Unsaid,
    Off,
    Budget(u64),
    Adaptive,
}

impl Thinking {
    const UNSAID: Self = Self { mode: Mode::Unsaid, effort: None, show: None };

    pub(super) fn of(
        request: &Request,
        claude: Claude,
        max_output: u64,
        conversation: &Conversation,
        losses: &mut Losses,
    ) -> Self {
        let Some(asked) = &request.reasoning else {
            return Self::UNSAID;
        };
        if asked.effort == Some(Effort::None) || asked.budget == Some(0) {
            // Models that only adapt do not think unless they are asked to.
            let mode = if claude.only_adapts() { Mode::Unsaid } else { Mode::Off };
            return Self { mode, ..Self::UNSAID };
        }
        let effort = asked.effort.filter(|_| claude.adapts());
        let mode = match mode_of(asked, claude, max_output) {
            Mode::Budget(_) if lacks_thought(conversation) => None,
            Mode::Budget(_) | Mode::Adaptive if must_call(request) => None,
            Mode::Budget(budget) if budget < LEAST_BUDGET => None,
            mode => Some(mode),
        };
        let Some(mode) = mode else {
            losses.add("reasoning");
            return Self { effort, ..Self::UNSAID };
        };
        let effort = match mode {
            Mode::Adaptive => effort.or(asked.budget.map(Effort::of_budget)),
            _ => effort,
        };
        Self { mode, effort: effort.filter(|_| claude.adapts()), show: asked.show }
    }

    /// Whether the model thinks.
    pub(super) const fn is_on(&self) -> bool {
        matches!(self.mode, Mode::Budget(_) | Mode::Adaptive)
    }

    pub(super) fn put(&self, body: &mut Map<String, Value>) {
        let mut thinking = match self.mode {
            Mode::Unsaid => None,
            Mode::Off => Some(json!({ "type": "disabled" })),
            Mode::Budget(budget) => Some(json!({ "type": "enabled", "budget_tokens": budget })),
            Mode::Adaptive => Some(json!({ "type": "adaptive" })),
        };
        // With a budget, thoughts are shown unless asked otherwise; older models know no word for
        // it.
        let display = match (self.mode, self.show) {
            (Mode::Adaptive, Some(true)) => Some("summarized"),
            (Mode::Adaptive | Mode::Budget(_), Some(false)) => Some("omitted"),
            _ => None,
        };
        if let (Some(Value::Object(fields)), Some(display)) = (&mut thinking, display) {
            fields.insert("display".to_owned(), json!(display));
        }
        body.extend(thinking.map(|thinking| ("thinking".to_owned(), thinking)));
        if let Some(effort) = self.effort {
            let word = match effort {
                Effort::None | Effort::Minimal | Effort::Low => "low",
                Effort::Medium => "medium",
                Effort::High => "high",
                Effort::Max => "max",
            };
            let config = body.entry("output_config").or_insert_with(|| json!({}));
            if let Value::Object(config) = config {
                config.insert("effort".to_owned(), json!(word));
            }
        }
    }
}

/// The mode that the request and the model come to. A budget leaves room for an answer: one that
/// is made of a word, half of the output.
fn mode_of(asked: &Reasoning, claude: Claude, max_output: u64) -> Mode {
    let by_budget = asked.budget.is_some() && !asked.adaptive;
    let adapts = claude.adapts() || (asked.adaptive && !claude.is_known());
    if claude.only_adapts() || (adapts && !by_budget) {
        return Mode::Adaptive;
    }
    match (asked.budget, asked.effort, asked.adaptive) {
        (Some(budget), ..) => {
            Mode::Budget(budget.max(LEAST_BUDGET).min(max_output.saturating_sub(1)))
        }
        (None, None, false) => Mode::Unsaid,
        (None, effort, _) => {
            let budget = effort.unwrap_or(Effort::Medium).budget();
            Mode::Budget(budget.min(max_output / 2))
        }
    }
}

/// Whether the model's last turn calls tools, or is to be gone on with, and does not begin with a
/// thought of its own.
fn lacks_thought(conversation: &Conversation) -> bool {
    let ends = conversation.messages.last().is_some_and(|message| message.assistant);
    let last = conversation.messages.iter().rev().find(|message| message.assistant);
    ends || last.is_some_and(|last| last.calls() && !last.begins_with_thought())
}
