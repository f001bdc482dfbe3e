//! What a request asks.

use serde_json::Value;

/// A request for one model's answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The model, as the client names it. A writer puts the upstream's name in.
    pub model: String,
    /// Whether the answer is to come in events.
    pub stream: bool,
    /// The conversation in order, instructions included where they stand.
    pub turns: Vec<Turn>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// Whether it must, may, or may not call them; the dialect's default where nothing is said.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several calls may come in one turn.
    pub parallel_tool_calls: Option<bool>,
    /// The most output tokens, thoughts included.
    pub max_output: Option<u64>,
    /// How the next token is chosen.
    pub sampling: Sampling,
    /// The shape that the text must have.
    pub format: Option<Format>,
    /// How much the model is to think.
    pub reasoning: Option<Reasoning>,
    /// The caller's own name for the end user, for the provider's abuse detection.
    pub end_user: Option<String>,
    /// Whether a stream is to tell its usage, in the dialect where that is asked for (chat).
    pub stream_usage: bool,
}

/// Who says a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The operator of the application. Chat and Responses know two words for it; both come here.
    System,
    /// The user; results of tools stand in their turns.
    User,
    /// The model.
    Assistant,
}

/// What one side says in one go. Two turns of one role may follow one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Who says it.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// A part of what is said.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text. `cached` marks the end of a prefix that the provider is asked to cache.
    Text {
        /// The text.
        text: String,
        /// Whether a cache breakpoint stands behind it.
        cached: bool,
    },
    /// A picture, a sound, a document.
    Media(Media),
    /// A call that the model made.
    ToolCall(ToolCall),
    /// What a call came to.
    ToolResult(ToolResult),
    /// What the model thought.
    Thought(Thought),
    /// The model declined to answer, in these words.
    Refusal(String),
}

impl Part {
    /// Text without a cache breakpoint.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), cached: false }
    }
}

/// Something that is not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Where it is.
    pub source: MediaSource,
    /// Its type (`image/png`, `application/pdf`, `audio/wav`); `image/*` where only that is known.
    pub media_type: String,
    /// Its file name.
    pub name: Option<String>,
    /// How closely an image is looked at (`low`, `high`, `auto`, `original`).
    pub detail: Option<String>,
}

/// Where something that is not text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaSource {
    /// Here, in base64 (standard alphabet, padded).
    Inline(String),
    /// Behind a URL that the provider fetches.
    Url(String),
}

/// A call that the model made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// What its result will refer to.
    pub id: String,
    /// The tool, by its canonical name (see [`Tool::name`]).
    pub name: String,
    /// The arguments: the text of a JSON object, or free text for [`ToolKind::Free`].
    pub arguments: String,
    /// What the provider wants back with it, unread (Gemini's thought signature).
    pub signature: Option<String>,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// The call.
    pub call: String,
    /// The tool, where the dialect says so or an earlier turn tells.
    pub name: Option<String>,
    /// What came out: texts and media only.
    pub parts: Vec<Part>,
    /// Whether it failed.
    pub is_error: bool,
}

/// What the model thought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thought {
    /// In words; empty where the provider hides them.
    pub text: String,
    /// What proves it to its own provider: Anthropic's signature or redacted data, OpenAI's
    /// encrypted content. Of no use to another one.
    pub seal: Option<String>,
    /// The provider's id of it, if it has one.
    pub id: Option<String>,
    /// Whether the words are hidden and `seal` is all there is.
    pub redacted: bool,
}

/// What the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// The name between the dialects: `namespace__name` for a tool in a namespace, else its own.
    pub name: String,
    /// The namespace that it was given in, and its name there.
    pub namespace: Option<(String, String)>,
    /// What it does.
    pub description: Option<String>,
    /// What it takes.
    pub kind: ToolKind,
    /// Whether a cache breakpoint stands behind it.
    pub cached: bool,
}

