//! The tools that can be configured, one file each.
//!
//! A tool says which files it reads, what has to stand in them, and what around the person would
//! count more than that. It writes nothing.

mod claude_code;
mod codex;
mod gemini_cli;
mod opencode;
mod warning;

use std::path::PathBuf;

use domain::secret::Secret;
use thiserror::Error;

use crate::base_url::BaseUrl;
use crate::edit::{Edit, EditError, Format, KeyPath, Value, Wanted, find};
use crate::paths::Places;
use crate::surroundings::Surroundings;

pub use warning::{Effect, Says, Warning};

/// A tool.
pub trait Tool: Sync {
    /// As the command line names it.
    fn name(&self) -> &'static str;

    /// As people name it.
    fn title(&self) -> &'static str;

    /// The files that are to change.
    fn files(&self, places: &Places) -> Vec<ToolFile>;

    /// What has to stand in the file at this place in [`Tool::files`], seen what stands in it
    /// without us.
    ///
    /// # Errors
    /// When the tool cannot do what is wished, or the file cannot be read.
    fn edits(&self, wish: &Wish, file: usize, without_us: &[u8]) -> Result<Vec<Edit>, ToolError>;

    /// Which node and key the tool would use, from the bytes of its files.
    fn read_back(&self, files: &[Vec<u8>]) -> ReadBack;

    /// What would count more than what we write.
    fn overrides(&self, around: &Surroundings, places: &Places) -> Vec<Warning>;

    /// What the person has to do for it to count.
    fn afterwards(&self) -> &'static str;

    /// How the tool speaks, for the call that proves it.
    fn speaks(&self) -> Speaks;

    /// Whether it can ask a command for its key.
    fn asks_commands(&self) -> bool {
        false
    }

    /// Whether it has no choice of a model of its own.
    fn needs_model(&self) -> bool {
        false
    }
}

/// A file of a tool.
#[derive(Debug, Clone)]
pub struct ToolFile {
    /// Where it is.
    pub path: PathBuf,
    /// How it is written.
    pub format: Format,
    /// Whether a secret may come to stand in it.
    pub holds_secret: bool,
}

/// What a person wants of a tool.
pub struct Wish {
    /// Which node.
    pub base_url: BaseUrl,
    /// With which key.
    pub secret: Secret,
    /// Instead of the key in the file: a command that prints it.
    pub command: Option<SecretCommand>,
    /// Which model; the tool's own choice where nothing is said.
    pub model: Option<String>,
}

/// A command that prints a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretCommand {
    /// The program's path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl SecretCommand {
    /// `tollkeeper secret TOOL`, by the path of this program.
    #[must_use]
    pub fn of(program: String, tool: &dyn Tool, around: &Surroundings) -> Self {
        let mut arguments = vec!["secret".to_owned(), tool.name().to_owned()];
        if let Some(own) = around.variable("TOLLKEEPER_HOME") {
            arguments.extend(["--home".to_owned(), own.to_owned()]);
        }
        Self { program, arguments }
    }
}

/// Why a tool cannot have what is wished.
#[derive(Debug, Error)]
pub enum ToolError {
    /// The file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The wish.
    #[error(transparent)]
    Wish(#[from] Unmet),
}

/// What of a wish cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unmet {
    /// A key from a command, of a tool that runs none.
    #[error(
        "this tool cannot take its key from a command; leave --no-secret-in-file off, or use Claude Code or Codex"
    )]
    NoCommand,
    /// No model, where the tool lists only those that are named.
    #[error("OpenCode lists only the models that stand in its file: name one with --model")]
    ModelNeeded,
    /// No model's name.
    #[error("a model's name holds no blanks and no quotation marks")]
    ModelName,
}

/// What a tool would use.
#[derive(Default)]
pub struct ReadBack {
    /// Where it would send its calls, as it stands in the file.
    pub base_url: Option<String>,
    /// The key, if the file holds it.
    pub secret: Option<Secret>,
    /// The model.
    pub model: Option<String>,
}

/// How a tool speaks to its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// Anthropic's Messages.
    Messages,
    /// OpenAI's Responses.
    Responses,
    /// OpenAI's Chat Completions.
    Chat,
    /// Google's Gemini.
    Gemini,
}

/// All tools.
pub const TOOLS: [&dyn Tool; 4] =
    [&claude_code::ClaudeCode, &codex::Codex, &gemini_cli::GeminiCli, &opencode::OpenCode];

/// What a person should know before a tool uses this node.
#[must_use]
pub fn warnings(
    tool: &dyn Tool,
    base_url: &BaseUrl,
    around: &Surroundings,
    places: &Places,
) -> Vec<Warning> {
    let mut warnings = tool.overrides(around, places);
    if base_url.is_readable_on_the_way() {
        warnings.push(Warning::PlainHttp);
    }
    warnings
}

/// The tool of this name.
#[must_use]
pub fn tool(name: &str) -> Option<&'static dyn Tool> {
    TOOLS.into_iter().find(|tool| tool.name() == name)
}

/// A wish that a tool has no way to fulfil.
fn set(path: &[&str], value: impl Into<String>) -> Edit {
    Edit::set(KeyPath::new(path.iter().copied()), Value::text(value))
}

fn nothing(path: &[&str]) -> Edit {
    Edit { path: KeyPath::new(path.iter().copied()), wanted: Wanted::Nothing }
}

fn text_at(format: Format, bytes: &[u8], path: &[&str]) -> Option<String> {
    match find(format, bytes, &KeyPath::new(path.iter().copied())).ok()??.value? {
        Value::Text(text) => Some(text),
        Value::List(_) | Value::Empty => None,
    }
}

/// The first of these names under `above` that is free, or `tollkeeper`.
fn free_name(format: Format, bytes: &[u8], above: &str) -> Result<String, EditError> {
    for count in 1..100 {
        let name = if count == 1 { "tollkeeper".to_owned() } else { format!("tollkeeper-{count}") };
        if find(format, bytes, &KeyPath::new([above, &name]))?.is_none() {
            return Ok(name);
        }
    }
    Err(EditError::NotFaithful)
}
