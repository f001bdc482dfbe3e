//! The conversation that Anthropic's `metadata.user_id` stands for.
//!
//! Claude Code puts the session into it: as a member `session_id` of a JSON object written as a
//! text, and in older versions at its end (`user_…_account_…_session_…`). Other callers put in a
//! user's name, which is then what the calls have in common.

use std::borrow::Cow;

use super::PeekError;
use super::field::{Known, decoded_if_any, members};
use crate::json::{Kind, Reader};

/// The session in a `user_id`, or all of it where there is none.
pub(super) fn session_part(user_id: Cow<'_, str>) -> Cow<'_, str> {
    if let Ok(Some(session)) = session_member(&user_id) {
        return Cow::Owned(session);
    }
    match user_id.rsplit_once("_session_") {
        Some((_, session)) if !session.is_empty() => Cow::Owned(session.to_owned()),
        _ => user_id,
    }
}

fn session_member(text: &str) -> Result<Option<String>, PeekError> {
    let mut reader = Reader::without_utf8_check(text.as_bytes());
    if !text.starts_with('{') || reader.kind()? != Kind::Object {
        return Ok(None);
    }
    let mut session = None;
    members(&mut reader, Known::new(&["session_id"]), |reader, _| {
        session = decoded_if_any(reader)?;
        Ok(())
    })?;
    reader.finish()?;
    Ok(session.filter(|session| !session.is_empty()).map(Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::session_part;

    #[test]
    fn the_session_is_found_in_both_forms() {
        let cases = [
            (r#"{"device_id":"d","account_uuid":"","session_id":"faed-1"}"#, "faed-1"),
            ("user_3d5c_account__session_0b1e-2", "0b1e-2"),
            ("alice", "alice"),
            (r#"{"device_id":"d"}"#, r#"{"device_id":"d"}"#),
            (r#"{"session_id":""}"#, r#"{"session_id":""}"#),
            (r#"{"session_id":"a","session_id":"b"}"#, r#"{"session_id":"a","session_id":"b"}"#),
            (r#"{"session_id":"a"} and more"#, r#"{"session_id":"a"} and more"#),
            ("{", "{"),
            ("a_session_", "a_session_"),
        ];
        for (user_id, session) in cases {
            assert_eq!(session_part(user_id.into()), session);
        }
    }
}
