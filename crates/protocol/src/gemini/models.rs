//! `GET /v1beta/models`, `GET /v1beta/models/{id}` and the answer to `countTokens`, in Google's shape.

use bytes::Bytes;

use crate::json::push_string;

/// What a model that answers can do.
pub const GENERATES: &[&str] = &["generateContent", "countTokens"];
/// What a model of embeddings can do.
pub const EMBEDS: &[&str] = &["embedContent", "batchEmbedContents"];

/// One model of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model<'a> {
    /// The name to call it by, without `models/`.
    pub id: &'a str,
    /// What it can do: [`GENERATES`] or [`EMBEDS`].
    pub methods: &'a [&'a str],
}

/// The list: `{"models":[…]}`.
#[must_use]
pub fn model_list<'a>(models: impl IntoIterator<Item = Model<'a>>) -> Bytes {
    let mut out = b"{\"models\":[".to_vec();
    for (index, model) in models.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_model(&mut out, &model);
    }
    out.extend_from_slice(b"]}");
    Bytes::from(out)
}

/// One model alone.
#[must_use]
pub fn model_body(model: &Model<'_>) -> Bytes {
    let mut out = Vec::new();
    push_model(&mut out, model);
    Bytes::from(out)
}

/// What `countTokens` answers.
#[must_use]
pub fn count_body(tokens: u64) -> Bytes {
    Bytes::from(format!("{{\"totalTokens\":{tokens}}}"))
}

fn push_model(out: &mut Vec<u8>, model: &Model<'_>) {
    out.extend_from_slice(b"{\"name\":");
    push_string(out, &format!("models/{}", model.id));
    out.extend_from_slice(b",\"version\":\"001\",\"displayName\":");
    push_string(out, model.id);
    out.extend_from_slice(b",\"supportedGenerationMethods\":[");
    for (index, method) in model.methods.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(out, method);
    }
    out.extend_from_slice(b"]}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_googles_shape() {
        let list = model_list([
            Model { id: "gemini-2.5-flash", methods: GENERATES },
            Model { id: "a/b:c\"", methods: EMBEDS },
        ]);
        insta::assert_snapshot!(
            std::str::from_utf8(&list).unwrap(),
            @r#"{"models":[{"name":"models/gemini-2.5-flash","version":"001","displayName":"gemini-2.5-flash","supportedGenerationMethods":["generateContent","countTokens"]},{"name":"models/a/b:c\"","version":"001","displayName":"a/b:c\"","supportedGenerationMethods":["embedContent","batchEmbedContents"]}]}"#
        );
        assert_eq!(&count_body(31)[..], br#"{"totalTokens":31}"#);
    }
}
