//! This dialect's words for how much the model is to think (`reasoning_effort`).

use crate::canonical::{Effort, Reasoning};

/// The words that are understood, for a refusal's sentence.
pub(super) const WORDS: &str = "one of none, minimal, low, medium, high, xhigh or max";

/// What a word asks for; nothing for an unknown one.
pub(super) fn from_word(word: &str) -> Option<Effort> {
    Some(match word {
        "none" => Effort::None,
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Max,
        _ => return None,
    })
}

/// The word that asks for it.
pub(super) const fn word(effort: Effort) -> &'static str {
    match effort {
        Effort::None => "none",
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Max => "xhigh",
    }
}

/// The word that comes closest to what is asked; nothing where that is left to the model. A number
/// of tokens never becomes the highest word, which few models know.
pub(super) fn closest_word(reasoning: &Reasoning) -> Option<&'static str> {
    let of_budget = || Some(Effort::of_budget(reasoning.budget?).min(Effort::High));
    reasoning.effort.or_else(of_budget).map(word)
}
