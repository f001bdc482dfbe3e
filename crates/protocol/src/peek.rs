//! What the gateway has to know of a request before it forwards it, read in one pass.
//!
//! A peek checks the whole body as JSON, reads the few fields that routing and metering need with
//! the places where they stand, and leaves everything else alone: unknown fields pass untouched. A
//! field that is read may stand only once, compared after its escapes are resolved, because a
//! duplicate would let the upstream read another value than the one that is metered.
//!
//! [`Peek`] is the same for every dialect; each has a walker of its own that fills it.

mod error;
mod field;
mod shape;

mod content;
mod stored;
mod thinking;

mod openai_part;
mod openai_tools;

mod chat;
mod completions;
mod embeddings;
mod responses;
mod responses_item;

mod messages;
mod messages_block;
mod messages_session;

mod gemini;
mod gemini_part;

pub use content::Content;
pub use error::PeekError;
pub use field::{Field, Section};
pub use shape::Shape;
pub use stored::{StoredKind, StoredReference};

use std::borrow::Cow;

use crate::estimate::{TextSize, estimate_tokens};
use crate::json::{Kind, Reader, Span};

/// What routing and metering need of a request, whatever its dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek<'a> {
    /// The kind of body that was read.
    pub shape: Shape,
    /// How long the body is, in bytes.
    pub body_bytes: usize,
    /// Just after the body's opening brace: where a member can be inserted, with a comma after it,
    /// since the object is never empty.
    pub first_member: usize,
    /// The model asked for: 1 to 256 bytes without control characters. Always there but in Gemini's
    /// dialect, which names the model in the path.
    pub model: Option<Field<Cow<'a, str>>>,
    /// Models that a Gemini body names beside the one in the path (`models/…`), in a batch one for
    /// each request. Each must be the path's, or the upstream may serve another than is metered.
    pub repeated_models: Vec<Field<Cow<'a, str>>>,
    /// Whether a stream is wanted. Never set in Gemini's dialect, where the path says it.
    pub stream: bool,
    /// `max_tokens` where it is given (chat, completions, Messages); its value is nothing where
    /// that is `null`.
    pub max_tokens: Option<Field<Option<u64>>>,
    /// `max_completion_tokens` where it is given (chat), likewise.
    pub max_completion_tokens: Option<Field<Option<u64>>>,
    /// `max_output_tokens` (Responses) or `generationConfig.maxOutputTokens` (Gemini), likewise.
    pub max_output_tokens: Option<Field<Option<u64>>>,
    /// Gemini's `generationConfig` where it is given: what an output maximum is inserted in.
    pub generation_config: Option<Section>,
    /// How many answers are asked for, Gemini's `candidateCount` (1 where nothing is said).
    pub n: u64,
    /// How many answers are made to choose from (1 where nothing is said).
    pub best_of: u64,
    /// How many prompts the older completions are to answer, each `n` times; 1 elsewhere.
    pub prompts: u64,
    /// Whether the prompt is repeated at the start of each answer (completions).
    pub echo: bool,
    /// `stream_options` where it is given (chat and completions).
    pub stream_options: Option<StreamOptions>,
    /// The most tokens that the model may think with, where that is asked for by number.
    pub thinking_budget: Option<u64>,
    /// `reasoning_effort`, where it is a string (chat).
    pub reasoning_effort: Option<Cow<'a, str>>,
    /// `service_tier`, where it is a string.
    pub service_tier: Option<Cow<'a, str>>,
    /// Whether the answer is asked for as audio.
    pub audio_output: bool,
    /// Whether images are asked for as part of the answer.
    pub image_output: bool,
    /// Where a `prediction` stands: its rejected tokens are billed as output on top of the maximum.
    pub prediction: Option<Span>,
    /// Whether tools or functions are given.
    pub has_tools: bool,
    /// Where `tools` (or the older `functions`) stands.
    pub tools: Option<Span>,
    /// Tools whose definition is the provider's own and not in the body, though the caller runs
    /// them (a shell, a text editor, a computer).
    pub built_in_tools: u64,
    /// Whether the upstream may search or run tools of its own, which feeds the model text that is
    /// not in the body.
    pub server_side_tools: bool,
    /// What the provider keeps in its account and the body refers to.
    pub stored: Vec<StoredReference<'a>>,
    /// Whether the provider keeps the answer (Responses: unless `store` is `false`).
    pub stores: bool,
    /// Whether the answer is made in the background, to be fetched later (Responses).
    pub background: bool,
    /// What the messages hold.
    pub content: Content,
    session: Option<(SessionRank, Cow<'a, str>)>,
    has_input: bool,
}

/// `stream_options` as it stands in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOptions {
    /// The whole value.
    pub section: Section,
    /// `include_usage` where it is given; its value is nothing where that is `null`.
    pub include_usage: Option<Field<Option<bool>>>,
}

/// What pins a conversation, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SessionRank {
    CacheKey,
    StoredConversation,
    SafetyIdentifier,
    User,
}

/// About what an image costs, for the estimate: between 258 and 1,568 tokens at the usual sizes.
const TYPICAL_IMAGE_TOKENS: u64 = 1_024;

