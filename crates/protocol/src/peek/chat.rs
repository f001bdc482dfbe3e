//! A peek into a request of the OpenAI chat dialect.

use std::borrow::Cow;

use super::content::{Content, read_messages};
use super::field::{Known, boolean_or_null, decoded_if_any, integer_or_null, string_if_any};
use super::thinking::{read_budget, read_budget_in};
use super::{Field, PeekError};
use crate::json::{Kind, Reader, Span};

/// What routing and metering need of a chat request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPeek<'a> {
    /// How long the body is, in bytes.
    pub body_bytes: usize,
    /// Just after the body's opening brace: where a member can be inserted, with a comma after it,
    /// since the object is never empty.
    pub first_member: usize,
    /// The model asked for: 1 to 256 bytes without control characters.
    pub model: Field<Cow<'a, str>>,
    /// Whether a stream is wanted.
    pub stream: bool,
    /// `max_tokens` where it is given; its value is nothing where that is `null`.
    pub max_tokens: Option<Field<Option<u64>>>,
    /// `max_completion_tokens` where it is given; its value is nothing where that is `null`.
    pub max_completion_tokens: Option<Field<Option<u64>>>,
    /// How many answers are asked for (1 where nothing is said).
    pub n: u64,
    /// How many answers are made to choose from (1 where nothing is said).
    pub best_of: u64,
    /// `stream_options` where it is given.
    pub stream_options: Option<StreamOptions>,
    /// `user`, where it is a string.
    pub user: Option<Cow<'a, str>>,
    /// `prompt_cache_key`, where it is a string.
    pub prompt_cache_key: Option<Cow<'a, str>>,
    /// `safety_identifier`, where it is a string.
    pub safety_identifier: Option<Cow<'a, str>>,
    /// The most tokens that the model may think with, where that is asked for by number.
    pub thinking_budget: Option<u64>,
    /// `reasoning_effort`, where it is a string.
    pub reasoning_effort: Option<Cow<'a, str>>,
    /// `service_tier`, where it is a string.
    pub service_tier: Option<Cow<'a, str>>,
    /// Whether the answer is asked for as audio (`audio`, or `modalities` with `"audio"`).
    pub audio_output: bool,
    /// Where a `prediction` stands: its rejected tokens are billed as output on top of the maximum.
    pub prediction: Option<Span>,
    /// Whether tools or functions are given.
    pub has_tools: bool,
    /// Where `tools` (or the older `functions`) stands.
    pub tools: Option<Span>,
    /// Whether the upstream may search or run tools of its own, which feeds the model text that is
    /// not in the body: `web_search_options`, a tool that is neither a function nor custom, and
    /// what other vendors call it (`search_parameters`, `enable_search`, `plugins`).
    pub server_side_tools: bool,
    /// What the messages hold.
    pub content: Content,
}

/// `stream_options` as it stands in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOptions {
    /// The whole value.
    pub span: Span,
    /// Whether it is `null` rather than an object.
    pub is_null: bool,
    /// Whether it is an object without members.
    pub is_empty: bool,
    /// `include_usage` where it is given; its value is nothing where that is `null`.
    pub include_usage: Option<Field<Option<bool>>>,
}

/// The largest output maximum that is taken: 2^31.
const LARGEST_MAXIMUM: u64 = 1 << 31;
const MOST_CHOICES: u64 = 128;
const LONGEST_MODEL: usize = 256;

const NAMES: &[&str] = &[
    "model",
    "messages",
    "stream",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "best_of",
    "stream_options",
    "tools",
    "functions",
    "user",
    "prompt_cache_key",
    "safety_identifier",
    "reasoning_effort",
    "thinking_budget",
    "thinking",
    "reasoning",
    "service_tier",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "search_parameters",
    "enable_search",
    "plugins",
];

