//! Model names with `*` for any run of characters, as in a key's list of allowed models.

use serde::{Deserialize, Serialize};

/// An exact model name, or a pattern with `*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelPattern(String);

impl ModelPattern {
    /// A pattern from its text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a model's name fits.
    #[must_use]
    pub fn matches(&self, model: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else {
            return self.0 == model;
        };
        let Some(mut remaining) = model.strip_prefix(first) else {
            return false;
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            let Some(at) = remaining.find(part) else {
                return false;
            };
            remaining = remaining.get(at + part.len()..).unwrap_or("");
        }
        remaining.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, model, fits) in [
            ("gpt-5*", "gpt-5-mini", true),
            ("gpt-5*", "gpt-5", true),
            ("gpt-5*", "gpt-4o", false),
            ("gpt-5", "gpt-5-mini", false),
            ("*", "", true),
            ("*-mini", "gpt-5-mini", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("**", "x", true),
        ] {
            assert_eq!(ModelPattern::new(pattern).matches(model), fits, "{pattern} {model}");
        }
    }
}
