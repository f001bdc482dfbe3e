//! An answer in one piece: its usage and its size, read without a tree.

use memchr::{memchr, memmem};

use super::delivered::count_response;
use super::frame::{Response, text};
use super::read_usage;
use crate::json::{JsonError, Reader};
use crate::observe::{Delivered, WholeAnswer};

/// The id under which the provider keeps an answer.
#[must_use]
pub fn read_id(body: &[u8]) -> Option<String> {
    let mut reader = Reader::new(body).ok()?;
    text(Response::read(&mut reader).ok()??.id)
}

/// The ids of the thoughts in an answer, or in an event of one: what a provider keeps with the answer,
/// and what a client may refer to instead of sending it.
pub fn thought_ids(bytes: &[u8]) -> impl Iterator<Item = &str> {
    memmem::find_iter(bytes, b"\"rs_").filter_map(|at| {
        let before = bytes.get(..at)?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        let rest = before.ends_with(b"\"id\"").then(|| bytes.get(at + 1..)).flatten()?;
        let id = rest.get(..memchr(b'"', rest)?)?;
        let plain = id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte));
        std::str::from_utf8(id).ok().filter(|_| plain)
    })
}

/// Reads what metering needs of an answer's body. An answer that failed can still have a usage.
///
/// # Errors
/// The body is not JSON.
pub fn read_whole(body: &[u8]) -> Result<WholeAnswer, JsonError> {
    let mut reader = Reader::new(body)?;
    let response = Response::read(&mut reader)?.unwrap_or_default();
    reader.finish()?;
    let mut delivered = Delivered::default();
    count_response(&mut delivered, &response)?;
    Ok(WholeAnswer {
        usage: response.usage.map_or(Ok(None), read_usage),
        delivered,
        is_error: response.error.is_some() || response.has_status(b"failed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_found_by_their_ids() {
        let body =
            br#"{"id":"resp_1","output":[{"id": "rs_1","type":"reasoning"},{"type":"message",
            "id":"msg_1","content":[{"text":"\"id\":\"rs_2\" \"rs_3"}]},{"id":"rs_4-a"}]}"#;
        assert_eq!(thought_ids(body).collect::<Vec<_>>(), ["rs_1", "rs_4-a"]);
    }
}
