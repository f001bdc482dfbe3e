//! A peek into a request for embeddings in OpenAI's dialect.

use super::completions::read_texts;
use super::field::{Known, decoded_if_any, members, model};
use super::{Peek, PeekError, SessionRank};
use crate::json::{Kind, Reader};

pub(super) fn read<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::new(&["model", "input", "user"]), |reader, name| {
        match name {
            "model" => peek.model = Some(model(reader)?),
            "input" => {
                peek.has_input = reader.kind()? != Kind::Null;
                peek.content.messages = read_texts(reader, name, peek)?;
            }
            _ => peek.pin(SessionRank::User, decoded_if_any(reader)?),
        }
        Ok(())
    })
    .map(|_| ())
}
