//! The words: a friendly answer in the prompt's language, cut into pieces of one token each, and
//! the count of a prompt's tokens.

/// The longest part of a prompt that an answer repeats, in characters.
const EXCERPT: usize = 60;

/// An answer that shows the prompt was read. Joined, the pieces are the text.
pub(super) fn answer(prompt: &str) -> Vec<String> {
    let excerpt = excerpt(prompt);
    if excerpt.is_empty() {
        return words("Hello! I am a simulated model. Ask me anything.");
    }
    if excerpt.chars().any(is_han) {
        let text = format!("你好!我是一个模拟模型。你刚才说:“{excerpt}”。通路正常,计量准确。");
        return text.chars().map(String::from).collect();
    }
    words(&format!(
        "Hello! I am a simulated model. You wrote: “{excerpt}”. Your gateway works, and every \
         token of this answer was counted."
    ))
}

/// Exactly `count` pieces: the first of them, or all of them again and again.
pub(super) fn stretch(pieces: Vec<String>, count: u64) -> Vec<String> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    pieces.iter().cycle().take(count).cloned().collect()
}

/// The simulated tokenizer: words parted by white space.
pub(super) fn count_words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// Pieces of one word each; joined, they are the text.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split_inclusive([' ', '\n']).map(str::to_owned).collect()
}

fn excerpt(prompt: &str) -> String {
    let prompt = prompt.trim();
    let mut short: String = prompt.chars().take(EXCERPT).collect();
    if short.len() < prompt.len() {
        short.push('…');
    }
    short
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_the_language_of_the_prompt() {
        assert!(answer("How are you?").concat().contains("“How are you?”"));
        assert!(answer("你好吗").concat().starts_with("你好"));
        assert!(answer("  ").concat().starts_with("Hello"));
    }

    #[test]
    fn stretches_and_shortens() {
        let pieces = answer("x");
        assert_eq!(stretch(pieces.clone(), 3).len(), 3);
        assert_eq!(stretch(pieces, 500).len(), 500);
    }
}
