//! Changes to a body by span: what is not changed keeps its bytes.
//!
//! Edits are collected while the body is only borrowed and applied once. Without any, the same
//! [`Bytes`] comes back, uncopied.

use bytes::Bytes;

use crate::json::{Span, push_string};
use crate::peek::{ChatPeek, Field};

/// The changes to one body.
#[derive(Debug)]
pub struct Edits<'a> {
    body: &'a Bytes,
    edits: Vec<Edit>,
}

#[derive(Debug)]
struct Edit {
    span: Span,
    /// The member that is inserted, so that a second insertion replaces the first.
    name: Option<&'static str>,
    text: Vec<u8>,
}

/// What the output maximum is called where the caller sent none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MaximumName {
    /// `max_completion_tokens`, OpenAI's present name.
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`, the older name, which most compatible upstreams know.
    MaxTokens,
}

impl MaximumName {
    /// The name as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::MaxTokens => "max_tokens",
        }
    }
}

impl<'a> Edits<'a> {
    /// No changes yet.
    #[must_use]
    pub const fn new(body: &'a Bytes) -> Self {
        Self { body, edits: Vec::new() }
    }

    /// Whether nothing changes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Puts `text` in the place of a span. A second change to the same span replaces the first;
    /// spans must not overlap otherwise.
    pub fn replace(&mut self, span: Span, text: impl Into<Vec<u8>>) {
        self.put(span, None, text.into());
    }

    /// Inserts a member of an object at `place`, just after its opening brace. `alone` says that
    /// the object has no other member.
    pub fn insert_member(&mut self, place: usize, name: &'static str, value: &str, alone: bool) {
        let comma = if alone { "" } else { "," };
        let text = format!("\"{name}\":{value}{comma}");
        self.put(Span::at(place), Some(name), text.into_bytes());
    }

    /// Asks for another model; nothing changes where it is the same.
    pub fn set_model(&mut self, peek: &ChatPeek<'_>, model: &str) {
        if peek.model.value == model {
            return;
        }
        let mut text = Vec::with_capacity(model.len() + 2);
        push_string(&mut text, model);
        self.replace(peek.model.span, text);
    }

    /// Sets the output maximum: lowers every one that is given and higher, or puts it in, under
    /// `absent_name`, where none is given.
    pub fn set_output_maximum(
        &mut self,
        peek: &ChatPeek<'_>,
        maximum: u64,
        absent_name: MaximumName,
    ) {
        let given = [peek.max_completion_tokens, peek.max_tokens];
        if given.iter().flatten().any(|field| field.value.is_some()) {
            for field in given.into_iter().flatten() {
                if field.value.is_some_and(|value| value > maximum) {
                    self.replace(field.span, maximum.to_string());
                }
            }
            return;
        }
        let null: Option<Field<Option<u64>>> = match absent_name {
            MaximumName::MaxCompletionTokens => peek.max_completion_tokens,
            MaximumName::MaxTokens => peek.max_tokens,
        };
        match null {
            Some(field) => self.replace(field.span, maximum.to_string()),
            None => {
                let name = absent_name.as_str();
                self.insert_member(peek.first_member, name, &maximum.to_string(), false);
            }
        }
    }

    /// Makes the upstream report its usage at the end of the stream; nothing changes where the
    /// caller asked for it already.
    pub fn include_usage(&mut self, peek: &ChatPeek<'_>) {
        const ALONE: &str = "{\"include_usage\":true}";
        match peek.stream_options {
            None => self.insert_member(peek.first_member, "stream_options", ALONE, false),
            Some(options) if options.is_null => self.replace(options.span, ALONE),
            Some(options) => match options.include_usage {
                Some(field) if field.value == Some(true) => {}
                Some(field) => self.replace(field.span, "true"),
                None => {
                    let place = options.span.start + 1;
                    self.insert_member(place, "include_usage", "true", options.is_empty);
                }
            },
        }
    }

    /// The body with all changes.
    #[must_use]
    pub fn apply(mut self) -> Bytes {
        if self.edits.is_empty() {
            return self.body.clone();
        }
        self.edits.sort_by_key(|edit| edit.span.start);
        let added: usize = self.edits.iter().map(|edit| edit.text.len()).sum();
        let mut out = Vec::with_capacity(self.body.len() + added);
        let mut kept = 0;
        for edit in &self.edits {
            out.extend_from_slice(Span::new(kept, edit.span.start).of(self.body));
            out.extend_from_slice(&edit.text);
            kept = edit.span.end;
        }
        out.extend_from_slice(Span::new(kept, self.body.len()).of(self.body));
        Bytes::from(out)
    }

    fn put(&mut self, span: Span, name: Option<&'static str>, text: Vec<u8>) {
        let earlier = |edit: &&mut Edit| edit.span == span && edit.name == name;
        match self.edits.iter_mut().find(earlier) {
            Some(edit) => edit.text = text,
            None => self.edits.push(Edit { span, name, text }),
        }
    }
}
