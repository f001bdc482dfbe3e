//! `/console/refusal/{code}`: why the gateway refuses a call, as a sentence in the visitor's
//! language. The scripts that make calls from the page ask for it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::refusal::RefusalCode;
use http::StatusCode;
use std::collections::BTreeMap;

use crate::language::{Language, Words};
use crate::visit::SignedIn;

/// The sentence; none in English, which the gateway speaks itself, and says more exactly.
fn sentence(words: Words, code: &str) -> Option<String> {
    let known = RefusalCode::ALL.iter().any(|known| known.as_str() == code);
    match words.language() {
        Language::Chinese if known => words.coded("refusal", code, &BTreeMap::new()),
        _ => None,
    }
}

pub(crate) async fn page(user: SignedIn, Path(code): Path<String>) -> Response {
    match sentence(user.visit.words, &code) {
        Some(sentence) => sentence.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_told_in_every_language() {
        for code in RefusalCode::ALL {
            for language in Language::ALL {
                let said = Words::of(language).coded("refusal", code.as_str(), &BTreeMap::new());
                assert!(
                    said.is_some(),
                    "say refusal-… of `{}` in {}",
                    code.as_str(),
                    language.tag()
                );
            }
            assert!(sentence(Words::of(Language::Chinese), code.as_str()).is_some());
        }
        assert_eq!(sentence(Words::of(Language::English), "key_expired"), None);
        assert_eq!(sentence(Words::of(Language::Chinese), "something_new"), None);
    }
}
