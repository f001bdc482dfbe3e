//! Made-up material: what this dialect can carry, and JSON that looks like it.

use domain::usage::Usage;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use protocol::canonical::{
    Answer, Block, Effort, Format, Media, MediaSource, Part, Reasoning, Request, Role, Sampling,
    Stop, Thought, Tool, ToolCall, ToolChoice, ToolKind, ToolResult, Turn,
};
use serde_json::{Number, Value, json};

fn text() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\\n你👋]{0,8}[a-z你]".prop_map(|text| text)
}

fn arguments() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{}".to_owned()),
        text().prop_map(|text| json!({ "path": text, "n": [1, null, 2.5] }).to_string()),
    ]
}

fn image() -> impl Strategy<Value = Part> {
    prop_oneof![
        Just((MediaSource::Inline("iVBORw0KGgo=".to_owned()), "image/png", None)),
        Just((MediaSource::Url("https://example.com/a".to_owned()), "image/*", None)),
        text().prop_map(|name| (
            MediaSource::Inline("JVBERi0=".to_owned()),
            "application/pdf",
            Some(name)
        )),
    ]
    .prop_map(|(source, media_type, name)| {
        Part::Media(Media { source, media_type: media_type.to_owned(), name, detail: None })
    })
}

fn said() -> impl Strategy<Value = Part> {
    prop_oneof![
        3 => (text(), prop::bool::weighted(0.1)).prop_map(|(text, cached)| Part::Text { text, cached }),
        1 => image(),
    ]
}

/// The model's turn with a call and a thought, and the user's with its result.
fn exchange() -> impl Strategy<Value = Vec<Turn>> {
    let result = (vec(said(), 0..3), any::<bool>());
    (text(), option::of(text()), text(), arguments(), result, vec(said(), 0..2)).prop_map(
        |(thought, redacted, text, arguments, (mut parts, is_error), more)| {
            for part in &mut parts {
                if let Part::Text { cached, .. } = part {
                    *cached = false;
                }
            }
            let thought =
                Thought { text: thought, seal: Some("EqQB".into()), ..Thought::default() };
            let mut said = vec![Part::Thought(thought)];
            said.extend(redacted.map(|data| {
                Part::Thought(Thought { seal: Some(data), redacted: true, ..Thought::default() })
            }));
            said.push(Part::text(text));
            let (id, name) = ("toolu_1".to_owned(), "get".to_owned());
            let call = ToolCall { id: id.clone(), name: name.clone(), arguments, signature: None };
            said.push(Part::ToolCall(call));
            let result = ToolResult { call: id, name: Some(name), parts, is_error };
            let mut heard = vec![Part::ToolResult(result)];
            heard.extend(more);
            vec![
                Turn { role: Role::Assistant, parts: said },
                Turn { role: Role::User, parts: heard },
            ]
        },
    )
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    let turns = (option::of(vec(text(), 1..3)), vec(said(), 1..3), vec(exchange(), 0..3)).prop_map(
        |(system, first, exchanges)| {
            let system = system.map(|texts| Turn {
                role: Role::System,
                parts: texts.into_iter().map(Part::text).collect(),
            });
            let mut turns: Vec<Turn> = system.into_iter().collect();
            turns.push(Turn { role: Role::User, parts: first });
            turns.extend(exchanges.into_iter().flatten());
            turns
        },
    );
    let choice = prop_oneof![
        Just((None, None)),
        Just((Some(ToolChoice::None), None)),
        any::<bool>().prop_map(|one| (Some(ToolChoice::Auto), one.then_some(false))),
    ];
    let format = option::of(Just(Format::Schema {
        name: "answer".into(),
        description: None,
        schema: json!({"type": "object", "properties": {}, "additionalProperties": false}),
        strict: Some(true),
    }));
    let reasoning = option::of(prop_oneof![
        (1_024_u64..4_000).prop_map(|budget| Reasoning {
            budget: Some(budget),
            show: Some(true),
            ..Reasoning::default()
        }),
        Just(Reasoning { effort: Some(Effort::None), budget: Some(0), ..Reasoning::default() }),
        option::of(Just(Effort::Max)).prop_map(|effort| Reasoning {
            effort,
            adaptive: true,
            ..Reasoning::default()
        }),
    ]);
    let more = (
        any::<bool>(),
        option::of(text()),
        vec(text(), 0..2),
        any::<bool>(),
        option::of(any::<bool>()),
    );
    (turns, choice, format, reasoning, more).prop_map(
        |(turns, (tool_choice, parallel_tool_calls), format, reasoning, (stream, end_user, stop, cached, strict))| {
            Request {
                model: "claude-sonnet-4-6".into(),
                stream,
                turns,
                tools: vec![Tool {
                    name: "get".into(),
                    namespace: None,
                    description: end_user.clone(),
                    kind: ToolKind::Function {
                        parameters: json!({"type": "object", "properties": {"path": {"type": "string"}}}),
                        strict: strict.filter(|strict| *strict),
                    },
                    cached,
                }],
                tool_choice,
                parallel_tool_calls,
                max_output: Some(4_096),
                sampling: Sampling {
                    temperature: reasoning.is_none().then(|| Number::from_f64(0.5)).flatten(),
                    stop,
                    ..Sampling::default()
                },
                format,
                reasoning,
                end_user,
                stream_usage: false,
            }
        },
    )
}

