//! What does not survive a translation.

use std::collections::BTreeSet;

/// A request that another dialect cannot express, and that would not be answered as asked without
/// the part that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Untranslatable {
    /// The path of the field in the caller's request, such as `messages[2].content[0]`.
    pub field: String,
    /// A sentence that says what cannot be had there and what to do.
    pub message: String,
}

impl Untranslatable {
    /// Refuses a field with a sentence.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Fields that were left out, by their name in the dialect that had them (`web_search`,
/// `store`, `messages.cache_control`). They are told to the caller in a header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses(BTreeSet<String>);

impl Losses {
    /// Notes a field that was left out.
    pub fn add(&mut self, field: impl Into<String>) {
        self.0.insert(field.into());
    }

    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Takes those of another over.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The fields in one line, bounded, of characters that a header may hold.
    #[must_use]
    pub fn header(&self) -> String {
        let mut line = String::new();
        for field in &self.0 {
            if line.len() + field.len() > 900 {
                line.push_str(", more");
                break;
            }
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.extend(field.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, ',' | '"')));
        }
        line
    }
}
