//! How many input tokens a request can cost at most, told without a tokenizer.
//!
//! A token of a byte-level tokenizer stands for at least one byte of text, so a text has at most
//! as many tokens as bytes; escapes in JSON only make it longer (`\u4f60` is six bytes for a
//! character of three). The tokens that wrap each message (about four at OpenAI, "How to count
//! tokens with tiktoken") are covered by the JSON around it: `{"role":"user","content":""}` alone
//! has 28 bytes, Gemini's `{"text":""}` has 11. Input given as tokens has two bytes for each, its
//! comma among them. Tool definitions are rendered into something shorter than their JSON. What a
//! provider adds out of sight (a preamble, instructions for tools) is covered by a constant.
//!
//! Images cost by their size in pixels, not in bytes: their inline bytes are taken out and a
//! worst case is put in. Audio costs at most tens of tokens a second and takes at least hundreds
//! of bytes for one, so its bytes cover it. Documents and video do not: their pages and frames may
//! cost more tokens than they have bytes. Whatever is not in the body has no such bound either.

use crate::peek::Peek;

/// The most input tokens a request can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputBound {
    /// At most so many tokens.
    Tokens(u64),
    /// The input is not all in the body: the model's context window is the bound, for each round
    /// that the upstream may take.
    ContextWindow(Unbounded),
}

/// Why the body does not bound the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbounded {
    /// The upstream may search or run tools of its own, perhaps in several rounds.
    ServerSideTools,
    /// A part of the input is kept by the provider: an earlier answer, a conversation, a cache.
    StoredInput,
    /// A file is given by an id or a URL.
    FileById,
    /// A file is given inline: its pages may cost more tokens than it has bytes.
    InlineFile,
    /// Audio of an earlier answer is given by its id.
    AudioById,
    /// There is a part of an unknown type.
    UnknownPart,
}

/// Tokens for what a provider adds out of sight.
const HIDDEN_TOKENS: u64 = 64;
/// The same, where tools are given. Anthropic adds up to 700 tokens of instructions ("Tool use",
/// pricing), the others fewer.
const HIDDEN_TOOL_TOKENS: u64 = 1_024;
/// And for each tool whose definition is the provider's own. Anthropic's largest are the computer
/// with 735 tokens and the text editor with 700 ("Computer use tool", "Text editor tool").
const BUILT_IN_TOOL_TOKENS: u64 = 1_024;

/// The most that one image costs with `gpt-4o-mini`: 2,833 + 8 tiles × 5,667 (OpenAI, "Images and
/// vision", calculating costs: scaled to 2,048 × 768 there are eight tiles of 512 pixels).
const IMAGE_TOKENS_4O_MINI: u64 = 48_169;
/// The most that one image costs with Claude: it is scaled down until it has at most 4,784 patches
/// of 28 × 28 pixels with a long edge of 2,576 pixels; models before Opus 4.7 stop at 1,568
/// (Anthropic, "Vision", evaluate image size).
const IMAGE_TOKENS_CLAUDE: u64 = 4_784;
/// The most that one image costs with Gemini: 258 tokens for each tile of 768 × 768 pixels of an
/// image that is scaled to fit 3,072 × 3,072, so sixteen tiles at most (Google, "Understand and
/// count tokens"; "Image understanding"). Gemini 3 goes up to 2,240 at its highest
/// `mediaResolution`, Gemini 2.5 to 256 + 2,048 ("Media resolution").
const IMAGE_TOKENS_GEMINI: u64 = 16 * 258;
/// The most that one image costs elsewhere. OpenAI's largest patch budget is 10,000 patches at
/// detail `original`, its tiled models stay below 1,500; vision models of open weights go up to
/// 16,384.
const IMAGE_TOKENS: u64 = 16_384;

/// The most tokens that one image can cost with a model, by the upstream's name for it.
#[must_use]
pub fn image_tokens(model: &str) -> u64 {
    let names = |part: &str| model.contains(part);
    if names("4o-mini") {
        IMAGE_TOKENS_4O_MINI
    } else if names("claude") {
        IMAGE_TOKENS_CLAUDE
    } else if names("gemini") {
        IMAGE_TOKENS_GEMINI
    } else {
        IMAGE_TOKENS
    }
}

impl InputBound {
    /// The bound of a request that goes to `model` (the upstream's name for it).
    #[must_use]
    pub fn of(peek: &Peek<'_>, model: &str) -> Self {
        match Unbounded::of(peek) {
            Some(reason) => Self::ContextWindow(reason),
            None => Self::of_body(peek, model),
        }
    }

    /// The same where the request is translated: tools that only the caller's own provider runs are
    /// left out then.
    #[must_use]
    pub fn of_translated(peek: &Peek<'_>, model: &str) -> Self {
        match Unbounded::of(peek) {
            Some(Unbounded::ServerSideTools) => match Unbounded::of_content(peek) {
                Some(reason) => Self::ContextWindow(reason),
                None => Self::of_body(peek, model),
            },
            Some(reason) => Self::ContextWindow(reason),
            None => Self::of_body(peek, model),
        }
    }

    fn of_body(peek: &Peek<'_>, model: &str) -> Self {
        let text = (peek.body_bytes as u64).saturating_sub(peek.content.inline_image_bytes);
        let images = peek.content.images.saturating_mul(image_tokens(model));
        let hidden = if peek.has_tools { HIDDEN_TOOL_TOKENS } else { HIDDEN_TOKENS };
        let hidden = hidden + peek.built_in_tools.saturating_mul(BUILT_IN_TOOL_TOKENS);
        Self::Tokens(text.saturating_add(images).saturating_add(hidden))
    }

    /// The bound in tokens, given the model's context window; nothing where that is needed and
    /// not known: the call is then refused.
    #[must_use]
    pub const fn tokens(self, context_window: Option<u64>) -> Option<u64> {
        match self {
            Self::Tokens(tokens) => Some(tokens),
            Self::ContextWindow(_) => context_window,
        }
    }
}

impl Unbounded {
    /// Why the body does not bound the input; nothing where it does.
    #[must_use]
    pub const fn of(peek: &Peek<'_>) -> Option<Self> {
        if peek.server_side_tools { Some(Self::ServerSideTools) } else { Self::of_content(peek) }
    }

    const fn of_content(peek: &Peek<'_>) -> Option<Self> {
        let content = &peek.content;
        if content.stored_inputs > 0 {
            Some(Self::StoredInput)
        } else if content.files_by_id > 0 {
            Some(Self::FileById)
        } else if content.inline_files > 0 {
            Some(Self::InlineFile)
        } else if content.audio_references > 0 {
            Some(Self::AudioById)
        } else if content.other_parts > 0 {
            Some(Self::UnknownPart)
        } else {
            None
        }
    }

    /// What it is, for a refusal's sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerSideTools => "tools that the provider runs",
            Self::StoredInput => "input that the provider keeps",
            Self::FileById => "a file given by id or URL",
            Self::InlineFile => "an inline file",
            Self::AudioById => "audio given by id",
            Self::UnknownPart => "a content part of an unknown type",
        }
    }
}