/// What a tool takes.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolKind {
    /// A JSON object that keeps to a JSON schema.
    Function {
        /// The schema.
        parameters: Value,
        /// Whether it is enforced.
        strict: Option<bool>,
    },
    /// Free text (Responses' `custom`), perhaps of a grammar. Where a dialect has no such thing, it
    /// becomes a function with one text named `input`, and its calls are turned back.
    Free {
        /// The grammar, as the dialect writes it.
        format: Option<Value>,
    },
}

/// Whether the model must, may, or may not call tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one, by its canonical name.
    Named(String),
    /// At least one of these (`required`) or as it likes among them.
    Among {
        /// Canonical names.
        names: Vec<String>,
        /// Whether it must.
        required: bool,
    },
}

/// How the next token is chosen. Numbers are kept as they were written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampling {
    /// Randomness, 0 to 2 (Anthropic: to 1).
    pub temperature: Option<serde_json::Number>,
    /// Nucleus.
    pub top_p: Option<serde_json::Number>,
    /// The likeliest so many.
    pub top_k: Option<u64>,
    /// Against tokens that were often used.
    pub frequency_penalty: Option<serde_json::Number>,
    /// Against tokens that were used at all.
    pub presence_penalty: Option<serde_json::Number>,
    /// For the same answer again.
    pub seed: Option<i64>,
    /// Where the answer ends.
    pub stop: Vec<String>,
    /// How many answers.
    pub answers: Option<u64>,
}

/// The shape that the text must have.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    /// Any JSON.
    Json,
    /// JSON of a schema.
    Schema {
        /// Its name.
        name: String,
        /// What it is.
        description: Option<String>,
        /// The schema.
        schema: Value,
        /// Whether it is enforced.
        strict: Option<bool>,
    },
}

/// How much the model is to think.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasoning {
    /// By word.
    pub effort: Option<Effort>,
    /// By number of tokens; 0 is not at all.
    pub budget: Option<u64>,
    /// As much as it sees fit (Anthropic's `adaptive`, Gemini's −1).
    pub adaptive: bool,
    /// Whether the thoughts, or a summary of them, are to be shown.
    pub show: Option<bool>,
}

/// How much thought, by word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as there is.
    Minimal,
    /// A little.
    Low,
    /// The usual.
    Medium,
    /// Much.
    High,
    /// As much as there is.
    Max,
}

impl Effort {
    /// Tokens of thought that this comes to, where a dialect counts them.
    #[must_use]
    pub const fn budget(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal => 1_024,
            Self::Low => 2_048,
            Self::Medium => 8_192,
            Self::High => 16_384,
            Self::Max => 32_768,
        }
    }

    /// The word that comes closest to a number of tokens of thought.
    #[must_use]
    pub const fn of_budget(tokens: u64) -> Self {
        match tokens {
            0 => Self::None,
            1..=1_024 => Self::Minimal,
            1_025..=4_096 => Self::Low,
            4_097..=12_288 => Self::Medium,
            12_289..=24_576 => Self::High,
            _ => Self::Max,
        }
    }
}

impl Request {
    /// Every tool that the request offers or speaks of, by its canonical name.
    pub fn tool_names(&self) -> impl Iterator<Item = &str> {
        let offered = self.tools.iter().map(|tool| tool.name.as_str());
        let spoken = self.turns.iter().flat_map(|turn| &turn.parts).filter_map(|part| match part {
            Part::ToolCall(call) => Some(call.name.as_str()),
            Part::ToolResult(result) => result.name.as_deref(),
            _ => None,
        });
        offered.chain(spoken)
    }

    /// A tool by its canonical name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// The name of the tool that a call in an earlier turn was made to.
    #[must_use]
    pub fn name_of_call(&self, id: &str) -> Option<&str> {
        self.turns.iter().flat_map(|turn| &turn.parts).find_map(|part| match part {
            Part::ToolCall(call) if call.id == id => Some(call.name.as_str()),
            _ => None,
        })
    }
}
