//! A conversation in no dialect's words: enough to answer it and to count it.

use super::text;

/// One step of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// System or developer instructions.
    System(String),
    User(String),
    Assistant(String),
    /// The model called a tool; the text is the call's name and arguments.
    Call(String),
    /// What a tool said.
    Result(String),
}

impl Turn {
    fn text(&self) -> &str {
        match self {
            Self::System(text)
            | Self::User(text)
            | Self::Assistant(text)
            | Self::Call(text)
            | Self::Result(text) => text,
        }
    }
}

/// What the answer refers to: the user's last words, else the last words of anybody.
pub(super) fn prompt(turns: &[Turn]) -> String {
    let users = turns.iter().rev().find(|turn| matches!(turn, Turn::User(_)));
    users.or(turns.last()).map(|turn| turn.text().to_owned()).unwrap_or_default()
}

/// The input's tokens: its words, and three for each turn.
pub(super) fn tokens(turns: &[Turn]) -> u64 {
    let words: u64 = turns.iter().map(|turn| text::count_words(turn.text())).sum();
    (words + 3 * turns.len() as u64).max(1)
}

/// What tools said since the model last spoke. A user's words after the results do not hide them:
/// Claude Code sends reminders there, and a translation may have to put its texts there.
pub(super) fn results(turns: &[Turn]) -> Vec<String> {
    let mut results = Vec::new();
    for turn in turns.iter().rev() {
        match turn {
            Turn::Result(text) => results.push(text.clone()),
            Turn::Assistant(_) => break,
            Turn::User(_) if !results.is_empty() => break,
            // A call without a result: somebody was interrupted.
            Turn::Call(_) if results.is_empty() => break,
            Turn::User(_) | Turn::System(_) | Turn::Call(_) => {}
        }
    }
    results.reverse();
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> Turn {
        Turn::User(text.to_owned())
    }

    fn result(text: &str) -> Turn {
        Turn::Result(text.to_owned())
    }

    #[test]
    fn results_are_those_since_the_model_last_spoke() {
        let call = Turn::Call(String::new());
        let mut turns =
            vec![user("go"), call.clone(), result("a"), call, result("b"), user("note")];
        assert_eq!(results(&turns), ["a", "b"]);
        turns.push(Turn::Assistant("done".to_owned()));
        turns.push(user("again"));
        assert!(results(&turns).is_empty());
    }
}