impl<'a> ChatPeek<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// The body is not a JSON object, a field that is read has the wrong type or is given twice,
    /// or `model` or `messages` is missing.
    pub fn read(body: &'a [u8]) -> Result<Self, PeekError> {
        let mut reader = Reader::new(body)?;
        if reader.kind()? != Kind::Object {
            return Err(PeekError {
                field: None,
                message: "The body must be a JSON object.".to_owned(),
            });
        }
        let mut members = reader.object()?;
        let mut draft = Draft::new(body.len(), reader.position());
        let mut known = Known::new(NAMES);
        while let Some(key) = members.next(&mut reader)? {
            match known.take(&key)? {
                Some(name) => draft.member(name, &mut reader)?,
                None => {
                    reader.skip()?;
                }
            }
        }
        reader.finish()?;
        draft.finish()
    }

    /// The output maximum that is asked for: `max_completion_tokens` where it has a value, else
    /// `max_tokens`.
    #[must_use]
    pub fn output_maximum(&self) -> Option<u64> {
        self.maximum_values().next()
    }

    /// The larger of the two where both have a value: what an upstream that knows only one of the
    /// names may go up to, so what is to be reserved.
    #[must_use]
    pub fn largest_output_maximum(&self) -> Option<u64> {
        self.maximum_values().max()
    }

    /// Takes a thinking budget; the larger of several counts.
    fn think(&mut self, budget: Option<u64>) {
        self.thinking_budget = self.thinking_budget.max(budget);
    }

    /// How many answers may be billed: the larger of `n` and `best_of`.
    #[must_use]
    pub fn choices(&self) -> u64 {
        self.n.max(self.best_of)
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
        [&self.prompt_cache_key, &self.safety_identifier, &self.user]
            .into_iter()
            .find_map(|field| field.as_deref().filter(|text| !text.is_empty()))
    }

    fn maximum_values(&self) -> impl Iterator<Item = u64> {
        [self.max_completion_tokens, self.max_tokens].into_iter().filter_map(|field| field?.value)
    }
}

/// A peek under way: `model` and `messages` may still be missing.
struct Draft<'a> {
    model: Option<Field<Cow<'a, str>>>,
    content: Option<Content>,
    peek: ChatPeek<'a>,
}

impl<'a> Draft<'a> {
    const fn new(body_bytes: usize, first_member: usize) -> Self {
        let nothing = Field { value: Cow::Borrowed(""), span: Span::at(0) };
        Self {
            model: None,
            content: None,
            peek: ChatPeek {
                body_bytes,
                first_member,
                model: nothing,
                stream: false,
                max_tokens: None,
                max_completion_tokens: None,
                n: 1,
                best_of: 1,
                stream_options: None,
                user: None,
                prompt_cache_key: None,
                safety_identifier: None,
                thinking_budget: None,
                reasoning_effort: None,
                service_tier: None,
                audio_output: false,
                prediction: None,
                has_tools: false,
                tools: None,
                server_side_tools: false,
                content: Content::NONE,
            },
        }
    }

    fn member(&mut self, name: &'static str, reader: &mut Reader<'a>) -> Result<(), PeekError> {
        let peek = &mut self.peek;
        match name {
            "model" => self.model = Some(read_model(reader)?),
            "messages" => self.content = Some(read_messages(reader)?),
            "stream" => peek.stream = boolean_or_null(reader, name)?.value == Some(true),
            "max_tokens" => peek.max_tokens = Some(maximum(reader, name)?),
            "max_completion_tokens" => peek.max_completion_tokens = Some(maximum(reader, name)?),
            "n" => peek.n = choices(reader, name)?,
            "best_of" => peek.best_of = choices(reader, name)?,
            "stream_options" => peek.stream_options = Some(read_stream_options(reader)?),
            "tools" | "functions" => {
                let tools = read_tools(reader)?;
                peek.has_tools |= tools.any;
                peek.server_side_tools |= tools.server_side;
                peek.tools = Some(tools.span);
            }
            "user" => peek.user = decoded_if_any(reader)?,
            "prompt_cache_key" => peek.prompt_cache_key = decoded_if_any(reader)?,
            "safety_identifier" => peek.safety_identifier = decoded_if_any(reader)?,
            "thinking_budget" => peek.think(read_budget(reader, name)?),
            "thinking" => peek.think(read_budget_in(reader, name, &["budget_tokens"])?),
            "reasoning" => peek.think(read_budget_in(reader, name, &["max_tokens"])?),
            "reasoning_effort" => peek.reasoning_effort = decoded_if_any(reader)?,
            "service_tier" => peek.service_tier = decoded_if_any(reader)?,
            "modalities" => peek.audio_output |= lists_audio(reader)?,
            "audio" => peek.audio_output |= is_set(reader)?.is_some(),
            "prediction" => peek.prediction = is_set(reader)?,
            _ => peek.server_side_tools |= is_set(reader)?.is_some(),
        }
        Ok(())
    }

