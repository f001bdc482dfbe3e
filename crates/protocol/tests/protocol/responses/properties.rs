//! What this dialect can carry comes back as it went, and nothing makes it panic.

use bytes::Bytes;
use domain::usage::Usage;
use proptest::prelude::*;
use protocol::canonical::{
    Answer, Asked, Block, Effort, Format, Media, MediaSource, Part, Reasoning, Request, Role,
    Sampling, Stop, Thought, Tool, ToolCall, ToolChoice, ToolKind, ToolNames, ToolResult, Turn,
};
use protocol::observe::StreamMeter;
use protocol::openai_responses::read_answer::read_answer;
use protocol::openai_responses::read_request::read_request;
use protocol::openai_responses::read_stream::StreamReader;
use protocol::openai_responses::response::read_whole;
use protocol::openai_responses::stream::ResponsesStream;
use protocol::openai_responses::write_answer::write_answer;
use protocol::openai_responses::write_request::{tool_names, write_request};
use protocol::sse::Splitter;
use serde_json::{Value, json};

use super::answers::request as answered_request;
use super::streams::{collected, written};

fn tools() -> Vec<Tool> {
    let function =
        |strict| ToolKind::Function { parameters: json!({"type": "object"}), strict: Some(strict) };
    let grammar = json!({"type": "grammar", "syntax": "lark", "definition": "start: /x/"});
    let tool = |name: &str, namespace: Option<(&str, &str)>, kind| Tool {
        name: name.into(),
        namespace: namespace.map(|(space, name)| (space.to_owned(), name.to_owned())),
        description: Some("does".into()),
        kind,
        cached: false,
    };
    vec![
        tool("read", None, function(true)),
        tool("patch", None, ToolKind::Free { format: Some(grammar) }),
        tool("ns__read", Some(("ns", "read")), function(false)),
        tool("ns__say", Some(("ns", "say")), ToolKind::Free { format: None }),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["read", "patch", "ns__read", "ns__say", "gone"])
        .prop_map(str::to_owned)
}

fn media() -> impl Strategy<Value = Part> {
    let image = ("[A-Za-z0-9+/]{4,8}", prop::option::of(Just("high".to_owned()))).prop_map(
        |(data, detail)| Media {
            source: MediaSource::Inline(data),
            media_type: "image/webp".into(),
            name: None,
            detail,
        },
    );
    let linked = Just(Media {
        source: MediaSource::Url("https://example.com/x".into()),
        media_type: "image/*".into(),
        name: None,
        detail: None,
    });
    let file = "[a-z]{1,5}".prop_map(|name| Media {
        source: MediaSource::Inline("aGk=".into()),
        media_type: "application/pdf".into(),
        name: Some(name),
        detail: None,
    });
    prop_oneof![image, linked, file].prop_map(Part::Media)
}

fn said() -> impl Strategy<Value = Part> {
    prop_oneof![3 => any::<String>().prop_map(Part::text), 1 => media()]
}

fn call() -> impl Strategy<Value = ToolCall> {
    ("[a-z0-9_]{1,8}", name(), any::<String>()).prop_map(|(id, name, text)| {
        let arguments = match name.as_str() {
            "patch" | "ns__say" => text,
            _ => json!({ "a": text }).to_string(),
        };
        ToolCall { id, name, arguments, signature: None }
    })
}

fn thought() -> impl Strategy<Value = Thought> {
    (any::<String>(), "gAAAA[a-z]{3}", prop::option::of(Just("rs_1".to_owned())))
        .prop_map(|(text, seal, id)| Thought { text, seal: Some(seal), id, redacted: false })
}

fn answered() -> impl Strategy<Value = Part> {
    prop_oneof![
        any::<String>().prop_map(Part::text),
        any::<String>().prop_map(Part::Refusal),
        call().prop_map(Part::ToolCall),
        thought().prop_map(Part::Thought),
    ]
}

