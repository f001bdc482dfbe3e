//! Turns and parts in Gemini's dialect: text, inline data, files, calls and their results.

use std::borrow::Cow;

use super::field::{
    Known, elements, every_member, members, members_if_any, raw_bytes, string_bytes, string_if_any,
};
use super::stored::id_if_any;
use super::{Peek, PeekError, StoredKind};
use crate::json::{Kind, Reader, Text};

/// A part holds one of these; what stands beside it tells more of it.
const DATA_NAMES: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionResponse",
    "functionCall",
    "executableCode",
    "codeExecutionResult",
];

const PART_NAMES: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionResponse",
    "functionCall",
    "executableCode",
    "codeExecutionResult",
    "thought",
    "thoughtSignature",
    "videoMetadata",
    "mediaResolution",
    "partMetadata",
];

/// Reads a turn (`{"role": …, "parts": […]}`).
pub(super) fn read_turn<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    members(reader, Known::in_either_case(&["parts"]), |reader, name| {
        read_parts(reader, peek).map_err(|error| error.within(name))
    })
    .map(|_| ())
}

fn read_parts<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    match reader.kind()? {
        Kind::Array => elements(reader, |reader| read_parts(reader, peek)).map(|_| ()),
        Kind::Object => read_part(reader, peek),
        Kind::String => {
            peek.content.text(&reader.string()?);
            Ok(())
        }
        _ => Ok(reader.skip().map(|_| ())?),
    }
}

fn read_part<'a>(reader: &mut Reader<'a>, peek: &mut Peek<'a>) -> Result<(), PeekError> {
    let (mut holds_known, mut has_unknown) = (false, false);
    every_member(reader, Known::in_either_case(PART_NAMES), |reader, name| {
        holds_known |= name.is_some_and(|name| DATA_NAMES.contains(&name));
        match name {
            Some("text") => peek.content.text_bytes += string_bytes(reader)?,
            Some(name @ "inlineData") => read_inline(reader, name, peek)?,
            Some(name @ "fileData") => read_file(reader, name, peek)?,
            Some(name @ "functionResponse") => {
                let known = Known::in_either_case(&["parts"]);
                members_if_any(reader, name, known, |reader, name| {
                    read_parts(reader, peek).map_err(|error| error.within(name))
                })?;
            }
            Some(_) => {
                reader.skip()?;
            }
            None => {
                has_unknown = true;
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    peek.content.other_parts += u64::from(has_unknown && !holds_known);
    Ok(())
}

/// Data in the body, whose type says what it costs: pixels, seconds, text, or pages and frames,
/// which have no bound by bytes.
fn read_inline(reader: &mut Reader<'_>, name: &str, peek: &mut Peek<'_>) -> Result<(), PeekError> {
    let mut kind: Option<Text<'_>> = None;
    let mut bytes = 0;
    let before = reader.kind()?;
    members_if_any(reader, name, Known::in_either_case(&["mimeType", "data"]), |reader, name| {
        match name {
            "mimeType" => kind = string_if_any(reader)?,
            _ => bytes = string_if_any(reader)?.as_ref().map_or(0, raw_bytes),
        }
        Ok(())
    })?;
    if before == Kind::Null {
        return Ok(());
    }
    let kind = kind.map(|kind| kind.name().to_ascii_lowercase()).unwrap_or_default();
    let content = &mut peek.content;
    if kind.starts_with(b"image/") {
        content.image(bytes);
    } else if kind.starts_with(b"audio/") {
        content.audio(bytes);
    } else if kind.starts_with(b"text/") {
        content.text_bytes += bytes;
    } else {
        content.inline_file(bytes);
    }
    Ok(())
}

fn read_file<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    peek: &mut Peek<'a>,
) -> Result<(), PeekError> {
    let given = reader.kind()? != Kind::Null;
    peek.content.files_by_id += u64::from(given);
    members_if_any(reader, name, Known::in_either_case(&["fileUri"]), |reader, _| {
        let uri = id_if_any(reader)?.filter(|uri| is_kept_by_google(uri));
        peek.refer(StoredKind::File, uri.map(file_name));
        Ok(())
    })
}

/// Whether a URI means something that the account can reach, rather than a page of the open web.
/// What cannot be told counts as the account's.
fn is_kept_by_google(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return true };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return true;
    }
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    host.is_empty() || host.to_ascii_lowercase().ends_with("googleapis.com")
}

/// The name of a file of the files API (`files/…`) out of its URI; else the URI.
fn file_name(uri: Cow<'_, str>) -> Cow<'_, str> {
    match uri.rfind("files/").and_then(|at| uri.get(at..)) {
        Some(name) => Cow::Owned(name.to_owned()),
        None => uri,
    }
}

#[cfg(test)]
mod tests {
    use super::{file_name, is_kept_by_google};

    #[test]
    fn files_of_the_account_are_told_from_the_open_web() {
        let kept = [
            "https://generativelanguage.googleapis.com/v1beta/files/abc",
            "HTTPS://user@GenerativeLanguage.GoogleAPIs.com.:443/v1beta/files/abc",
            "files/abc",
            "gs://bucket/object.pdf",
            "https:///files/abc",
        ];
        let open = [
            "https://www.youtube.com/watch?v=9hE5-98ZeCg",
            "https://example.com/generativelanguage.googleapis.com/files/abc",
            "http://example.com?u=@googleapis.com",
        ];
        assert!(kept.iter().all(|uri| is_kept_by_google(uri)));
        assert!(!open.iter().any(|uri| is_kept_by_google(uri)));
        assert_eq!(file_name("https://h.googleapis.com/v1beta/files/abc".into()), "files/abc");
        assert_eq!(file_name("gs://b/o".into()), "gs://b/o");
    }
}
