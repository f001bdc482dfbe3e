//! Did it work: the files are read again as the tool would, and the node is asked with what stands
//! in them.

use domain::secret::Secret;
use serde::Serialize;
use thiserror::Error;

use crate::edit::find;
use crate::plan::Plan;
use crate::tools::{ReadBack, Speaks, Tool};
use crate::write::{WriteError, see};

/// Asks a node.
pub trait Probe {
    /// Asks with this key in the tool's own way: for the models, or where a node has no such list
    /// for the shortest answer of `model`.
    ///
    /// # Errors
    /// When the node cannot be reached or does not take the key.
    fn ask(&self, question: &Question<'_>) -> Result<Answer, ProbeError>;
}

/// What a node is asked.
pub struct Question<'a> {
    /// Its base URL, without a version.
    pub base_url: &'a str,
    /// The key.
    pub secret: &'a Secret,
    /// How the tool speaks.
    pub speaks: Speaks,
    /// The model that has to be there, if one was chosen.
    pub model: Option<&'a str>,
}

/// What a node answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// How many models the key may call, where the node lists them.
    pub models: Option<usize>,
    /// Whether the chosen model is one of them.
    pub has_model: Option<bool>,
    /// How long it took.
    pub milliseconds: u64,
}

/// Why a node is of no use.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ProbeError(pub String);

/// Why a configuration does not hold.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file is not what was written.
    #[error("{0} does not hold what was written; another program may have changed it")]
    NotThere(String),
    /// The tool would not find a node or a key.
    #[error("the tool would not find its node in its file")]
    NotFound,
    /// The node.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// The machine.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Reads the files of an applied plan again: each is as planned, and each value of ours is there.
///
/// # Errors
/// When it is not so.
pub fn read_back(plan: &Plan, tool: &dyn Tool) -> Result<ReadBack, VerifyError> {
    let mut contents = Vec::new();
    for file in &plan.files {
        let seen = see(&file.seen.path)?;
        let not_there = || VerifyError::NotThere(file.seen.path.display().to_string());
        let bytes = seen.bytes.unwrap_or_default();
        for entry in &file.entries {
            let found = find(file.format, &bytes, &entry.path).map_err(|_| not_there())?;
            if !entry.is_ours(found.as_ref()) {
                return Err(not_there());
            }
        }
        contents.push(bytes);
    }
    let found = tool.read_back(&contents);
    if found.base_url.is_none() { Err(VerifyError::NotFound) } else { Ok(found) }
}
