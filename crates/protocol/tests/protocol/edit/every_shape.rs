//! Edits to a body of any shape: the value changes as wanted, every byte outside of its place
//! stays, and no bytes at all make a reader or an edit fail.

use bytes::Bytes;
use proptest::prelude::*;
use protocol::edit::{Edits, MaximumName};
use protocol::json::Span;
use protocol::peek::{Peek, Shape};
use serde_json::{Value, json};

use crate::json::any_value;

/// What a body of a shape has to hold.
fn required(shape: Shape) -> Vec<(&'static str, &'static str)> {
    match shape {
        Shape::Chat | Shape::Messages | Shape::CountTokens => {
            vec![("messages", r#"[{"role":"user","content":"{\"model\":1}"}]"#)]
        }
        Shape::Completions => vec![("prompt", r#""\"model\": \"x\"""#)],
        Shape::Responses => vec![("input", r#"[{"role":"user","content":"{\"model\":1}"}]"#)],
        Shape::Embeddings => vec![("input", r#"["a","max_tokens"]"#)],
        Shape::GeminiGenerate | Shape::GeminiCountTokens => {
            vec![("contents", r#"[{"parts":[{"text":"maxOutputTokens"}]}]"#)]
        }
        Shape::GeminiEmbed => vec![(
            "requests",
            r#"[{"model":"models/a","content":{"parts":[]}},{"model":"b","content":{}}]"#,
        )],
    }
}

/// The output maximum of a shape, as members of the body.
fn any_maximum(shape: Shape) -> BoxedStrategy<Vec<(&'static str, String)>> {
    let value =
        prop_oneof![Just("null".to_owned()), (1..5_000_u64).prop_map(|value| value.to_string())];
    match shape {
        Shape::GeminiGenerate => prop_oneof![
            Just(vec![]),
            Just(vec![("generationConfig", "null".to_owned())]),
            Just(vec![("generation_config", "{}".to_owned())]),
            Just(vec![("generationConfig", "{ }".to_owned())]),
            Just(vec![(
                "generation_config",
                r#"{"topP":0.5,"x":{"maxOutputTokens":1}}"#.to_owned()
            )]),
            value.clone().prop_map(|value| vec![(
                "generationConfig",
                format!(r#"{{"max_output_tok\u0065ns" : {value} }}"#)
            )]),
            value.prop_map(|value| vec![(
                "generationConfig",
                format!(r#"{{"topK":12345678901234567890123,"maxOutputTokens":{value}}}"#)
            )]),
        ]
        .boxed(),
        Shape::Responses => optional("max_output_tokens", value),
        Shape::Completions | Shape::Messages => optional("max_tokens", value),
        Shape::Chat => optional("max_completion_tokens", value),
        _ => Just(vec![]).boxed(),
    }
}

fn optional(
    name: &'static str,
    value: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Vec<(&'static str, String)>> {
    proptest::option::of(value)
        .prop_map(move |value| value.map(|value| (name, value)).into_iter().collect())
        .boxed()
}

/// A body of a shape with its members in any order, unknown ones and huge numbers among them.
fn any_body(shape: Shape) -> impl Strategy<Value = Bytes> {
    let model = if shape.names_model() { "[a-z0-9é\"\\\\-]{1,20}" } else { "models/[a-z]{1,5}" };
    (
        model,
        any_maximum(shape),
        proptest::collection::vec(any_value(), 0..3),
        prop_oneof![Just(""), Just(" "), Just("\r\n\t")],
    )
        .prop_flat_map(move |(model, maximum, unknown, space)| {
            let mut members = vec![("\"mod\\u0065l\"".to_owned(), json!(model).to_string())];
            let named = |name: &str| format!("\"{name}\"");
            members.extend(required(shape).into_iter().map(|(n, v)| (named(n), v.to_owned())));
            members.extend(maximum.into_iter().map(|(name, value)| (named(name), value)));
            for (index, value) in unknown.iter().enumerate() {
                members.push((named(&format!("unknown{index}")), value.to_string()));
            }
            members.push((named("big"), "-123456789012345678901234567890.5e-7".to_owned()));
            (Just(members).prop_shuffle(), Just(space))
        })
        .prop_map(|(members, space)| {
            let members: Vec<String> = members
                .into_iter()
                .map(|(name, value)| format!("{space}{name}{space}:{space}{value}{space}"))
                .collect();
            Bytes::from(format!("{space}{{{}}}{space}", members.join(",")))
        })
}

fn any_shape_and_body() -> impl Strategy<Value = (Shape, Bytes)> {
    proptest::sample::select(&Shape::ALL[..])
        .prop_flat_map(|shape| any_body(shape).prop_map(move |body| (shape, body)))
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Whether the two differ at most inside of one span of the first.
fn differ_only_in(span: Span, before: &[u8], after: &[u8]) -> bool {
    let (head, tail) = (&before[..span.start], &before[span.end..]);
    after.len() >= head.len() + tail.len() && after.starts_with(head) && after.ends_with(tail)
}

/// The object that holds a shape's maximum, and what the maximum is called in it.
fn maximum_of(shape: Shape, body: &mut Value) -> (&mut Value, String) {
    let first_of = |object: &Value, names: [&'static str; 2]| {
        names.into_iter().find(|name| object.get(name).is_some()).unwrap_or(names[0])
    };
    match shape {
        Shape::GeminiGenerate => {
            let name = first_of(body, ["generationConfig", "generation_config"]);
            let config = &mut body[name];
            if config.is_null() {
                *config = json!({});
            }
            let name = first_of(config, ["maxOutputTokens", "max_output_tokens"]);
            (config, name.to_owned())
        }
        Shape::Responses => (body, "max_output_tokens".to_owned()),
        Shape::Chat => (body, "max_completion_tokens".to_owned()),
        _ => (body, "max_tokens".to_owned()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn only_the_maximum_changes((shape, body) in any_shape_and_body(), maximum in 1..5_000_u64) {
        let peek = Peek::read(&body, shape).unwrap();
        let mut edits = Edits::new(&body);
        edits.set_output_maximum(&peek, maximum, MaximumName::default());
        let out = edits.apply();
        if !shape.makes_output() {
            prop_assert_eq!(out.as_ptr(), body.as_ptr());
            return Ok(());
        }
        let mut wanted = parse(&body);
        let given = peek.output_maximum();
        let (object, name) = maximum_of(shape, &mut wanted);
        object[name] = json!(given.unwrap_or(maximum).min(maximum));
        prop_assert_eq!(parse(&out), wanted);

        let field = peek.max_completion_tokens.or(peek.max_output_tokens).or(peek.max_tokens);
        let place = match (field, peek.generation_config) {
            (Some(field), _) => field.span,
            (None, Some(config)) if config.is_null => config.span,
            (None, Some(config)) => Span::at(config.span.start + 1),
            (None, None) => Span::at(peek.first_member),
        };
        prop_assert!(differ_only_in(place, &body, &out));
        let lowered = Peek::read(&out, shape).unwrap();
        prop_assert!(lowered.largest_output_maximum().unwrap() <= maximum);
    }

    #[test]
    fn only_the_model_changes((shape, body) in any_shape_and_body(), model in "[ -~é]{1,30}") {
        let peek = Peek::read(&body, shape).unwrap();
        let mut edits = Edits::new(&body);
        edits.set_model(&peek, &model);
        let out = edits.apply();
        let mut wanted = parse(&body);
        let plain = model.strip_prefix("models/").unwrap_or(&model);
        let rename = |value: &mut Value| {
            let prefixed = value.as_str().unwrap().starts_with("models/");
            *value = json!(if prefixed { format!("models/{plain}") } else { model.clone() });
        };
        if shape.names_model() {
            wanted["model"] = json!(model);
        } else {
            rename(&mut wanted["model"]);
            if let Some(requests) = wanted.get_mut("requests").and_then(Value::as_array_mut) {
                requests.iter_mut().for_each(|request| rename(&mut request["model"]));
            }
        }
        prop_assert_eq!(parse(&out), wanted);
        let fields: Vec<_> = peek.model.iter().chain(&peek.repeated_models).collect();
        let whole = Span::new(
            fields.iter().map(|field| field.span.start).min().unwrap(),
            fields.iter().map(|field| field.span.end).max().unwrap(),
        );
        prop_assert!(differ_only_in(whole, &body, &out));
    }

    #[test]
    fn usage_is_asked_for_where_it_has_to_be((shape, body) in any_shape_and_body()) {
        let peek = Peek::read(&body, shape).unwrap();
        let mut edits = Edits::new(&body);
        edits.include_usage(&peek);
        let asks = matches!(shape, Shape::Chat | Shape::Completions);
        prop_assert_eq!(edits.is_empty(), !asks);
        let out = edits.apply();
        prop_assert!(differ_only_in(Span::at(peek.first_member), &body, &out));
        prop_assert_eq!(Peek::read(&out, shape).unwrap().asks_for_usage(), asks);
    }

    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for shape in Shape::ALL {
            try_everything(shape, &Bytes::from(bytes.clone()));
        }
    }

    #[test]
    fn mutated_bodies_are_judged(
        (shape, body) in any_shape_and_body(),
        other in proptest::sample::select(&Shape::ALL[..]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = body.to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let bytes = Bytes::from(bytes);
        try_everything(shape, &bytes);
        try_everything(other, &bytes);
    }

    #[test]
    fn any_value_of_any_field_is_judged(
        shape in proptest::sample::select(&Shape::ALL[..]),
        members in proptest::collection::vec((field(), inner_value()), 1..8),
    ) {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        try_everything(shape, &Bytes::from(format!("{{{}}}", members.join(","))));
    }
}

/// Names that are read somewhere.
fn field() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "model",
        "messages",
        "contents",
        "content",
        "input",
        "prompt",
        "parts",
        "type",
        "text",
        "tools",
        "source",
        "system",
        "metadata",
        "thinking",
        "container",
        "generationConfig",
        "generation_config",
        "max_tokens",
        "max_output_tokens",
        "maxOutputTokens",
        "requests",
        "conversation",
        "file",
        "file_id",
        "image_url",
        "inlineData",
        "fileData",
        "id",
        "output",
        "stream_options",
        "systemInstruction",
        "user_id",
        "environment",
        "variables",
    ])
}

fn inner_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(7)),
        Just(json!("image")),
        Just(json!("document")),
        Just(json!("input_file")),
        Just(json!("data:,A")),
        Just(json!(-1)),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((field(), inner), 0..5).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

/// Reads a body and edits it in every way; what was readable stays so.
fn try_everything(shape: Shape, body: &Bytes) {
    let Ok(peek) = Peek::read(body, shape) else { return };
    let _ = (peek.session(), peek.choices(), peek.estimated_input());
    let _ = protocol::bound::InputBound::of(&peek, "m").tokens(None);
    for name in [MaximumName::MaxTokens, MaximumName::MaxCompletionTokens] {
        let mut edits = Edits::new(body);
        edits.set_model(&peek, "other");
        edits.include_usage(&peek);
        edits.set_output_maximum(&peek, 5, name);
        let out = edits.apply();
        let again = Peek::read(&out, shape).unwrap();
        assert!(!shape.makes_output() || again.largest_output_maximum().unwrap() <= 5);
        assert_eq!(again.content, peek.content);
    }
}

#[test]
fn a_large_body_keeps_its_bytes() {
    let text = "Zwölf \\\"Boxkämpfer\\\" jagen Viktor \\u00e4\\ud83d\\ude00. ".repeat(20_000);
    let image = "A".repeat(1_000_000);
    let body = Bytes::from(format!(
        r#"{{"contents":[{{"parts":[{{"text":"{text}"}},{{"inlineData":{{"mimeType":"image/png","data":"{image}"}}}}]}}],"generationConfig":{{"temperature":1}}}}"#
    ));
    assert!(body.len() > 2_000_000);
    let peek = Peek::read(&body, Shape::GeminiGenerate).unwrap();
    assert_eq!(peek.content.text_bytes, text.len() as u64);
    assert_eq!(peek.content.inline_image_bytes, image.len() as u64);
    let mut edits = Edits::new(&body);
    edits.set_output_maximum(&peek, 99, MaximumName::default());
    let out = edits.apply();
    let place = peek.generation_config.unwrap().span.start + 1;
    assert!(differ_only_in(Span::at(place), &body, &out));
    assert_eq!(out.len(), body.len() + r#""maxOutputTokens":99,"#.len());
    assert_eq!(parse(&out)["generationConfig"], json!({"temperature": 1, "maxOutputTokens": 99}));
}
