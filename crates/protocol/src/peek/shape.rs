//! The kinds of request bodies that can be read.

/// A kind of request body: which fields it has, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// OpenAI `POST /v1/chat/completions`.
    Chat,
    /// OpenAI `POST /v1/completions`, the older one with a prompt.
    Completions,
    /// OpenAI `POST /v1/responses`.
    Responses,
    /// OpenAI `POST /v1/embeddings`.
    Embeddings,
    /// Anthropic `POST /v1/messages`.
    Messages,
    /// Anthropic `POST /v1/messages/count_tokens`.
    CountTokens,
    /// Gemini `:generateContent` and `:streamGenerateContent`.
    GeminiGenerate,
    /// Gemini `:countTokens`.
    GeminiCountTokens,
    /// Gemini `:embedContent` and `:batchEmbedContents`.
    GeminiEmbed,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 9] = [
        Self::Chat,
        Self::Completions,
        Self::Responses,
        Self::Embeddings,
        Self::Messages,
        Self::CountTokens,
        Self::GeminiGenerate,
        Self::GeminiCountTokens,
        Self::GeminiEmbed,
    ];

    /// Whether the answer has output tokens; else an output maximum means nothing.
    #[must_use]
    pub const fn makes_output(self) -> bool {
        match self {
            Self::Chat
            | Self::Completions
            | Self::Responses
            | Self::Messages
            | Self::GeminiGenerate => true,
            Self::Embeddings | Self::CountTokens | Self::GeminiCountTokens | Self::GeminiEmbed => {
                false
            }
        }
    }

    /// Whether the body names the model; else the path does.
    #[must_use]
    pub const fn names_model(self) -> bool {
        !matches!(self, Self::GeminiGenerate | Self::GeminiCountTokens | Self::GeminiEmbed)
    }

    /// The field without which there is nothing to answer, and what it must be.
    pub(super) const fn required_input(self) -> Option<(&'static str, &'static str)> {
        const OBJECTS: &str = "a non-empty array of objects";
        match self {
            Self::Chat | Self::Messages | Self::CountTokens => Some(("messages", OBJECTS)),
            Self::GeminiGenerate | Self::GeminiCountTokens => Some(("contents", OBJECTS)),
            Self::Embeddings => Some(("input", "a string or an array")),
            Self::GeminiEmbed => Some(("content", "an object, or `requests` be given")),
            Self::Completions | Self::Responses => None,
        }
    }
}
