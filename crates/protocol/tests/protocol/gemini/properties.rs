//! What this dialect can carry comes back as it went; and nothing that is read makes it panic.

use domain::usage::Usage;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::canonical::{
    Answer, AnswerEvent, Asked, Block, Collector, Effort, Format, Media, MediaSource, Part,
    Reasoning, Request, Role, Sampling, Stop, Thought, Tool, ToolCall, ToolChoice, ToolKind,
    ToolNames, ToolResult, Turn,
};
use protocol::gemini::read_stream::StreamReader;
use protocol::gemini::response::read_whole;
use protocol::gemini::write_stream::StreamWriter;
use protocol::gemini::{read_answer, read_request, tool_names, write_answer, write_request};
use protocol::sse::Splitter;
use serde_json::{Value, json};

fn words() -> impl Strategy<Value = String> {
    "[a-zäß你\"\\\\\n ]{1,12}"
}

fn name() -> impl Strategy<Value = String> {
    "[a-c]{1,3}"
}

fn seal() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]{4}".prop_map(|text| format!("gemini.{text}"))
}

fn object() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!({})), words().prop_map(|text| json!({"a": [1, {"b": text}], "c": null})),]
}

fn thought() -> impl Strategy<Value = Thought> {
    prop_oneof![
        (words(), seal()).prop_map(|(text, seal)| Thought {
            text,
            seal: Some(seal),
            ..Thought::default()
        }),
        seal().prop_map(|seal| Thought { seal: Some(seal), redacted: true, ..Thought::default() }),
    ]
}

fn media() -> impl Strategy<Value = Media> {
    let source = prop_oneof![
        Just(MediaSource::Inline("AAAA".into())),
        Just(MediaSource::Url("https://example.com/a".into())),
    ];
    source.prop_map(|source| Media {
        source,
        media_type: "image/png".into(),
        name: None,
        detail: None,
    })
}

fn call() -> impl Strategy<Value = ToolCall> {
    (name(), object(), of(seal())).prop_map(|(name, arguments, signature)| ToolCall {
        id: String::new(),
        name,
        arguments: arguments.to_string(),
        signature,
    })
}

/// A user's turn, a model's turn with calls, and what came of them.
fn round() -> impl Strategy<Value = [Turn; 3]> {
    let user = prop_oneof![words().prop_map(Part::text), media().prop_map(Part::Media)];
    let said = prop_oneof![
        words().prop_map(Part::text),
        thought().prop_map(Part::Thought),
        media().prop_map(Part::Media),
    ];
    let outcome = (words(), any::<bool>(), object(), any::<bool>());
    (vec(user, 1..3), vec(said, 0..3), vec((call(), outcome), 1..3)).prop_map(
        |(user, mut said, calls)| {
            let mut results = Vec::new();
            for (call, (text, is_error, object, whole)) in calls {
                let text = if whole && !is_error { object.to_string() } else { text };
                results.push(Part::ToolResult(ToolResult {
                    call: String::new(),
                    name: Some(call.name.clone()),
                    parts: vec![Part::text(text)],
                    is_error,
                }));
                said.push(Part::ToolCall(call));
            }
            [
                Turn { role: Role::User, parts: user },
                Turn { role: Role::Assistant, parts: said },
                Turn { role: Role::User, parts: results },
            ]
        },
    )
}

/// Numbers the calls of a conversation, so that each has an id of its own.
fn conversation() -> impl Strategy<Value = Vec<Turn>> {
    (of(words()), vec(round(), 0..3), words()).prop_map(|(system, rounds, last)| {
        let mut turns: Vec<Turn> = Vec::new();
        turns.extend(system.map(|text| Turn { role: Role::System, parts: vec![Part::text(text)] }));
        let mut number = 0;
        let after = Turn { role: Role::Assistant, parts: vec![Part::text("so")] };
        for mut round in rounds {
            let [_, model, results] = &mut round;
            let calls = model.parts.iter_mut().filter_map(|part| match part {
                Part::ToolCall(call) => Some(call),
                _ => None,
            });
            for (call, result) in calls.zip(&mut results.parts) {
                number += 1;
                call.id = format!("id_{number}");
                if let Part::ToolResult(result) = result {
                    result.call.clone_from(&call.id);
                }
            }
            turns.extend(round);
            turns.push(after.clone());
        }
        turns.push(Turn { role: Role::User, parts: vec![Part::text(last)] });
        turns
    })
}

