//! `GET /v1/models` and `GET /v1/models/{id}` in OpenAI's shape.

use bytes::Bytes;

use crate::json::push_string;

/// One model of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model<'a> {
    /// The name to call it by.
    pub id: &'a str,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Whose it is.
    pub owned_by: &'a str,
}

/// The list: `{"object":"list","data":[…]}`.
#[must_use]
pub fn model_list<'a>(models: impl IntoIterator<Item = Model<'a>>) -> Bytes {
    let mut out = b"{\"object\":\"list\",\"data\":[".to_vec();
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

fn push_model(out: &mut Vec<u8>, model: &Model<'_>) {
    out.extend_from_slice(b"{\"id\":");
    push_string(out, model.id);
    out.extend_from_slice(b",\"object\":\"model\",\"created\":");
    out.extend_from_slice(model.created.to_string().as_bytes());
    out.extend_from_slice(b",\"owned_by\":");
    push_string(out, model.owned_by);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::{Model, model_list};

    #[test]
    fn the_list_has_openais_shape() {
        let model = |id| Model { id, created: 1_700_000_000, owned_by: "openai" };
        let list = model_list([model("gpt-5"), model("a/b:c\"")]);
        insta::assert_snapshot!(
            std::str::from_utf8(&list).unwrap(),
            @r#"{"object":"list","data":[{"id":"gpt-5","object":"model","created":1700000000,"owned_by":"openai"},{"id":"a/b:c\"","object":"model","created":1700000000,"owned_by":"openai"}]}"#
        );
    }
}