/// A question, an answer with its calls, what they came to: as often as it likes.
fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let round = (
        prop::option::of(prop::collection::vec(any::<String>().prop_map(Part::text), 1..3)),
        prop::collection::vec(said(), 1..3),
        prop::collection::vec(answered(), 1..5),
        prop::collection::vec(said(), 0..3),
    );
    prop::collection::vec(round, 1..4).prop_map(|rounds| {
        let mut turns = Vec::new();
        for (number, (system, user, answer, output)) in rounds.into_iter().enumerate() {
            turns.extend(system.map(|parts| Turn { role: Role::System, parts }));
            turns.push(Turn { role: Role::User, parts: user });
            let mut answer = answer;
            let mut results = Vec::new();
            for (place, part) in answer.iter_mut().enumerate() {
                if let Part::ToolCall(call) = part {
                    call.id = format!("{}_{number}_{place}", call.id);
                    results.push(Part::ToolResult(ToolResult {
                        call: call.id.clone(),
                        name: Some(call.name.clone()),
                        parts: output.clone(),
                        is_error: false,
                    }));
                }
            }
            turns.push(Turn { role: Role::Assistant, parts: answer });
            if !results.is_empty() {
                turns.push(Turn { role: Role::User, parts: results });
            }
        }
        turns
    })
}

fn choice() -> impl Strategy<Value = Option<ToolChoice>> {
    let names = vec!["read".to_owned(), "ns__say".to_owned()];
    prop::sample::select(vec![
        None,
        Some(ToolChoice::Auto),
        Some(ToolChoice::None),
        Some(ToolChoice::Required),
        Some(ToolChoice::Named("ns__read".into())),
        Some(ToolChoice::Named("patch".into())),
        Some(ToolChoice::Among { names, required: true }),
    ])
}

fn format() -> impl Strategy<Value = Option<Format>> {
    prop::sample::select(vec![
        None,
        Some(Format::Json),
        Some(Format::Schema {
            name: "n".into(),
            description: Some("d".into()),
            schema: json!({"type": "object"}),
            strict: Some(true),
        }),
    ])
}

fn request() -> impl Strategy<Value = Request> {
    let reasoning = (
        prop::sample::select(vec![
            None,
            Some(Effort::None),
            Some(Effort::Minimal),
            Some(Effort::Max),
        ]),
        Just(Some(true)),
    )
        .prop_map(|(effort, show)| Reasoning { effort, show, ..Reasoning::default() });
    let settings =
        (any::<bool>(), any::<Option<bool>>(), any::<Option<u64>>(), any::<Option<u32>>());
    (turns(), choice(), format(), prop::option::of(reasoning), settings).prop_map(
        |(turns, tool_choice, format, reasoning, settings)| {
            let (stream, parallel_tool_calls, max_output, warmth) = settings;
            Request {
                model: "m".into(),
                stream,
                turns,
                tools: tools(),
                tool_choice,
                parallel_tool_calls,
                max_output,
                sampling: Sampling { temperature: warmth.map(Into::into), ..Sampling::default() },
                format,
                reasoning,
                end_user: Some("u".into()),
                stream_usage: true,
            }
        },
    )
}