    fn finish(self) -> Result<ChatPeek<'a>, PeekError> {
        let model = self.model.ok_or_else(|| PeekError::at("model", MODEL_ALLOWED))?;
        let content = self
            .content
            .ok_or_else(|| PeekError::at("messages", "a non-empty array of objects"))?;
        Ok(ChatPeek { model, content, ..self.peek })
    }
}

const MODEL_ALLOWED: &str = "a string of 1 to 256 bytes without control characters";

fn read_model<'a>(reader: &mut Reader<'a>) -> Result<Field<Cow<'a, str>>, PeekError> {
    let wrong = || PeekError::at("model", MODEL_ALLOWED);
    let text = string_if_any(reader)?.ok_or_else(wrong)?;
    let value = text.decode().map_err(|_| wrong())?;
    if value.is_empty() || value.len() > LONGEST_MODEL || value.contains(char::is_control) {
        return Err(wrong());
    }
    Ok(Field { value, span: text.span })
}

fn maximum(reader: &mut Reader<'_>, name: &str) -> Result<Field<Option<u64>>, PeekError> {
    integer_or_null(reader, name, 1..=LARGEST_MAXIMUM)
}

fn choices(reader: &mut Reader<'_>, name: &str) -> Result<u64, PeekError> {
    let field = integer_or_null(reader, name, 1..=MOST_CHOICES)?;
    Ok(field.value.unwrap_or(1))
}

fn read_stream_options(reader: &mut Reader<'_>) -> Result<StreamOptions, PeekError> {
    let kind = reader.kind()?;
    let start = reader.position();
    let mut include_usage = None;
    let mut is_empty = true;
    match kind {
        Kind::Null => {
            reader.skip()?;
        }
        Kind::Object => {
            let mut known = Known::new(&["include_usage"]);
            let mut members = reader.object()?;
            while let Some(key) = members.next(reader)? {
                is_empty = false;
                let inside = |error: PeekError| error.within("stream_options");
                match known.take(&key).map_err(inside)? {
                    Some(name) => {
                        include_usage = Some(boolean_or_null(reader, name).map_err(inside)?);
                    }
                    None => {
                        reader.skip()?;
                    }
                }
            }
        }
        _ => return Err(PeekError::at("stream_options", "an object or null")),
    }
    Ok(StreamOptions {
        span: Span::new(start, reader.position()),
        is_null: kind == Kind::Null,
        is_empty,
        include_usage,
    })
}

/// Where a value stands, unless it is `null` or `false`.
fn is_set(reader: &mut Reader<'_>) -> Result<Option<Span>, PeekError> {
    let span = reader.skip()?;
    Ok(Some(span).filter(|span| !matches!(reader.bytes(*span), b"null" | b"false")))
}

fn lists_audio(reader: &mut Reader<'_>) -> Result<bool, PeekError> {
    let mut audio = false;
    if reader.kind()? == Kind::Array {
        let mut elements = reader.array()?;
        while elements.next(reader)? {
            audio |= string_if_any(reader)?.is_some_and(|text| text.is("audio"));
        }
    } else {
        reader.skip()?;
    }
    Ok(audio)
}

struct Tools {
    any: bool,
    server_side: bool,
    span: Span,
}

fn read_tools(reader: &mut Reader<'_>) -> Result<Tools, PeekError> {
    let kind = reader.kind()?;
    let start = reader.position();
    let mut tools = Tools { any: kind != Kind::Null, server_side: false, span: Span::at(start) };
    if kind == Kind::Array {
        tools.any = false;
        let mut elements = reader.array()?;
        while elements.next(reader)? {
            tools.any = true;
            tools.server_side |= read_tool(reader).map_err(|error| error.within("tools[]"))?;
        }
    } else {
        reader.skip()?;
    }
    tools.span = Span::new(start, reader.position());
    Ok(tools)
}

/// Whether a tool is run by the upstream rather than by the caller.
fn read_tool(reader: &mut Reader<'_>) -> Result<bool, PeekError> {
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(false);
    }
    let mut server_side = false;
    let mut known = Known::new(&["type"]);
    let mut members = reader.object()?;
    while let Some(key) = members.next(reader)? {
        if known.take(&key)?.is_none() {
            reader.skip()?;
            continue;
        }
        if let Some(text) = string_if_any(reader)? {
            server_side = !(text.is("function") || text.is("custom"));
        }
    }
    Ok(server_side)
}