fn tools() -> impl Strategy<Value = Vec<Tool>> {
    let tool = (name(), of(words())).prop_map(|(name, description)| Tool {
        name,
        namespace: None,
        description,
        kind: ToolKind::Function { parameters: json!({"type": "object"}), strict: None },
        cached: false,
    });
    vec(tool, 1..3)
}

fn choice() -> impl Strategy<Value = ToolChoice> {
    let several = || vec(name(), 2..4);
    prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        name().prop_map(ToolChoice::Named),
        (several(), any::<bool>())
            .prop_map(|(names, required)| ToolChoice::Among { names, required }),
    ]
}

fn sampling() -> impl Strategy<Value = Sampling> {
    let number = || of((0..20_u32).prop_map(|tenths| json!(f64::from(tenths) / 10.0)));
    (number(), number(), number(), of(any::<i32>()), vec(words(), 0..3)).prop_map(
        |(temperature, top_p, penalty, seed, stop)| {
            let number = |value: Option<Value>| value.and_then(|value| value.as_number().cloned());
            Sampling {
                temperature: number(temperature),
                top_p: number(top_p),
                top_k: seed.map(|seed| u64::from(seed.unsigned_abs())),
                frequency_penalty: number(penalty.clone()),
                presence_penalty: number(penalty),
                seed: seed.map(i64::from),
                stop,
                answers: Some(1),
            }
        },
    )
}

fn reasoning() -> impl Strategy<Value = Reasoning> {
    let show = of(any::<bool>());
    let level = prop_oneof![
        Just((Some(Effort::Minimal), None, false)),
        Just((Some(Effort::High), None, false)),
    ];
    (level, show).prop_map(|((effort, budget, adaptive), show)| Reasoning {
        effort,
        budget,
        adaptive,
        show,
    })
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![
        Just(Format::Json),
        Just(Format::Schema {
            name: "response".into(),
            description: None,
            schema: json!({"type": "object", "properties": {"x": {"type": ["string", "null"]}}}),
            strict: None,
        }),
    ]
}

prop_compose! {
    fn request()(
        turns in conversation(),
        tools in tools(),
        tool_choice in of(choice()),
        max_output in of(0..100_000_u64),
        sampling in sampling(),
        format in of(format()),
        reasoning in of(reasoning()),
        stream: bool,
    ) -> Request {
        Request {
            model: "gemini-3-flash".into(),
            stream,
            turns,
            tools,
            tool_choice,
            max_output,
            sampling,
            format,
            reasoning,
            ..Request::default()
        }
    }
}

fn answer() -> impl Strategy<Value = Answer> {
    let block = prop_oneof![
        words().prop_map(Block::Text),
        thought().prop_map(Block::Thought),
        (call(), words()).prop_map(|(call, id)| Block::ToolCall(ToolCall { id, ..call })),
    ];
    let usage =
        (0..9_u64, 0..9_u64, 0..9_u64, 0..9_u64).prop_map(|(input, cached, text, hidden)| {
            let (output, reasoning) = (text + hidden, hidden);
            Usage { input, cached_input: cached, output, reasoning, ..Usage::default() }
        });
    let stop = prop_oneof![Just(Stop::End), Just(Stop::Length), Just(Stop::Filtered)];
    (vec(block, 0..5), of(usage), stop, words()).prop_map(|(mut blocks, usage, stop, id)| {
        // Texts in a row are one text.
        blocks.dedup_by(|a, b| matches!((a, b), (Block::Text(_), Block::Text(_))));
        let calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
        let stop = if calls && stop == Stop::End { Stop::ToolCalls } else { stop };
        let (id, model) = (Some(id), Some("m".to_owned()));
        Answer { id, model, created: None, blocks, stop: Some(stop), usage }
    })
}

fn asking() -> Request {
    let reasoning = Some(Reasoning { show: Some(true), ..Reasoning::default() });
    Request { reasoning, ..Request::default() }
}

