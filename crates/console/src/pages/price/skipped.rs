//! A price of a source that an import leaves out, and why, in the visitor's language.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::language::Words;

/// What is not taken.
#[derive(Debug, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) model: String,
    /// The API's own words.
    why: String,
    code: String,
    values: BTreeMap<String, String>,
}

impl Skipped {
    /// The sentence for its code, else the API's own.
    pub(crate) fn said(&self, words: Words) -> String {
        let known = words.coded("price-skip", &self.code, &self.values);
        known.unwrap_or_else(|| self.why.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_price_that_is_left_out_says_why_in_the_language_of_the_page() {
        let skipped = |code: &str| -> Skipped {
            serde_json::from_value(serde_json::json!({
                "model": "a", "code": code, "values": {"mode": "rerank"}, "why": "As the API says it.",
            }))
            .unwrap()
        };
        let chinese = Words::of(Language::Chinese);
        assert_eq!(skipped("mode").said(chinese), "模式“rerank”不只按 Token 计费。");
        assert_eq!(skipped("something_new").said(chinese), "As the API says it.");
    }
}
