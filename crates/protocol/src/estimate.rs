//! A token count for when the upstream gave none that can be used.
//!
//! Until a tokenizer is at hand the count comes from the amount of text alone, so that the same
//! text always costs the same: four bytes of ASCII to a token, which is what OpenAI gives as the
//! rule of thumb for English ("What are tokens and how to count them"), and three bytes of
//! anything else, one Chinese character. Callers clamp it to the bound that was reserved.

/// How much text there is: what an estimate is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextSize {
    /// All bytes in UTF-8.
    pub bytes: u64,
    /// Those of them that belong to characters outside ASCII.
    pub non_ascii_bytes: u64,
}

const ASCII_BYTES_PER_TOKEN: u64 = 4;
const OTHER_BYTES_PER_TOKEN: u64 = 3;

impl TextSize {
    /// The size of a text.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let non_ascii = text.iter().filter(|byte| !byte.is_ascii()).count();
        Self { bytes: text.len() as u64, non_ascii_bytes: non_ascii as u64 }
    }

    /// So many bytes of ASCII.
    #[must_use]
    pub const fn ascii(bytes: u64) -> Self {
        Self { bytes, non_ascii_bytes: 0 }
    }

    /// So many bytes outside ASCII.
    #[must_use]
    pub const fn non_ascii(bytes: u64) -> Self {
        Self { bytes, non_ascii_bytes: bytes }
    }

    /// Adds another text's size.
    pub const fn add(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.non_ascii_bytes = self.non_ascii_bytes.saturating_add(other.non_ascii_bytes);
    }

    /// The sum of the two.
    #[must_use]
    pub const fn plus(mut self, other: Self) -> Self {
        self.add(other);
        self
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bytes == 0
    }
}

/// The estimated number of tokens in a text; never more than its bytes, 0 for no text.
#[must_use]
pub const fn estimate_tokens(text: TextSize) -> u64 {
    let ascii = text.bytes.saturating_sub(text.non_ascii_bytes);
    let ascii = ascii.div_ceil(ASCII_BYTES_PER_TOKEN);
    ascii.saturating_add(text.non_ascii_bytes.div_ceil(OTHER_BYTES_PER_TOKEN))
}

#[cfg(test)]
mod tests {
    use super::{TextSize, estimate_tokens};

    #[test]
    fn tokens_follow_the_script() {
        let tokens = |text: &str| estimate_tokens(TextSize::of(text.as_bytes()));
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("a"), 1);
        assert_eq!(tokens("Hello, world!"), 4);
        assert_eq!(tokens("你好世界"), 4);
        assert_eq!(tokens("ok 好"), 2);
    }
}
