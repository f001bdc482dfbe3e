//! Lossless editing: bytes in, bytes out, and only the keys that were asked for differ.
//!
//! A file is never written anew from a tree. Each edit finds the span of one value in the text and
//! changes that span, so that order, comments, indentation, byte order mark, line ends, spelling of
//! numbers and the final newline stay as they are. What an edit gives is read again before anybody
//! sees it: every value that is not ours must be what it was.

mod dotenv;
mod json;
mod members;
mod toml;
mod tree;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use json::Dialect;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with as much beyond it as the tool takes.
    Json(Dialect),
    /// TOML.
    Toml,
    /// Lines of `NAME=value`.
    Dotenv,
}

/// Where a value stands: the names from the root to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyPath(Vec<String>);

impl KeyPath {
    /// The path of these names.
    pub fn new<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The containers around the value, outermost first, without the root.
    #[must_use]
    pub fn containers(&self) -> Vec<Self> {
        (1..self.0.len()).filter_map(|end| self.0.get(..end)).map(|it| Self(it.to_vec())).collect()
    }
}

impl std::fmt::Display for KeyPath {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0.join("."))
    }
}

/// What we write: nothing else is needed by any tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// An object or a table with nothing in it.
    Empty,
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// One change of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub path: KeyPath,
    /// To what.
    pub wanted: Wanted,
}

impl Edit {
    /// Sets a value.
    #[must_use]
    pub fn set(path: KeyPath, value: Value) -> Self {
        Self { path, wanted: Wanted::Value(value) }
    }
}

/// What is to stand at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This value.
    Value(Value),
    /// This spelling, as it once stood in a file of the same format.
    Spelling(String),
    /// Nothing.
    Nothing,
    /// Nothing, if it is an object or a table that has nothing in it, not even a comment.
    NothingIfEmpty,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The bytes of the value in the file.
    pub spelling: String,
    /// What they mean, if it is of a kind that we write.
    pub value: Option<Value>,
}

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// Not a text.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Not what its name says.
    #[error("line {line}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Legal to a person, not to the tool.
    #[error(
        "line {line}: {what} makes the tool ignore this whole file; take it out, and everything in \
         the file works again"
    )]
    ToolIgnoresFile {
        /// Counted from 1.
        line: usize,
        /// What stands there: `a comment`, `a trailing comma`, ….
        what: &'static str,
    },
    /// The same name twice on the way to our value: programs differ in which of them counts.
    #[error("`{0}` stands in the file twice; take one of them out")]
    Twice(KeyPath),
    /// Something else stands where a table has to be.
    #[error("`{0}` is not an object or a table, so nothing can be put into it")]
    NoContainer(KeyPath),
    /// The result would have differed in more than was asked for. This is a mistake of ours, and
    /// the file is safe from it.
    #[error("this file is written in a way that cannot be changed safely")]
    NotFaithful,
}

impl EditError {
    fn syntax(text: &str, at: usize, message: impl Into<String>) -> Self {
        Self::Syntax { line: line_of(text, at), message: message.into() }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// Looks at the value at a path; `None` if there is none.
///
/// # Errors
/// When the file cannot be read as its format.
pub fn find(format: Format, bytes: &[u8], path: &KeyPath) -> Result<Option<Found>, EditError> {
    let (_, text) = split(bytes)?;
    match format {
        Format::Json(dialect) => json::find(dialect, text, path),
        Format::Toml => toml::find(text, path),
        Format::Dotenv => dotenv::find(text, path),
    }
}

/// Makes the edits, one after the other.
///
/// # Errors
/// When the file cannot be read as its format, or not be edited without touching more.
pub fn edit(format: Format, bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let (mark, before) = split(bytes)?;
    let mut text = before.to_owned();
    for edit in edits {
        text = match format {
            Format::Json(dialect) => json::edit(dialect, &text, edit)?,
            Format::Toml => toml::edit(&text, edit)?,
            Format::Dotenv => dotenv::edit(&text, edit)?,
        };
    }
    if !tree::faithful(format, before, &text, edits)? {
        return Err(EditError::NotFaithful);
    }
    Ok(format!("{mark}{text}").into_bytes())
}

/// Whether the tool can read the file.
///
/// # Errors
/// When it cannot, the reason.
pub fn check(format: Format, bytes: &[u8]) -> Result<(), EditError> {
    find(format, bytes, &KeyPath::new(["-"])).map(|_| ())
}

/// The byte order mark, if there is one, and the text after it.
fn split(bytes: &[u8]) -> Result<(&str, &str), EditError> {
    let text = std::str::from_utf8(bytes).map_err(|_| EditError::NotText)?;
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => Ok((BYTE_ORDER_MARK, rest)),
        None => Ok(("", text)),
    }
}

/// The line end that the text uses.
fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|before| before.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// The text with a span of it replaced.
fn splice(text: &str, span: std::ops::Range<usize>, with: &str) -> String {
    let (head, tail) = (text.get(..span.start), text.get(span.end..));
    format!("{}{with}{}", head.unwrap_or_default(), tail.unwrap_or_default())
}

/// Where the line of a place begins.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Where the line of a place ends, before its line end.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or_default());
    at + line.trim_end_matches('\r').len()
}

/// Where the next line begins, or the text ends.
fn next_line(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}

fn is_blank(text: &str, span: std::ops::Range<usize>) -> bool {
    text.get(span).is_some_and(|part| part.trim().is_empty())
}
