//! Changes to a body by span: what is not changed keeps its bytes.
//!
//! Edits are collected while the body is only borrowed and applied once. Without any, the same
//! [`Bytes`] comes back, uncopied.

use bytes::Bytes;

use crate::json::{Span, push_string};
use crate::peek::{Field, Peek, Shape};

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

/// What the output maximum of a chat call is called where the caller sent none. The other dialects
/// have one name each.
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

/// What Gemini puts before a model's name.
const MODELS: &str = "models/";

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

    /// Asks for another model, wherever the body names one; nothing changes where it is the same.
    /// A prefix `models/` stays.
    pub fn set_model(&mut self, peek: &Peek<'_>, model: &str) {
        for field in peek.model.iter().chain(&peek.repeated_models) {
            let prefix = match peek.shape.names_model() {
                false if field.value.starts_with(MODELS) => MODELS,
                _ => "",
            };
            let wanted = model.strip_prefix(prefix).unwrap_or(model);
            if field.value.strip_prefix(prefix) == Some(wanted) {
                continue;
            }
            let mut text = Vec::with_capacity(prefix.len() + model.len() + 2);
            push_string(&mut text, &format!("{prefix}{wanted}"));
            self.replace(field.span, text);
        }
    }

    /// Sets the output maximum: lowers every one that is given and higher, or puts it in where none
    /// is given, in chat under `absent_name`. Nothing changes where an answer has no output.
    pub fn set_output_maximum(&mut self, peek: &Peek<'_>, maximum: u64, absent_name: MaximumName) {
        let given = [peek.max_completion_tokens, peek.max_output_tokens, peek.max_tokens];
        if !peek.shape.makes_output() {
            return;
        }
        if given.iter().flatten().any(|field| field.value.is_some()) {
            for field in given.into_iter().flatten() {
                if field.value.is_some_and(|value| value > maximum) {
                    self.replace(field.span, maximum.to_string());
                }
            }
            return;
        }
        let (null, name) = match (peek.shape, absent_name) {
            (Shape::GeminiGenerate, _) => return self.put_gemini_maximum(peek, maximum),
            (Shape::Responses, _) => (peek.max_output_tokens, "max_output_tokens"),
            (Shape::Chat, MaximumName::MaxCompletionTokens) => {
                (peek.max_completion_tokens, absent_name.as_str())
            }
            _ => (peek.max_tokens, MaximumName::MaxTokens.as_str()),
        };
        match null {
            Some(field) => self.replace(field.span, maximum.to_string()),
            None => self.insert_member(peek.first_member, name, &maximum.to_string(), false),
        }
    }

    /// Puts the maximum into Gemini's `generationConfig`, which is made where there is none.
    fn put_gemini_maximum(&mut self, peek: &Peek<'_>, maximum: u64) {
        const NAME: &str = "maxOutputTokens";
        let null: Option<Field<Option<u64>>> = peek.max_output_tokens;
        let alone = || format!("{{\"{NAME}\":{maximum}}}");
        match (null, peek.generation_config) {
            (Some(field), _) => self.replace(field.span, maximum.to_string()),
            (None, Some(config)) if config.is_null => self.replace(config.span, alone()),
            (None, Some(config)) => {
                let place = config.span.start + 1;
                self.insert_member(place, NAME, &maximum.to_string(), config.is_empty);
            }
            (None, None) => {
                self.insert_member(peek.first_member, "generationConfig", &alone(), false);
            }
        }
    }

    /// Makes the upstream report its usage at the end of the stream; nothing changes where the
    /// caller asked for it already, nor in a dialect that always reports it.
    pub fn include_usage(&mut self, peek: &Peek<'_>) {
        const ALONE: &str = "{\"include_usage\":true}";
        if !matches!(peek.shape, Shape::Chat | Shape::Completions) {
            return;
        }
        match peek.stream_options {
            None => self.insert_member(peek.first_member, "stream_options", ALONE, false),
            Some(options) if options.section.is_null => self.replace(options.section.span, ALONE),
            Some(options) => match options.include_usage {
                Some(field) if field.value == Some(true) => {}
                Some(field) => self.replace(field.span, "true"),
                None => {
                    let place = options.section.span.start + 1;
                    let alone = options.section.is_empty;
                    self.insert_member(place, "include_usage", "true", alone);
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