/// Four cache breakpoints are the most there may be.
pub(super) fn marks(request: &Request) -> usize {
    let parts = request.turns.iter().flat_map(|turn| &turn.parts);
    let texts = parts.filter(|part| matches!(part, Part::Text { cached: true, .. })).count();
    texts + request.tools.iter().filter(|tool| tool.cached).count()
}

pub(super) fn answer() -> impl Strategy<Value = Answer> {
    let block = prop_oneof![
        text().prop_map(Block::Text),
        (text(), option::of(text())).prop_map(|(text, seal)| Block::Thought(Thought {
            text,
            seal,
            ..Thought::default()
        })),
        text().prop_map(|seal| Block::Thought(Thought {
            seal: Some(seal),
            redacted: true,
            ..Thought::default()
        })),
        ("[a-zA-Z0-9_-]{1,20}", arguments()).prop_map(|(id, arguments)| Block::ToolCall(
            ToolCall { id, name: "get".into(), arguments, signature: None }
        )),
    ];
    let stop = prop_oneof![
        Just(Stop::End),
        Just(Stop::Length),
        text().prop_map(|text| Stop::Sequence(Some(text))),
        Just(Stop::Sequence(None)),
        Just(Stop::Filtered),
        Just(Stop::Pause),
    ];
    let usage = (0_u64..1 << 53, 0_u64..1 << 40, 0_u64..1 << 40, 0_u64..1 << 40, 0_u64..1 << 53);
    (vec(block, 0..5), stop, usage, "msg_[a-z]{1,4}", text()).prop_map(
        |(blocks, stop, (input, cached_input, cache_write, cache_write_1h, output), id, model)| {
            let calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
            let stop = if calls && stop == Stop::End { Stop::ToolCalls } else { stop };
            let reasoning = output / 2;
            let usage =
                Usage { input, cached_input, cache_write, cache_write_1h, output, reasoning };
            Answer {
                id: Some(id),
                model: Some(model),
                created: None,
                blocks,
                stop: Some(stop),
                usage: Some(usage),
            }
        },
    )
}

/// JSON that looks like this dialect's.
pub(super) fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "role",
        "content",
        "text",
        "user",
        "assistant",
        "system",
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "image",
        "document",
        "source",
        "base64",
        "url",
        "data",
        "messages",
        "tools",
        "name",
        "input_schema",
        "input",
        "tool_choice",
        "output_config",
        "format",
        "stop_reason",
        "usage",
        "index",
        "delta",
        "content_block",
        "message",
        "id",
        "message_start",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "error",
        "text_delta",
        "input_json_delta",
        "partial_json",
        "signature",
        "cache_control",
        "max_tokens",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((word.clone(), inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}
