//! What a message holds: text alone, or parts.

use serde_json::Value;

use super::field::{Object, given, string, the_object, the_string, within, wrong};
use crate::canonical::{Media, Part, Untranslatable};
use crate::openai_chat::media::{NotBase64, read_audio, read_file, read_image};

/// Reads `content`; an empty text is no part.
pub(super) fn read_content(message: &Object) -> Result<Vec<Part>, Untranslatable> {
    match given(message, "content") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(parts)) => {
            let mut read = Vec::with_capacity(parts.len());
            for (index, part) in parts.iter().enumerate() {
                let field = || format!("content[{index}]");
                match part {
                    Value::String(text) => read.push(Part::text(text)),
                    Value::Object(part) => read.push(read_part(part).map_err(within(field()))?),
                    _ => return Err(wrong(&field(), "an object")),
                }
            }
            Ok(read)
        }
        Some(_) => Err(wrong("content", "a string, an array of parts, or null")),
    }
}

fn read_part(part: &Object) -> Result<Part, Untranslatable> {
    match string(part, "type")? {
        // The two others are the words of the Responses dialect, which vendors take as well.
        Some("text" | "input_text" | "output_text") => Ok(Part::Text {
            text: the_string(part, "text")?.to_owned(),
            cached: given(part, "cache_control").is_some(),
        }),
        Some("refusal") => Ok(Part::Refusal(the_string(part, "refusal")?.to_owned())),
        Some("image_url") => read_image_part(part).map(Part::Media),
        Some("input_audio") => {
            let audio = the_object(part, "input_audio")?;
            let inside = || within("input_audio".to_owned());
            let data = the_string(audio, "data").map_err(inside())?;
            let format = the_string(audio, "format").map_err(inside())?;
            Ok(Part::Media(read_audio(data, format)))
        }
        Some("file") => {
            read_file_part(the_object(part, "file")?).map_err(within("file".to_owned()))
        }
        _ => Err(wrong("type", "one of text, image_url, input_audio, file or refusal")),
    }
}

/// `{"url", "detail"}`, or the URL alone as some vendors take it.
fn read_image_part(part: &Object) -> Result<Media, Untranslatable> {
    let not_base64 = |_: NotBase64| wrong("image_url", "a URL, or a data: URL in base64");
    match part.get("image_url") {
        Some(Value::String(url)) => read_image(url, None).map_err(not_base64),
        _ => {
            let image = the_object(part, "image_url")?;
            let inside = || within("image_url".to_owned());
            let url = the_string(image, "url").map_err(inside())?;
            let detail = string(image, "detail").map_err(inside())?;
            read_image(url, detail).map_err(not_base64)
        }
    }
}

fn read_file_part(file: &Object) -> Result<Part, Untranslatable> {
    if let Some(data) = string(file, "file_data")? {
        let name = string(file, "filename")?;
        return read_file(data, name)
            .map(Part::Media)
            .map_err(|NotBase64| wrong("file_data", "base64, bare or as a data: URL"));
    }
    if given(file, "file_id").is_some() {
        return Err(Untranslatable::new(
            "file_id",
            "`file_id` names a file that the model's provider does not have. Send the file itself as file_data.",
        ));
    }
    Err(wrong("file_data", "a string"))
}
