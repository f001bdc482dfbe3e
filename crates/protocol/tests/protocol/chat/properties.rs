//! What holds for anything: what this dialect can carry comes back the same, and nothing panics.

use bytes::Bytes;
use domain::usage::Usage;
use proptest::prelude::*;
use protocol::canonical::{
    Answer, Asked, Block, Collector, Effort, Format, Media, MediaSource, Part, Reasoning, Request,
    Role, Sampling, Stop, Thought, Tool, ToolCall, ToolChoice, ToolKind, ToolNames, ToolResult,
    Turn,
};
use protocol::edit::MaximumName;
use protocol::openai_chat::{StreamReader, read_answer, read_request, write_answer, write_request};
use protocol::sse::Splitter;
use serde_json::{Value, json};

use super::names;
use super::streams::{check_order, read_stream, write_stream};

fn text() -> impl Strategy<Value = String> {
    "\\PC{1,12}|a\"\\\\\n\u{1}b"
}

fn media() -> impl Strategy<Value = Part> {
    let image = |source, media_type: &str, detail| {
        Part::Media(Media { source, media_type: media_type.into(), name: None, detail })
    };
    prop_oneof![
        proptest::option::of("low|high|original").prop_map(move |detail| image(
            MediaSource::Inline("AAAA".into()),
            "image/png",
            detail
        )),
        Just(image(MediaSource::Url("https://example.org/a".into()), "image/*", None)),
        Just(image(MediaSource::Inline("AAAA".into()), "audio/wav", None)),
        Just(image(MediaSource::Inline("AAAA".into()), "audio/mpeg", None)),
        "[a-z]{1,5}\\.pdf".prop_map(|name| Part::Media(Media {
            source: MediaSource::Inline("AAAA".into()),
            media_type: "application/pdf".into(),
            name: Some(name),
            detail: None,
        })),
    ]
}

/// One exchange: what the user says, and what the model answers, with calls and their results. The
/// calls' ids are told apart by the number of the exchange.
fn exchange() -> impl Strategy<Value = Vec<Turn>> {
    let said = proptest::collection::vec(text().prop_map(Part::text), 0..2);
    let user = (said, proptest::collection::vec(media(), 0..3), text());
    let calls = proptest::collection::vec(("[a-c]", text(), any::<bool>()), 0..3);
    let model = (proptest::option::of(text()), text(), proptest::option::of(text()), calls);
    (proptest::option::of(text()), user, model).prop_map(|(system, user, model)| {
        let mut turns = Vec::new();
        if let Some(system) = system {
            turns.push(Turn { role: Role::System, parts: vec![Part::text(system)] });
        }
        let (said, media, only) = user;
        // Texts alone become one.
        let parts = match media.is_empty() {
            true => vec![Part::text(only)],
            false => said.into_iter().chain(media).collect(),
        };
        turns.push(Turn { role: Role::User, parts });
        let (thought, text, refusal, calls) = model;
        let thought = thought.map(|text| Part::Thought(Thought { text, ..Thought::default() }));
        let mut parts: Vec<Part> = thought.into_iter().chain([Part::text(text)]).collect();
        parts.extend(refusal.map(Part::Refusal));
        let mut results = Vec::new();
        for (number, (name, result, empty)) in calls.into_iter().enumerate() {
            let id = format!("call_{number}");
            parts.push(Part::ToolCall(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: json!({ "x": result }).to_string(),
                signature: None,
            }));
            results.push(Part::ToolResult(ToolResult {
                call: id,
                name: Some(name),
                parts: if empty { vec![] } else { vec![Part::text(result)] },
                is_error: false,
            }));
        }
        turns.push(Turn { role: Role::Assistant, parts });
        if !results.is_empty() {
            turns.push(Turn { role: Role::User, parts: results });
            turns.push(Turn { role: Role::Assistant, parts: vec![Part::text("so")] });
        }
        turns
    })
}

fn tools() -> impl Strategy<Value = (Vec<Tool>, Option<ToolChoice>, Option<bool>)> {
    let tool = |name: &str| Tool {
        name: name.into(),
        namespace: None,
        description: Some(format!("Does {name}.")),
        kind: ToolKind::Function {
            parameters: json!({"properties": {"x": {"type": "string"}}, "type": "object"}),
            strict: Some(true),
        },
        cached: false,
    };
    let choice = prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        Just(ToolChoice::Named("a".into())),
    ];
    prop_oneof![
        Just((vec![], None, None)),
        (proptest::option::of(choice), any::<Option<bool>>())
            .prop_map(move |(choice, parallel)| (vec![tool("a"), tool("b")], choice, parallel)),
    ]
}

