//! What the provider keeps in its account and a request refers to.
//!
//! Many keys share one account upstream, so the gateway lets such a reference pass only for the
//! user that made the object, to the channel secret that made it.

use std::borrow::Cow;

use super::field::{Known, every_member, string_if_any};
use super::{Peek, PeekError};
use crate::json::{Kind, Reader};

/// A reference to something that the provider keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReference<'a> {
    /// What it is.
    pub kind: StoredKind,
    /// Its id as written in the body, escapes resolved; of a Gemini file the name (`files/…`).
    pub id: Cow<'a, str>,
}

/// What a provider keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoredKind {
    /// An answer (Responses).
    Response,
    /// A conversation (Responses).
    Conversation,
    /// An item of an earlier answer (Responses).
    Item,
    /// A prompt template (Responses).
    Prompt,
    /// A file, of whatever dialect.
    File,
    /// A vector store or a file search store.
    VectorStore,
    /// A container that code runs in.
    Container,
    /// A skill of the account's own.
    Skill,
    /// Audio of an earlier answer (chat).
    Audio,
    /// Cached content (Gemini).
    Cache,
}

/// An id, with its escapes resolved; nothing where the value is no string.
pub(super) fn id_if_any<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, PeekError> {
    match string_if_any(reader)? {
        Some(text) => Ok(Some(text.decode()?)),
        None => Ok(None),
    }
}

const ID_NAMES: &[&str] = &["file_id", "file_ids", "vector_store_ids", "container_id", "skill_id"];

fn kind_of(name: &str) -> StoredKind {
    match name {
        "vector_store_ids" => StoredKind::VectorStore,
        "container_id" => StoredKind::Container,
        "skill_id" => StoredKind::Skill,
        _ => StoredKind::File,
    }
}

/// The ids of OpenAI's fields that stand anywhere inside of the next value.
pub(super) fn ids_within<'a>(
    reader: &mut Reader<'a>,
    found: &mut Vec<StoredReference<'a>>,
) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::Object => {
            every_member(reader, Known::new(ID_NAMES), |reader, name| match name {
                Some(name) => ids_of(reader, kind_of(name), found),
                None => ids_within(reader, found),
            })?;
        }
        Kind::Array => {
            let mut elements = reader.array()?;
            while elements.next(reader)? {
                ids_within(reader, found)?;
            }
        }
        _ => {
            reader.skip()?;
        }
    }
    Ok(())
}

/// The next value as one id or an array of them.
pub(super) fn ids_of<'a>(
    reader: &mut Reader<'a>,
    kind: StoredKind,
    found: &mut Vec<StoredReference<'a>>,
) -> Result<(), PeekError> {
    if reader.kind()? == Kind::Array {
        let mut elements = reader.array()?;
        while elements.next(reader)? {
            found.extend(id_if_any(reader)?.map(|id| StoredReference { kind, id }));
        }
    } else {
        found.extend(id_if_any(reader)?.map(|id| StoredReference { kind, id }));
    }
    Ok(())
}

impl<'a> Peek<'a> {
    /// Takes the id of something whose content is part of the input, but not in the body.
    pub(super) fn refer_to_input(&mut self, kind: StoredKind, id: Option<Cow<'a, str>>) {
        if id.as_ref().is_some_and(|id| !id.is_empty()) {
            self.content.stored_inputs += 1;
        }
        self.refer(kind, id);
    }
}
