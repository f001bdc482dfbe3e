//! What Anthropic's models of different ages take, told by the name.
//!
//! The API refuses a setting that a model does not know, and newer models refuse settings that
//! older ones need (Anthropic, "Adaptive thinking", "Structured outputs", and the notes on
//! migrating to each model). A name that is not Claude's is another vendor's model behind this
//! dialect: it gets the oldest form of everything.

/// A model, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claude {
    version: Option<(u32, u32)>,
}

impl Claude {
    /// The model of a name such as `claude-opus-4-8`, `anthropic/claude-sonnet-4.5`,
    /// `claude-3-7-sonnet-20250219`.
    pub(super) fn of(model: &str) -> Self {
        let model = model.to_ascii_lowercase();
        let mut words = model
            .split_once("claude")
            .map_or("", |(_, rest)| rest)
            .split(|c: char| !c.is_ascii_alphanumeric())
            .skip_while(|word| number(word).is_none());
        let major = words.next().and_then(number);
        let minor = words.next().and_then(number).unwrap_or(0);
        Self { version: major.map(|major| (major, minor)) }
    }

    fn is_at_least(self, major: u32, minor: u32) -> bool {
        self.version.is_some_and(|version| version >= (major, minor))
    }

    /// Whether it is one of Anthropic's own, by its name.
    pub(super) const fn is_known(self) -> bool {
        self.version.is_some()
    }

    /// Whether it decides itself how much to think, if asked to.
    pub(super) fn adapts(self) -> bool {
        self.is_at_least(4, 6)
    }

    /// Whether it refuses a budget for thoughts, and settings of randomness too.
    pub(super) fn only_adapts(self) -> bool {
        self.is_at_least(4, 7)
    }

    /// Whether it refuses to go on with words that are put into its mouth.
    pub(super) fn begins_afresh(self) -> bool {
        self.is_at_least(4, 6)
    }

    /// Whether it enforces schemas of answers and of calls.
    pub(super) fn enforces_schemas(self) -> bool {
        self.is_at_least(4, 1)
    }

    /// Whether it refuses `temperature` and `top_p` together.
    pub(super) fn takes_one_randomness(self) -> bool {
        self.is_at_least(4, 1)
    }
}

/// A part of a version; a date is none.
fn number(word: &str) -> Option<u32> {
    (word.len() <= 2).then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Claude;

    #[test]
    fn names_tell_versions() {
        let cases = [
            ("claude-opus-4-8", Some((4, 8))),
            ("claude-opus-4-20250514", Some((4, 0))),
            ("claude-opus-4-1-20250805", Some((4, 1))),
            ("claude-3-7-sonnet-20250219", Some((3, 7))),
            ("claude-3-opus-20240229", Some((3, 0))),
            ("anthropic/claude-sonnet-4.5", Some((4, 5))),
            ("us.anthropic.claude-opus-4-7-v1:0", Some((4, 7))),
            ("claude-fable-5", Some((5, 0))),
            ("claude", None),
            ("glm-4.6", None),
        ];
        for (name, version) in cases {
            assert_eq!(Claude::of(name).version, version, "{name}");
        }
    }
}
