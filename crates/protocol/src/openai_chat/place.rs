//! Where the text of a chunk stands.

use crate::json::walk::{each, members, string};
use crate::json::{Reader, Span};
use crate::observe::Part;

/// The place of a chunk's only text, if there is one without escapes.
pub(super) fn of_text(data: &[u8]) -> Option<(Part, Span)> {
    let mut texts = Vec::new();
    let mut reader = Reader::without_utf8_check(data);
    let walked = members(&mut reader, |reader, key| match key {
        b"choices" => each(reader, |reader| {
            members(reader, |reader, key| match key {
                b"delta" => members(reader, |reader, key| {
                    let part = match key {
                        b"content" => Part::Text,
                        b"reasoning_content" | b"reasoning" => Part::Reasoning,
                        _ => return reader.skip().map(|_| ()),
                    };
                    let text = string(reader)?.filter(|text| !text.raw().is_empty());
                    texts.extend(text.map(|text| (part, text)));
                    Ok(())
                }),
                _ => reader.skip().map(|_| ()),
            })
        }),
        _ => reader.skip().map(|_| ()),
    });
    match (walked, texts.as_slice()) {
        (Ok(()), [(part, text)]) => Some((*part, text.plain()?)),
        _ => None,
    }
}
