//! Pictures, sounds and documents.

use serde_json::{Value, json};

use crate::canonical::{Losses, Media, MediaSource, Untranslatable};

/// Writes a part. Google fetches public URLs itself ("File input methods").
pub(super) fn write(
    media: &Media,
    field: &str,
    losses: &mut Losses,
) -> Result<Value, Untranslatable> {
    if media.detail.as_ref().is_some_and(|detail| detail != "auto") {
        losses.add("detail");
    }
    let known =
        Some(media.media_type.as_str()).filter(|kind| kind.contains('/') && !kind.ends_with("/*"));
    match &media.source {
        MediaSource::Inline(data) => {
            let kind = known.unwrap_or_else(|| kind_of_data(data));
            Ok(json!({"inlineData": {"mimeType": kind, "data": data}}))
        }
        MediaSource::Url(url) if is_fetched(url) => {
            let mut file = json!({"fileUri": url});
            let kind = known.or_else(|| kind_of_url(url));
            if let (Some(file), Some(kind)) = (file.as_object_mut(), kind) {
                file.insert("mimeType".into(), kind.into());
            }
            Ok(json!({"fileData": file}))
        }
        MediaSource::Url(_) => Err(Untranslatable::new(
            field,
            "This model takes files inline or behind an http(s) URL; send the file in base64.",
        )),
    }
}

fn is_fetched(url: &str) -> bool {
    ["https://", "http://", "gs://"].iter().any(|scheme| url.starts_with(scheme))
}

/// The type of an image whose type was not given, by its first bytes.
fn kind_of_data(data: &str) -> &'static str {
    const STARTS: [(&str, &str); 4] = [
        ("iVBORw0KGgo", "image/png"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
        ("JVBERi", "application/pdf"),
    ];
    let found = STARTS.iter().find(|(start, _)| data.starts_with(start));
    found.map_or("image/jpeg", |(_, kind)| kind)
}

/// The same, by the ending of its URL.
fn kind_of_url(url: &str) -> Option<&'static str> {
    const ENDINGS: [(&str, &str); 6] = [
        (".png", "image/png"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".webp", "image/webp"),
        (".gif", "image/gif"),
        (".pdf", "application/pdf"),
    ];
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| path.ends_with(ending)).map(|(_, kind)| *kind)
}
