//! Everything that the API says with a name is said in every language of the pages, with the same
//! values; in English with the same words, but for keys, which the pages call tokens.

use std::collections::BTreeMap;
use std::path::Path;

use super::Wrong;
use crate::prices::import::Skip;

/// The messages of a file: name and text.
fn messages(language: &str, file: &str) -> BTreeMap<String, String> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locales").join(language).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let lines = text.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// The names in braces, in order.
fn values(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.trim().trim_start_matches('$'))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

pub(crate) fn check(prefix: &str, file: &str, sentences: &[(&str, &str)]) {
    for language in ["en", "zh-CN"] {
        let mut messages = messages(language, file);
        messages.retain(|id, _| id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-')));
        for (code, sentence) in sentences {
            let id = format!("{prefix}-{}", code.replace('_', "-"));
            let Some(message) = messages.remove(&id) else {
                panic!("say `{id}` in locales/{language}/{file}: {sentence}");
            };
            assert_eq!(values(&message), values(sentence), "{language}: {id}");
            if language == "en" {
                let plain = message.replace("{ $", "{").replace(" }", "}");
                // A key is a token to those who use the pages.
                let spoken = plain.replace("token", "key");
                assert!(plain == *sentence || spoken == *sentence, "{id}: {message}");
            }
        }
        assert!(messages.is_empty(), "the API says nothing of {messages:?}");
    }
}

#[test]
fn every_mistake_is_told_in_every_language() {
    check("wrong", "wrong.ftl", Wrong::SENTENCES);
}

#[test]
fn every_price_that_is_skipped_is_told_in_every_language() {
    check("price-skip", "price-skip.ftl", Skip::SENTENCES);
}
