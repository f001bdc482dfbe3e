//! What is read of Gemini's requests.

use protocol::bound::{InputBound, Unbounded};
use protocol::peek::{Peek, PeekError, Shape};

const TURN: &str = r#""contents":[{"role":"user","parts":[{"text":"hi"}]}]"#;

fn read(body: &str) -> Result<Peek<'_>, PeekError> {
    Peek::read(body.as_bytes(), Shape::GeminiGenerate)
}

#[test]
fn both_spellings_are_read() {
    let camel = r#"{"contents":[{"parts":[{"text":"hi"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}],
        "systemInstruction":{"parts":[{"text":"sys"}]},"cachedContent":"cachedContents/c",
        "generationConfig":{"maxOutputTokens":9,"candidateCount":3,"responseModalities":["TEXT","AUDIO"],
            "thinkingConfig":{"thinkingBudget":5}}}"#;
    let snake = r#"{"contents":[{"parts":[{"text":"hi"},{"inline_data":{"mime_type":"image/png","data":"AAAA"}}]}],
        "system_instruction":{"parts":[{"text":"sys"}]},"cached_content":"cachedContents/c",
        "generation_config":{"max_output_tokens":9,"candidate_count":3,"response_modalities":["TEXT","AUDIO"],
            "thinking_config":{"thinking_budget":5}}}"#;
    for body in [camel, snake] {
        let peek = read(body).unwrap();
        assert_eq!((peek.model_name(), peek.stream), (None, false));
        assert_eq!(
            (peek.output_maximum(), peek.choices(), peek.thinking_budget),
            (Some(9), 3, Some(5))
        );
        assert_eq!(&body[peek.max_output_tokens.unwrap().span.range()], "9");
        assert_eq!(peek.session(), Some("cachedContents/c"));
        assert!(peek.audio_output && !peek.image_output);
        assert_eq!((peek.content.text_bytes, peek.content.images), (5, 1));
        assert_eq!(peek.content.inline_image_bytes, 4);
        let found: Vec<_> =
            peek.stored.iter().map(|it| format!("{:?} {}", it.kind, it.id)).collect();
        assert_eq!(found, ["Cache cachedContents/c"]);
    }
}