impl<'a> Peek<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// The body is not a JSON object, a field that is read has the wrong type or is given twice,
    /// or the model or the input is missing.
    pub fn read(body: &'a [u8], shape: Shape) -> Result<Self, PeekError> {
        let mut reader = Reader::new(body)?;
        if reader.kind()? != Kind::Object {
            return Err(PeekError {
                field: None,
                message: "The body must be a JSON object.".to_owned(),
            });
        }
        let mut peek = Self::new(shape, body.len(), reader.position() + 1);
        match shape {
            Shape::Chat => chat::read(&mut reader, &mut peek)?,
            Shape::Completions => completions::read(&mut reader, &mut peek)?,
            Shape::Responses => responses::read(&mut reader, &mut peek)?,
            Shape::Embeddings => embeddings::read(&mut reader, &mut peek)?,
            Shape::Messages | Shape::CountTokens => messages::read(&mut reader, &mut peek)?,
            Shape::GeminiGenerate => gemini::read_generate(&mut reader, &mut peek)?,
            Shape::GeminiCountTokens => gemini::read_count_tokens(&mut reader, &mut peek)?,
            Shape::GeminiEmbed => gemini::read_embed(&mut reader, &mut peek)?,
        }
        reader.finish()?;
        if peek.model.is_none() && shape.names_model() {
            return Err(PeekError::at("model", field::MODEL_ALLOWED));
        }
        match shape.required_input() {
            Some((field, allowed)) if !peek.has_input => Err(PeekError::at(field, allowed)),
            _ => Ok(peek),
        }
    }

    const fn new(shape: Shape, body_bytes: usize, first_member: usize) -> Self {
        Self {
            shape,
            body_bytes,
            first_member,
            model: None,
            repeated_models: Vec::new(),
            stream: false,
            max_tokens: None,
            max_completion_tokens: None,
            max_output_tokens: None,
            generation_config: None,
            n: 1,
            best_of: 1,
            prompts: 1,
            echo: false,
            stream_options: None,
            thinking_budget: None,
            reasoning_effort: None,
            service_tier: None,
            audio_output: false,
            image_output: false,
            prediction: None,
            has_tools: false,
            tools: None,
            built_in_tools: 0,
            server_side_tools: false,
            stored: Vec::new(),
            stores: matches!(shape, Shape::Responses),
            background: false,
            content: Content::NONE,
            session: None,
            has_input: false,
        }
    }

    /// The model that the body asks for; nothing in Gemini's dialect, where the path names it.
    #[must_use]
    pub fn model_name(&self) -> Option<&str> {
        self.model.as_ref().map(|field| &*field.value)
    }

    /// The output maximum that is asked for: `max_completion_tokens` where it has a value, else
    /// the dialect's other one.
    #[must_use]
    pub fn output_maximum(&self) -> Option<u64> {
        self.maximum_values().next()
    }

    /// The larger of two where both have a value: what an upstream that knows only one of the
    /// names may go up to, so what is to be reserved.
    #[must_use]
    pub fn largest_output_maximum(&self) -> Option<u64> {
        self.maximum_values().max()
    }

    /// How many answers may be billed: the larger of `n` and `best_of`, for each prompt.
    #[must_use]
    pub fn choices(&self) -> u64 {
        self.n.max(self.best_of).saturating_mul(self.prompts)
    }

    /// How many answers come back: `n` for each prompt.
    #[must_use]
    pub const fn delivered_choices(&self) -> u64 {
        self.n.saturating_mul(self.prompts)
    }

    /// Whether the caller asked for the usage at the end of the stream.
    #[must_use]
    pub fn asks_for_usage(&self) -> bool {
        self.stream_options
            .and_then(|options| options.include_usage)
            .is_some_and(|field| field.value == Some(true))
    }

    /// What calls of one conversation have in common, for the choice of a channel with a warm
    /// prompt cache.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.session.as_ref().map(|(_, text)| &**text)
    }

    /// About how many input tokens the call has, as far as its body tells: its text and its tool
    /// definitions by the rule of [`estimate_tokens`], its images at a typical size.
    #[must_use]
    pub fn estimated_input(&self) -> u64 {
        let tools = self.tools.map_or(0, |span| span.len() as u64);
        let text = TextSize::ascii(self.content.text_bytes.saturating_add(tools));
        let images = self.content.images.saturating_mul(TYPICAL_IMAGE_TOKENS);
        estimate_tokens(text).saturating_add(self.content.token_ids).saturating_add(images)
    }

    fn maximum_values(&self) -> impl Iterator<Item = u64> {
        [self.max_completion_tokens, self.max_output_tokens, self.max_tokens]
            .into_iter()
            .filter_map(|field| field?.value)
    }

    /// Takes a thinking budget; the larger of several counts.
    fn think(&mut self, budget: Option<u64>) {
        self.thinking_budget = self.thinking_budget.max(budget);
    }

    /// Takes what may pin the conversation, unless something better was found.
    fn pin(&mut self, rank: SessionRank, text: Option<Cow<'a, str>>) {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return };
        if self.session.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.session = Some((rank, text));
        }
    }

    /// Takes a reference to what the provider keeps.
    fn refer(&mut self, kind: StoredKind, id: Option<Cow<'a, str>>) {
        self.stored.extend(id.filter(|id| !id.is_empty()).map(|id| StoredReference { kind, id }));
    }
}