fn number() -> impl Strategy<Value = Option<serde_json::Number>> {
    proptest::option::of((0..200_i32).prop_map(|hundredths| {
        serde_json::Number::from_f64(f64::from(hundredths) / 100.0).unwrap()
    }))
}

fn sampling() -> impl Strategy<Value = Sampling> {
    let stop = proptest::collection::vec(text(), 0..3);
    (number(), number(), number(), any::<Option<i64>>(), stop).prop_map(
        |(temperature, top_p, penalty, seed, stop)| Sampling {
            temperature,
            top_p,
            frequency_penalty: penalty.clone(),
            presence_penalty: penalty,
            seed,
            stop,
            ..Sampling::default()
        },
    )
}

fn format() -> impl Strategy<Value = Option<Format>> {
    prop_oneof![
        Just(None),
        Just(Some(Format::Json)),
        ("[a-z_]{1,8}", proptest::option::of(text()), any::<Option<bool>>()).prop_map(
            |(name, description, strict)| Some(Format::Schema {
                name,
                description,
                schema: json!({"type": "object"}),
                strict,
            })
        ),
    ]
}

fn reasoning() -> impl Strategy<Value = Option<Reasoning>> {
    proptest::option::of(
        prop_oneof![
            Just(Effort::None),
            Just(Effort::Minimal),
            Just(Effort::Low),
            Just(Effort::Medium),
            Just(Effort::High),
            Just(Effort::Max)
        ]
        .prop_map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() }),
    )
}

fn request() -> impl Strategy<Value = Request> {
    let turns = proptest::collection::vec(exchange(), 1..4).prop_map(|turns| turns.concat());
    let settings = (sampling(), format(), reasoning(), proptest::option::of("[a-z]{1,64}"));
    (turns, tools(), settings, any::<bool>(), proptest::option::of(1..1_000_000_u64)).prop_map(
        |(turns, (tools, tool_choice, parallel_tool_calls), settings, stream, max_output)| {
            let (sampling, format, reasoning, end_user) = settings;
            Request {
                model: "m".into(),
                stream,
                turns,
                tools,
                tool_choice,
                parallel_tool_calls,
                max_output,
                sampling,
                format,
                reasoning,
                end_user,
                stream_usage: stream,
            }
        },
    )
}

fn usage() -> impl Strategy<Value = Option<Usage>> {
    proptest::option::of((0..1_000_u64, 0..1_000_u64, 0..1_000_u64, 0..1_000_u64).prop_map(
        |(input, cached_input, output, reasoning)| Usage {
            input,
            cached_input,
            cache_write: input / 2,
            cache_write_1h: 0,
            output,
            reasoning: reasoning.min(output),
        },
    ))
}

fn answer() -> impl Strategy<Value = Answer> {
    let call = ("[a-c]", text(), proptest::option::of("[a-z]{1,8}"));
    let calls = proptest::collection::vec(call, 0..4);
    let said = || proptest::option::of(text());
    let stop = prop_oneof![Just(Stop::End), Just(Stop::Length), Just(Stop::Filtered)];
    (said(), said(), said(), calls, stop, usage()).prop_map(
        |(thought, text, refusal, calls, stop, usage)| {
            let thought =
                thought.map(|text| Block::Thought(Thought { text, ..Thought::default() }));
            let stop = match stop {
                Stop::End if !calls.is_empty() => Stop::ToolCalls,
                other => other,
            };
            let calls = calls.into_iter().enumerate().map(|(number, (name, text, signature))| {
                Block::ToolCall(ToolCall {
                    id: format!("call_x{number}"),
                    name,
                    arguments: json!({ "x": text }).to_string(),
                    signature,
                })
            });
            let blocks = thought
                .into_iter()
                .chain(text.map(Block::Text))
                .chain(refusal.map(Block::Refusal))
                .chain(calls)
                .collect();
            Answer {
                id: Some("chatcmpl-1".into()),
                model: Some("m".into()),
                created: Some(7),
                blocks,
                stop: Some(stop),
                usage,
            }
        },
    )
}