#[test]
fn the_two_spellings_are_one_field() {
    let cases = [
        (r#""cachedContent":"a","cached_content":"b""#, "cachedContent"),
        (r#""generation_config":{},"generationConfig":{}"#, "generationConfig"),
        (
            r#""generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}"#,
            "generationConfig.maxOutputTokens",
        ),
        (
            r#""generation_config":{"thinking_config":{"thinkingBudget":1,"thinking\u005fbudget":2}}"#,
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
    ];
    for (members, field) in cases {
        let error = read(&format!("{{{TURN},{members}}}")).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field));
        assert_eq!(error.message, format!("`{field}` is given more than once."));
    }
}

#[test]
fn a_budget_is_a_count_or_left_to_the_model() {
    let budget = |value: &str| {
        let config =
            format!(r#""generationConfig":{{"thinkingConfig":{{"thinkingBudget":{value}}}}}"#);
        read(&format!("{{{TURN},{config}}}")).map(|peek| peek.thinking_budget)
    };
    assert_eq!(budget("-1"), Ok(None));
    assert_eq!(budget("null"), Ok(None));
    assert_eq!(budget("0"), Ok(Some(0)));
    assert_eq!(budget("512"), Ok(Some(512)));
    for wrong in ["-2", "-1.0", "1.5", "\"7\"", "{}"] {
        assert!(budget(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_not_in_the_body_needs_the_context_window() {
    let with = |members: &str| format!("{{{TURN},{members}}}");
    let part = |part: &str| format!(r#"{{"contents":[{{"parts":[{part}]}}]}}"#);
    let inline =
        |kind: &str| part(&format!(r#"{{"inlineData":{{"data":"AA","mimeType":"{kind}"}}}}"#));
    let tool = |name: &str| with(&format!(r#""tools":[{{"{name}":{{}}}}]"#));
    let server = Some(Unbounded::ServerSideTools);
    let cases = [
        (tool("functionDeclarations"), None),
        (tool("function_declarations"), None),
        (tool("computerUse"), None),
        (tool("googleSearch"), server),
        (tool("google_search"), server),
        (tool("urlContext"), server),
        (tool("codeExecution"), server),
        (tool("googleMaps"), server),
        (tool("fileSearch"), server),
        (tool("enterpriseWebSearch"), server),
        (with(r#""tools":{"googleSearch":{}}"#), server),
        (with(r#""cachedContent":"c""#), Some(Unbounded::StoredInput)),
        (inline("image/png"), None),
        (inline("audio/wav"), None),
        (inline("text/plain"), None),
        (inline("application/pdf"), Some(Unbounded::InlineFile)),
        (inline("video/mp4"), Some(Unbounded::InlineFile)),
        (
            part(r#"{"fileData":{"fileUri":"https://www.youtube.com/watch?v=x"}}"#),
            Some(Unbounded::FileById),
        ),
        (part(r#"{"functionCall":{"name":"f","args":{}},"thoughtSignature":"eA=="}"#), None),
        (part(r#"{"functionResponse":{"name":"f","response":{"x":1}}}"#), None),
        (
            part(
                r#"{"functionResponse":{"parts":[{"inlineData":{"mimeType":"application/pdf"}}]}}"#,
            ),
            Some(Unbounded::InlineFile),
        ),
        (part(r#"{"hologram":{}}"#), Some(Unbounded::UnknownPart)),
    ];
    for (case, reason) in cases {
        let bound = InputBound::of(&read(&case).unwrap(), "gemini-3-pro");
        match reason {
            Some(reason) => assert_eq!(bound, InputBound::ContextWindow(reason), "{case}"),
            None => assert!(bound.tokens(None).is_some(), "{case}"),
        }
    }
    let image = inline("image/png");
    let bound = InputBound::of(&read(&image).unwrap(), "gemini-3-pro");
    assert_eq!(bound, InputBound::Tokens(image.len() as u64 - 2 + 4_128 + 64));
}

#[test]
fn whatever_google_keeps_is_found() {
    let body = r#"{"contents":[{"parts":[
            {"file_data":{"file_uri":"https://generativelanguage.googleapis.com/v1beta/files/a"}},
            {"fileData":{"fileUri":"https://www.youtube.com/watch?v=x"}},
            {"fileData":{"fileUri":"gs:\/\/bucket\/b.pdf"}}]}],
        "tools":[{"file_search":{"file_search_store_names":["fileSearchStores/s"]}}]}"#;
    let peek = read(body).unwrap();
    let found: Vec<_> = peek.stored.iter().map(|it| format!("{:?} {}", it.kind, it.id)).collect();
    assert_eq!(found, ["File files/a", "File gs://bucket/b.pdf", "VectorStore fileSearchStores/s"]);
}

#[test]
fn counts_and_embeddings_name_their_models() {
    let count = format!(r#"{{"generateContentRequest":{{"model":"models/a",{TURN}}}}}"#);
    let count = Peek::read(count.as_bytes(), Shape::GeminiCountTokens).unwrap();
    assert_eq!((count.content.messages, count.estimated_input()), (1, 1));
    let models = |peek: &Peek<'_>| -> Vec<String> {
        peek.repeated_models.iter().map(|field| field.value.to_string()).collect()
    };
    assert_eq!(models(&count), ["models/a"]);

    let batch = br#"{"requests":[{"model":"models/e","content":{"parts":[{"text":"a"}]}},
        {"model":"models/f","content":{"parts":[{"text":"bcd"}]},"title":"t"}]}"#;
    let batch = Peek::read(batch, Shape::GeminiEmbed).unwrap();
    assert_eq!(models(&batch), ["models/e", "models/f"]);
    assert_eq!((batch.content.messages, batch.content.text_bytes), (2, 5));
    assert!(Peek::read(br#"{"content":{"parts":[]}}"#, Shape::GeminiEmbed).is_ok());
}

#[test]
fn wrong_types_are_named() {
    let cases = [
        (Shape::GeminiGenerate, "{}".to_owned()),
        (Shape::GeminiGenerate, r#"{"contents":"hi"}"#.to_owned()),
        (Shape::GeminiGenerate, r#"{"contents":[]}"#.to_owned()),
        (Shape::GeminiGenerate, format!(r#"{{{TURN},"generationConfig":7}}"#)),
        (
            Shape::GeminiGenerate,
            format!(r#"{{{TURN},"generationConfig":{{"maxOutputTokens":"9"}}}}"#),
        ),
        (
            Shape::GeminiGenerate,
            format!(r#"{{{TURN},"generation_config":{{"candidate_count":0}}}}"#),
        ),
        (Shape::GeminiCountTokens, r#"{"generateContentRequest":null}"#.to_owned()),
        (Shape::GeminiEmbed, r#"{"model":"models/e"}"#.to_owned()),
        (Shape::GeminiEmbed, r#"{"requests":[{"content":1}]}"#.to_owned()),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(shape, body)| Peek::read(body.as_bytes(), *shape).unwrap_err().message)
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    `contents` must be a non-empty array of objects.
    `contents` must be a non-empty array of objects.
    `contents` must be a non-empty array of objects.
    `generationConfig` must be an object or null.
    `generationConfig.maxOutputTokens` must be an integer from 1 to 2147483648, or null.
    `generationConfig.candidateCount` must be an integer from 1 to 128, or null.
    `generateContentRequest` must be an object.
    `content` must be an object, or `requests` be given.
    `requests[0].content` must be an object.
    ");
}