fn asked(request: &Request) -> Asked<'_> {
    Asked { request, call: "call_x", now: 0 }
}

fn read_events(bytes: &[u8]) -> Vec<AnswerEvent> {
    let mut splitter = Splitter::default();
    let mut reader = StreamReader::new(ToolNames::default());
    let mut out = Vec::new();
    splitter.feed(bytes.to_vec().into());
    while let Some(event) = splitter.next_event().unwrap() {
        reader.event(&event, &mut out);
    }
    if let Some(event) = splitter.finish().unwrap() {
        reader.event(&event, &mut out);
    }
    reader.end(&mut out);
    out
}

/// Any JSON, of the names that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        "contents",
        "parts",
        "role",
        "text",
        "thought",
        "thoughtSignature",
        "functionCall",
        "functionResponse",
        "name",
        "args",
        "id",
        "response",
        "inline_data",
        "data",
        "mimeType",
        "fileData",
        "fileUri",
        "tools",
        "functionDeclarations",
        "parameters",
        "type",
        "properties",
        "items",
        "anyOf",
        "nullable",
        "enum",
        "toolConfig",
        "functionCallingConfig",
        "mode",
        "allowedFunctionNames",
        "generationConfig",
        "thinkingConfig",
        "thinkingBudget",
        "topK",
        "responseSchema",
        "responseMimeType",
        "systemInstruction",
        "candidates",
        "content",
        "finishReason",
        "index",
        "usageMetadata",
        "promptTokenCount",
        "totalTokenCount",
        "error",
        "promptFeedback",
        "blockReason",
        "message",
        "code",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["model", "user", "STOP", "ANY", "SAFETY", "c2E=", "", "é"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(known.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_request_reads_back(request in request()) {
        let (written, losses) = write_request(&request, &tool_names(&request)).unwrap();
        prop_assert!(losses.is_empty(), "{losses:?}");
        let (mut again, losses) = read_request(&written, &request.model, request.stream).unwrap();
        prop_assert!(losses.is_empty(), "{losses:?}");
        // Every call of Gemini 3 has a signature by then; those that were put in are no seals.
        for turn in &mut again.turns {
            for part in &mut turn.parts {
                if let Part::ToolCall(call) = part {
                    call.signature.take_if(|seal| seal.contains("skip_thought"));
                }
            }
        }
        prop_assert_eq!(again, request);
    }

    #[test]
    fn an_answer_reads_back(answer in answer()) {
        let written = write_answer(&answer, asked(&asking()));
        prop_assert_eq!(read_answer(&written, &ToolNames::default()), Ok(answer));
    }

    #[test]
    fn a_stream_reads_back(answer in answer()) {
        let request = asking();
        let mut writer = StreamWriter::new(asked(&request));
        let mut bytes = Vec::new();
        for event in answer.clone().into_events() {
            writer.event(event, &mut bytes);
        }
        let mut collector = Collector::default();
        for event in read_events(&bytes) {
            collector.take(event);
        }
        prop_assert_eq!(collector.finish(), Ok(answer));
    }

    #[test]
    fn any_json_is_read_without_a_panic(value in any_json(), cut in 0..400_usize) {
        let text = value.to_string();
        if let Ok((request, _)) = read_request(text.as_bytes(), "gemini-3", true) {
            let _ = write_request(&request, &tool_names(&request));
        }
        if let Ok(answer) = read_answer(text.as_bytes(), &ToolNames::default()) {
            let _ = write_answer(&answer, asked(&asking()));
        }
        let _ = read_whole(text.as_bytes());
        let stream = format!("data: {text}\n\ndata: {text}\n\n");
        let end = (0..=cut.min(stream.len())).rev().find(|end| stream.is_char_boundary(*end));
        let request = asking();
        let mut writer = StreamWriter::new(asked(&request));
        let mut out = Vec::new();
        for event in read_events(&stream.as_bytes()[..end.unwrap()]) {
            writer.event(event, &mut out);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        let _ = read_request(&bytes, "m", false);
        let _ = read_answer(&bytes, &ToolNames::default());
        let _ = read_whole(&bytes);
        read_events(&bytes);
    }
}
