//! Pictures, sounds and documents in this dialect's parts (OpenAI, "Images and vision", "Audio and
//! speech", "File inputs").

use serde_json::{Value, json};

use crate::canonical::{Media, MediaSource};

const ANY_IMAGE: &str = "image/*";

/// The type and the base64 of a `data:` URL; nothing for any other URL.
///
/// # Errors
/// The URL's data are not in base64.
pub(super) fn read_data_url(url: &str) -> Result<Option<(String, String)>, NotBase64> {
    let Some((scheme, rest)) = url.split_once(':') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("data") {
        return Ok(None);
    }
    let (head, data) = rest.split_once(',').ok_or(NotBase64)?;
    let head = strip_base64(head).ok_or(NotBase64)?;
    let media_type = head.split(';').next().unwrap_or_default();
    Ok(Some((media_type.to_ascii_lowercase(), data.to_owned())))
}

/// A `data:` URL whose data are not in base64.
#[derive(Debug)]
pub(super) struct NotBase64;

fn strip_base64(head: &str) -> Option<&str> {
    let (head, word) = head.rsplit_once(';')?;
    word.trim().eq_ignore_ascii_case("base64").then_some(head)
}

/// An image behind a URL of either kind.
///
/// # Errors
/// A `data:` URL's data are not in base64.
pub(super) fn read_image(url: &str, detail: Option<&str>) -> Result<Media, NotBase64> {
    let (source, media_type) = match read_data_url(url)? {
        Some((media_type, data)) => (MediaSource::Inline(data), media_type),
        None => (MediaSource::Url(url.to_owned()), String::new()),
    };
    let media_type = if media_type.is_empty() { ANY_IMAGE.to_owned() } else { media_type };
    Ok(Media { source, media_type, name: None, detail: detail.map(str::to_owned) })
}

/// A sound of one of this dialect's formats (`wav`, `mp3`).
pub(super) fn read_audio(data: &str, format: &str) -> Media {
    let media_type = match format {
        "mp3" => "audio/mpeg".to_owned(),
        other => format!("audio/{other}"),
    };
    let source = MediaSource::Inline(data.to_owned());
    Media { source, media_type, name: None, detail: None }
}

/// A file, as a `data:` URL or in bare base64, of the type that its name tells.
///
/// # Errors
/// A `data:` URL's data are not in base64.
pub(super) fn read_file(data: &str, name: Option<&str>) -> Result<Media, NotBase64> {
    let (media_type, data) = match read_data_url(data)? {
        Some(both) => both,
        None => (String::new(), data.to_owned()),
    };
    let media_type = match media_type.as_str() {
        "" => type_of_name(name.unwrap_or_default()).to_owned(),
        _ => media_type,
    };
    let source = MediaSource::Inline(data);
    Ok(Media { source, media_type, name: name.map(str::to_owned), detail: None })
}

fn type_of_name(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "txt" | "md" => "text/plain",
        "csv" => "text/csv",
        "html" => "text/html",
        "json" => "application/json",
        _ => "application/pdf",
    }
}

/// The content part that says it; else a sentence about what can be had.
pub(super) fn write_part(media: &Media) -> Result<Value, &'static str> {
    let kind = media.media_type.split(['/', ';']).next().unwrap_or_default();
    match kind {
        "image" => Ok(write_image(media)),
        "audio" => write_audio(media),
        _ if media.media_type == "application/pdf" => write_file(media),
        _ => Err("The upstream's dialect takes images, WAV and MP3 sounds and PDF documents only."),
    }
}

fn write_image(media: &Media) -> Value {
    let url = match &media.source {
        MediaSource::Url(url) => url.clone(),
        MediaSource::Inline(data) if media.media_type == ANY_IMAGE => {
            format!("data:image/png;base64,{data}")
        }
        MediaSource::Inline(data) => format!("data:{};base64,{data}", media.media_type),
    };
    match &media.detail {
        Some(detail) => json!({"type": "image_url", "image_url": {"url": url, "detail": detail}}),
        None => json!({"type": "image_url", "image_url": {"url": url}}),
    }
}

fn write_audio(media: &Media) -> Result<Value, &'static str> {
    let MediaSource::Inline(data) = &media.source else {
        return Err("The upstream's dialect takes sounds inline only, not by URL.");
    };
    let format = match media.media_type.as_str() {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "wav",
        "audio/mpeg" | "audio/mp3" => "mp3",
        _ => return Err("The upstream's dialect takes sounds as WAV or MP3 only."),
    };
    Ok(json!({"type": "input_audio", "input_audio": {"data": data, "format": format}}))
}

fn write_file(media: &Media) -> Result<Value, &'static str> {
    let MediaSource::Inline(data) = &media.source else {
        return Err("The upstream's dialect takes documents inline only, not by URL.");
    };
    let name = media.name.as_deref().unwrap_or("document.pdf");
    let url = format!("data:application/pdf;base64,{data}");
    Ok(json!({"type": "file", "file": {"filename": name, "file_data": url}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_urls_are_taken_apart() {
        let read = |url| read_data_url(url).ok().flatten();
        let png = Some(("image/png".to_owned(), "AAAA".to_owned()));
        assert_eq!(read("data:image/png;base64,AAAA"), png);
        assert_eq!(read("DATA:image/PNG;x=y;BASE64,AAAA"), png);
        assert_eq!(read("https://example.org/a.png"), None);
        assert_eq!(read("no url"), None);
        assert!(read_data_url("data:text/plain,hello").is_err());
        assert!(read_data_url("data:").is_err());
    }
}
