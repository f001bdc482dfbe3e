//! Edits change what they say and nothing else.

mod every_shape;

use bytes::Bytes;
use proptest::prelude::*;
use protocol::edit::{Edits, MaximumName};
use protocol::peek::{Peek, Shape};
use serde_json::{Value, json};

use super::json::any_value;

/// A chat body with its members in any order, unknown ones among them, and any white space.
fn any_body() -> impl Strategy<Value = Bytes> {
    let maximum =
        || prop_oneof![Just("null".to_owned()), (1..5_000_u64).prop_map(|n| n.to_string())];
    let options = prop_oneof![
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("{ }".to_owned()),
        Just(r#"{"include_obfuscation":false}"#.to_owned()),
        Just(r#"{"include_usage":null,"x":[1]}"#.to_owned()),
        Just(r#"{"y":"}","include\u005fusage" : false}"#.to_owned()),
        Just(r#"{"include_usage":true}"#.to_owned()),
    ];
    (
        "[a-z0-9/:é\"\\\\-]{1,20}",
        proptest::option::of(maximum()),
        proptest::option::of(maximum()),
        proptest::option::of(options),
        proptest::collection::vec(any_value(), 0..3),
        prop_oneof![Just(""), Just(" "), Just("\r\n\t")],
    )
        .prop_flat_map(|(model, max, completion, options, unknown, space)| {
            let mut members = vec![
                ("\"model\"".to_owned(), json!(model).to_string()),
                (
                    "\"messages\"".to_owned(),
                    r#"[{"role":"user","content":"{\"model\":1}"}]"#.to_owned(),
                ),
            ];
            members.extend(max.map(|value| ("\"max_tokens\"".to_owned(), value)));
            members.extend(
                completion.map(|value| ("\"max_completion_toke\\u006es\"".to_owned(), value)),
            );
            members.extend(options.map(|value| ("\"stream_options\"".to_owned(), value)));
            for (index, value) in unknown.iter().enumerate() {
                members.push((format!("\"unknown{index}\""), value.to_string()));
            }
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

fn parse(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Whether `short` is what is left of `long` when some of its bytes are taken out.
fn is_subsequence(short: &[u8], long: &[u8]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|byte| rest.any(|other| other == byte))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_edit_is_no_copy(body in any_body()) {
        let peek = Peek::read(&body, Shape::Chat).unwrap();
        let mut edits = Edits::new(&body);
        edits.set_model(&peek, peek.model_name().unwrap());
        prop_assert!(edits.is_empty());
        prop_assert_eq!(edits.apply().as_ptr(), body.as_ptr());
    }

    #[test]
    fn only_the_model_changes(body in any_body(), model in ".{1,30}") {
        let peek = Peek::read(&body, Shape::Chat).unwrap();
        let mut edits = Edits::new(&body);
        edits.set_model(&peek, &model);
        let mut wanted = parse(&body);
        wanted["model"] = json!(model);
        prop_assert_eq!(parse(&edits.apply()), wanted);
    }

    #[test]
    fn only_the_maximum_changes(body in any_body(), maximum in 1..5_000_u64, old: bool) {
        let name = if old { MaximumName::MaxTokens } else { MaximumName::MaxCompletionTokens };
        let peek = Peek::read(&body, Shape::Chat).unwrap();
        let mut edits = Edits::new(&body);
        edits.set_output_maximum(&peek, 1, name);
        edits = Edits::new(&body);
        edits.set_output_maximum(&peek, maximum, name);
        edits.set_output_maximum(&peek, maximum, name);
        let out = edits.apply();
        let mut wanted = parse(&body);
        let given = ["max_tokens", "max_completion_tokens"].map(|name| (name, wanted[name].as_u64()));
        if given.iter().all(|(_, value)| value.is_none()) {
            wanted[name.as_str()] = json!(maximum);
        }
        for (name, value) in given {
            if let Some(value) = value {
                wanted[name] = json!(value.min(maximum));
            }
        }
        // Looking a field up by mutable index makes it `null` where it was missing.
        let original = parse(&body);
        for name in ["max_tokens", "max_completion_tokens"] {
            if wanted[name].is_null() && original.get(name).is_none() {
                wanted.as_object_mut().unwrap().remove(name);
            }
        }
        prop_assert_eq!(parse(&out), wanted);
        let lowered = Peek::read(&out, Shape::Chat).unwrap();
        prop_assert!(lowered.largest_output_maximum().unwrap() <= maximum);
    }

    #[test]
    fn only_the_asking_changes(body in any_body()) {
        let peek = Peek::read(&body, Shape::Chat).unwrap();
        let mut edits = Edits::new(&body);
        edits.include_usage(&peek);
        prop_assert_eq!(edits.is_empty(), peek.asks_for_usage());
        let out = edits.apply();
        let mut wanted = parse(&body);
        if wanted["stream_options"].is_null() {
            wanted["stream_options"] = json!({});
        }
        wanted["stream_options"]["include_usage"] = json!(true);
        prop_assert_eq!(parse(&out), wanted);
        prop_assert!(Peek::read(&out, Shape::Chat).unwrap().asks_for_usage());
    }

    #[test]
    fn all_at_once_keeps_every_other_byte(body in any_body()) {
        let peek = Peek::read(&body, Shape::Chat).unwrap();
        let mut edits = Edits::new(&body);
        edits.include_usage(&peek);
        edits.set_output_maximum(&peek, 1, MaximumName::default());
        edits.set_model(&peek, "other");
        let out = edits.apply();
        prop_assert!(Peek::read(&out, Shape::Chat).is_ok());

        let mut changed = vec![peek.model.as_ref().unwrap().span];
        changed.extend([peek.max_tokens, peek.max_completion_tokens].into_iter().flatten().map(|field| field.span));
        if let Some(options) = peek.stream_options {
            changed.extend(options.include_usage.map(|field| field.span));
            changed.extend(options.section.is_null.then_some(options.section.span));
        }
        let kept: Vec<u8> = body
            .iter()
            .enumerate()
            .filter(|(at, _)| !changed.iter().any(|span| span.range().contains(at)))
            .map(|(_, byte)| *byte)
            .collect();
        prop_assert!(is_subsequence(&kept, &out));
    }
}

#[test]
fn inserted_members_come_first() {
    let body = Bytes::from_static(br#"{ "messages":[{}],"model":"m","stream_options":{}}"#);
    let peek = Peek::read(&body, Shape::Chat).unwrap();
    let mut edits = Edits::new(&body);
    edits.set_output_maximum(&peek, 9, MaximumName::MaxTokens);
    edits.include_usage(&peek);
    assert_eq!(
        edits.apply(),
        r#"{"max_tokens":9, "messages":[{}],"model":"m","stream_options":{"include_usage":true}}"#
    );
}