/// What does not survive for good reason: an empty list of parts is an empty text here.
fn answer() -> impl Strategy<Value = Answer> {
    let text = ".{1,20}";
    let block = prop_oneof![
        text.prop_map(Block::Text),
        text.prop_map(Block::Refusal),
        thought()
            .prop_map(|thought| Block::Thought(Thought { id: Some("rs_7".into()), ..thought })),
        (
            text,
            prop::sample::select(vec![
                "exec_command",
                "multi_agent_v1__spawn_agent",
                "apply_patch"
            ])
        )
            .prop_map(|(arguments, name)| {
                Block::ToolCall(ToolCall {
                    id: "c1".into(),
                    name: name.into(),
                    arguments,
                    signature: None,
                })
            }),
    ];
    let usage =
        (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(a, b, c, d)| Usage {
            input: a.into(),
            cached_input: b.into(),
            cache_write: c.into(),
            output: d.into(),
            reasoning: u64::from(d / 2),
            ..Usage::default()
        });
    let stop =
        prop::sample::select(vec![None, Some(Stop::End), Some(Stop::Length), Some(Stop::Filtered)]);
    (prop::collection::vec(block, 0..6), stop, prop::option::of(usage)).prop_map(
        |(blocks, stop, usage)| {
            let has_calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
            let stop =
                if stop == Some(Stop::End) && has_calls { Some(Stop::ToolCalls) } else { stop };
            Answer {
                id: Some("resp_0198".into()),
                model: Some("m".into()),
                created: Some(1_700_000_000),
                blocks,
                stop,
                usage,
            }
        },
    )
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = vec![
        "type",
        "role",
        "content",
        "text",
        "input",
        "output",
        "tools",
        "name",
        "id",
        "call_id",
        "arguments",
        "summary",
        "encrypted_content",
        "item",
        "response",
        "delta",
        "usage",
        "error",
        "tool_choice",
        "output_index",
        "namespace",
        "input_tokens",
        "output_tokens",
        "image_url",
    ];
    let words = vec![
        "message",
        "user",
        "assistant",
        "function_call",
        "custom_tool_call",
        "reasoning",
        "function_call_output",
        "namespace",
        "custom",
        "function",
        "input_text",
        "input_image",
        "response.output_text.delta",
        "response.output_item.added",
        "response.output_item.done",
        "response.function_call_arguments.delta",
        "response.completed",
        "response.failed",
        "error",
        "tollkeeper.signature.v1:9:x",
        "data:;base64,",
        "allowed_tools",
        "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let member = (prop::sample::select(keys.clone()).prop_map(str::to_owned), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            prop::collection::vec(member, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_request_comes_back(request in request()) {
        let (body, losses) = write_request(&request, &tool_names(&request), "m").unwrap();
        prop_assert!(losses.is_empty(), "{}", losses.header());
        let (back, losses) = read_request(&body).unwrap();
        prop_assert_eq!(losses.header(), "tools.namespace.description");
        let mut request = request;
        for part in request.turns.iter_mut().flat_map(|turn| &mut turn.parts) {
            if let Part::ToolResult(result) = part
                && matches!(result.parts.as_slice(), [Part::Text { text, .. }] if text.is_empty())
            {
                result.parts.clear();
            }
        }
        prop_assert_eq!(back, request);
    }

    #[test]
    fn an_answer_comes_back(answer in answer()) {
        let request = answered_request();
        let asked = Asked { request: &request, call: "call_0198", now: 1_700_000_000 };
        let body = write_answer(&answer, asked);
        let back = read_answer(&body, &ToolNames::default()).unwrap();
        prop_assert_eq!(&back, &answer);
        let bytes = written(answer.clone().into_events());
        prop_assert_eq!(collected(&bytes).unwrap(), answer);
    }

    #[test]
    fn any_json_can_come(value in any_json()) {
        let body = value.to_string();
        let _ = read_request(body.as_bytes());
        let _ = read_answer(body.as_bytes(), &ToolNames::default());
        let _ = read_whole(body.as_bytes());
    }

    #[test]
    fn any_events_can_come(values in prop::collection::vec(any_json(), 0..12)) {
        let mut splitter = Splitter::default();
        let mut reader = StreamReader::new(ToolNames::default());
        let mut meter = ResponsesStream::new();
        let mut steps = Vec::new();
        for value in values {
            splitter.feed(Bytes::from(format!("data: {value}\n\n")));
            while let Some(event) = splitter.next_event().unwrap() {
                meter.event(&event);
                reader.event(&event, &mut steps);
            }
        }
        reader.end(&mut steps);
        written(steps);
    }
}
