//! Images and documents: `input_image` and `input_file`, and back.

use serde_json::{Map, Value, json};

use crate::canonical::{Media, MediaSource, Untranslatable};

/// Types of documents by the end of their name.
const DOCUMENTS: [(&str, &str); 8] = [
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
];

/// Reads an `input_image` part.
pub(super) fn read_image(part: &Map<String, Value>, field: &str) -> Result<Media, Untranslatable> {
    refuse_id(part, field)?;
    // A text; some clients send the object that Chat has.
    let url =
        part.get("image_url").and_then(|url| url.as_str().or_else(|| url.get("url")?.as_str()));
    let Some(url) = url else {
        return Err(Untranslatable::new(
            format!("{field}.image_url"),
            "The image is missing; send it as a URL or as a data URL.",
        ));
    };
    let (source, media_type) = read_url(url, field, "image/*")?;
    Ok(Media { source, media_type, name: None, detail: text(part, "detail") })
}

/// Reads an `input_file` part.
pub(super) fn read_file(part: &Map<String, Value>, field: &str) -> Result<Media, Untranslatable> {
    refuse_id(part, field)?;
    let name = text(part, "filename");
    let (source, media_type) = if let Some(data) = text(part, "file_data") {
        let by_name = name.as_deref().and_then(type_by_name).unwrap_or("application/octet-stream");
        match data.starts_with("data:") {
            true => read_url(&data, field, by_name)?,
            false => (MediaSource::Inline(data), by_name.to_owned()),
        }
    } else if let Some(url) = text(part, "file_url") {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let media_type = type_by_name(path).unwrap_or("application/pdf").to_owned();
        (MediaSource::Url(url), media_type)
    } else {
        return Err(Untranslatable::new(
            field,
            "The file is missing; send it in file_data or give its file_url.",
        ));
    };
    Ok(Media { source, media_type, name, detail: None })
}

/// Reads an `input_audio` part.
pub(super) fn read_audio(part: &Map<String, Value>, field: &str) -> Result<Media, Untranslatable> {
    let audio = part.get("input_audio").and_then(Value::as_object).unwrap_or(part);
    let (Some(data), Some(format)) = (text(audio, "data"), text(audio, "format")) else {
        return Err(Untranslatable::new(field, "The audio's data or its format is missing."));
    };
    let media_type = match format.as_str() {
        "mp3" => "audio/mpeg".to_owned(),
        other => format!("audio/{other}"),
    };
    Ok(Media { source: MediaSource::Inline(data), media_type, name: None, detail: None })
}

/// Writes an image or a document.
pub(super) fn write_media(media: &Media, field: &str) -> Result<Value, Untranslatable> {
    let is_url = matches!(media.source, MediaSource::Url(_));
    let address = match &media.source {
        MediaSource::Url(url) => url.clone(),
        MediaSource::Inline(data) => format!("data:{};base64,{data}", media.media_type),
    };
    if media.media_type.starts_with("image/") {
        let mut part = json!({"type": "input_image", "image_url": address});
        if let (Some(detail), Some(part)) = (&media.detail, part.as_object_mut()) {
            part.insert("detail".to_owned(), json!(detail));
        }
        Ok(part)
    } else if media.media_type.starts_with("audio/") || media.media_type.starts_with("video/") {
        Err(Untranslatable::new(
            field,
            "OpenAI's Responses take no audio or video; use a model of another provider for it.",
        ))
    } else if is_url {
        Ok(json!({"type": "input_file", "file_url": address}))
    } else {
        let name = media.name.as_deref().unwrap_or("file");
        Ok(json!({"type": "input_file", "filename": name, "file_data": address}))
    }
}

/// What a URL holds or points to.
fn read_url(
    url: &str,
    field: &str,
    unknown: &str,
) -> Result<(MediaSource, String), Untranslatable> {
    let Some(rest) = url.strip_prefix("data:") else {
        return Ok((MediaSource::Url(url.to_owned()), unknown.to_owned()));
    };
    let parts =
        rest.split_once(',').and_then(|(head, data)| Some((head.strip_suffix(";base64")?, data)));
    let Some((head, data)) = parts else {
        return Err(Untranslatable::new(field, "A data URL must hold its data in base64."));
    };
    let media_type = head.split(';').next().filter(|name| !name.is_empty()).unwrap_or(unknown);
    Ok((MediaSource::Inline(data.to_owned()), media_type.to_owned()))
}

fn type_by_name(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    DOCUMENTS
        .into_iter()
        .find(|(extension, _)| extension.eq_ignore_ascii_case(end))
        .map(|(_, media_type)| media_type)
}

fn refuse_id(part: &Map<String, Value>, field: &str) -> Result<(), Untranslatable> {
    match text(part, "file_id") {
        None => Ok(()),
        Some(_) => Err(Untranslatable::new(
            format!("{field}.file_id"),
            "A file that is stored at OpenAI cannot be sent to another provider; send its data or a URL.",
        )),
    }
}

fn text(part: &Map<String, Value>, name: &str) -> Option<String> {
    part.get(name).and_then(Value::as_str).map(str::to_owned)
}