/// Any JSON, of the names and words that are read.
fn json_like() -> impl Strategy<Value = Value> {
    let word = "messages|role|user|assistant|tool|function|content|type|text|data:,|custom|\
                image_url|index|id|name|arguments|\\{\\}|stop|auto|json_schema|error";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    let name = "model|messages|role|content|type|text|tool_calls|function|function_call|name|id|\
                tool_call_id|arguments|index|choices|delta|message|finish_reason|usage|error|\
                image_url|url|file|file_data|input_audio|tools|functions|tool_choice|stop|stream|\
                response_format|json_schema|thinking|reasoning|refusal|extra_content|custom";
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A delta as some vendor might send it: pieces of calls with and without index, id and name.
fn delta() -> impl Strategy<Value = Value> {
    let piece = (
        proptest::option::of(0..3_u8),
        proptest::option::of("[xy]?"),
        proptest::option::of("[st]?"),
        proptest::option::of("\\{\\}|\\{|\\}|\"a\":1|\"|  "),
        any::<bool>(),
    )
        .prop_map(|(index, id, name, arguments, seal)| {
            let mut piece = json!({"function": {"arguments": arguments, "name": name}});
            for (name, value) in [("index", json!(index)), ("id", json!(id))] {
                if !value.is_null() {
                    piece[name] = value;
                }
            }
            if seal {
                piece["extra_content"] = json!({"google": {"thought_signature": "s"}});
            }
            piece
        });
    prop_oneof![
        text().prop_map(|text| json!({ "content": text })),
        text().prop_map(|text| json!({ "reasoning": text, "refusal": text })),
        proptest::collection::vec(piece, 1..3).prop_map(|calls| json!({ "tool_calls": calls })),
    ]
}

fn event_of(data: &[u8]) -> Option<protocol::sse::Event> {
    let mut splitter = Splitter::default();
    splitter.feed(Bytes::from([b"data: ", data, b"\n\n"].concat()));
    splitter.next_event().unwrap()
}

proptest! {
    #[test]
    fn a_request_comes_back_the_same(request in request()) {
        let names = names(&request);
        let (body, losses) =
            write_request(&request, &names, "m", MaximumName::MaxTokens).unwrap();
        prop_assert!(losses.is_empty());
        let (again, losses) = read_request(&body).unwrap();
        prop_assert!(losses.is_empty());
        prop_assert_eq!(again, request);
    }

    #[test]
    fn an_answer_comes_back_the_same(answer in answer()) {
        let request = Request { model: "m".into(), ..Request::default() };
        let asked = Asked { request: &request, call: "call_1", now: 1 };
        let body = write_answer(&answer, asked);
        prop_assert_eq!(read_answer(&body, &ToolNames::default()), Ok(answer));
    }

    #[test]
    fn a_stream_comes_back_the_same(answer in answer()) {
        let request = Request { model: "m".into(), stream_usage: true, ..Request::default() };
        let stream = write_stream(&request, answer.clone().into_events());
        let (events, end) = read_stream(&stream);
        prop_assert!(end.is_empty());
        let mut collector = Collector::default();
        events.into_iter().for_each(|event| collector.take(event));
        prop_assert_eq!(collector.finish(), Ok(answer));
    }

    #[test]
    fn no_json_makes_a_reader_panic(values in proptest::collection::vec(json_like(), 1..6)) {
        let mut reader = StreamReader::new(ToolNames::default());
        let mut events = Vec::new();
        for value in values {
            let body = value.to_string();
            let _ = read_request(body.as_bytes());
            let _ = read_answer(body.as_bytes(), &ToolNames::default());
            let messages = json!({"model": "m", "messages": value}).to_string();
            if let Ok((request, _)) = read_request(messages.as_bytes()) {
                let _ = write_request(&request, &names(&request), "m", MaximumName::MaxTokens);
            }
            let answer = json!({"choices": [{"message": value}]}).to_string();
            let _ = read_answer(answer.as_bytes(), &ToolNames::default());
            for data in [body, json!({"choices": [{"delta": value}]}).to_string()] {
                if let Some(event) = event_of(data.as_bytes()) {
                    reader.event(&event, &mut events);
                }
            }
        }
        reader.end(&mut events);
        write_stream(&Request::default(), events);
    }

    #[test]
    fn blocks_open_and_close_in_order(deltas in proptest::collection::vec(delta(), 1..12)) {
        let mut reader = StreamReader::new(ToolNames::default());
        let mut events = Vec::new();
        for delta in deltas {
            let data = json!({"choices": [{"delta": delta}]}).to_string();
            if let Some(event) = event_of(data.as_bytes()) {
                reader.event(&event, &mut events);
            }
        }
        reader.end(&mut events);
        prop_assert!(check_order(&events).is_empty());
        write_stream(&Request::default(), events);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes: Vec<u8>) {
        let _ = read_request(&bytes);
        let _ = read_answer(&bytes, &ToolNames::default());
        read_stream(&bytes);
    }
}
