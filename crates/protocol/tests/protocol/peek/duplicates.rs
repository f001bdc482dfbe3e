//! Every field that is read may stand only once: each member of a body that has them all is given
//! a second time, plainly and with an escape. What is refused is what is read; it is listed here.

use protocol::json::{Kind, Reader, Span};
use protocol::peek::{Peek, Shape};

/// A member of a document: its path, its key, where its object's members begin, its value.
struct Member {
    path: String,
    key: String,
    place: usize,
    value: Span,
}

fn members(body: &str) -> Vec<Member> {
    fn walk(reader: &mut Reader<'_>, path: &str, found: &mut Vec<Member>) -> Span {
        let kind = reader.kind().unwrap();
        let start = reader.position();
        match kind {
            Kind::Object => {
                let mut members = reader.object().unwrap();
                while let Some(key) = members.next(reader).unwrap() {
                    let key = key.decode().unwrap().into_owned();
                    let path = format!("{path}.{key}");
                    let value = walk(reader, &path, found);
                    found.push(Member { path, key, place: start + 1, value });
                }
            }
            Kind::Array => {
                let mut elements = reader.array().unwrap();
                while elements.next(reader).unwrap() {
                    walk(reader, &format!("{path}[]"), found);
                }
            }
            _ => {
                reader.skip().unwrap();
            }
        }
        Span::new(start, reader.position())
    }
    let mut found = Vec::new();
    walk(&mut Reader::new(body.as_bytes()).unwrap(), "", &mut found);
    found
}

fn snake_case(name: &str) -> String {
    let pieces = name.chars().map(|letter| match letter.is_ascii_uppercase() {
        true => format!("_{}", letter.to_ascii_lowercase()),
        false => letter.to_string(),
    });
    pieces.collect()
}

/// The paths whose duplicates are refused, sorted.
fn read_paths(shape: Shape, body: &str) -> String {
    Peek::read(body.as_bytes(), shape).unwrap();
    let mut paths: Vec<String> = members(body)
        .into_iter()
        .filter_map(|member| {
            let escaped = |key: &str| {
                let (first, rest) = key.split_at(1);
                format!("\\u{:04x}{rest}", u32::from(first.as_bytes()[0]))
            };
            let mut spellings = vec![member.key.clone(), escaped(&member.key)];
            if !shape.names_model() {
                spellings.push(snake_case(&member.key));
            }
            let verdicts: Vec<bool> = spellings
                .iter()
                .map(|key| {
                    let value = &body[member.value.range()];
                    let (before, after) = body.split_at(member.place);
                    let twice = format!("{before}\"{key}\":{value},{after}");
                    match Peek::read(twice.as_bytes(), shape) {
                        Ok(_) => false,
                        Err(error) => {
                            let field = error.field.unwrap();
                            let message = format!("`{field}` is given more than once.");
                            assert_eq!(error.message, message, "{}", member.path);
                            assert!(field.ends_with(&member.key), "{field}: {}", member.path);
                            true
                        }
                    }
                })
                .collect();
            assert!(verdicts.iter().all(|it| *it == verdicts[0]), "{}", member.path);
            verdicts[0].then(|| member.path.trim_start_matches('.').to_owned())
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths.join("\n")
}

const PARTS: &str = r#"[{"type":"text","text":"a","annotations":[]},
    {"type":"image_url","image_url":{"url":"data:,","detail":"low"}},
    {"type":"input_audio","input_audio":{"data":"AA","format":"wav"}},
    {"type":"file","file":{"file_id":"f","file_data":"x","filename":"n"}},
    {"type":"input_file","file_id":"f","file_data":"x","file_url":"u","filename":"n"}]"#;

#[test]
fn chat() {
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":{PARTS},"audio":{{"id":"a","x":1}}}}],
        "stream":true,"max_tokens":1,"max_completion_tokens":1,"n":1,"best_of":1,
        "stream_options":{{"include_usage":true,"x":1}},"functions":[{{"name":"f"}}],
        "tools":[{{"type":"function","function":{{"name":"f","parameters":{{"type":"object"}}}}}}],
        "user":"u","prompt_cache_key":"k","safety_identifier":"s","reasoning_effort":"low",
        "thinking_budget":1,"thinking":{{"budget_tokens":1,"type":"enabled"}},
        "reasoning":{{"max_tokens":1,"effort":"low"}},"service_tier":"flex","modalities":["text"],
        "audio":{{"voice":"v"}},"prediction":{{"type":"content"}},"web_search_options":{{}},
        "search_parameters":{{}},"enable_search":true,"plugins":[],"temperature":1,"metadata":{{"model":1}}}}"#
    );
    insta::assert_snapshot!(read_paths(Shape::Chat, &body), @r"
    audio
    best_of
    enable_search
    functions
    max_completion_tokens
    max_tokens
    messages
    messages[].audio
    messages[].audio.id
    messages[].content
    messages[].content[].file
    messages[].content[].file.file_data
    messages[].content[].file.file_id
    messages[].content[].file_data
    messages[].content[].file_id
    messages[].content[].file_url
    messages[].content[].image_url
    messages[].content[].image_url.url
    messages[].content[].input_audio
    messages[].content[].input_audio.data
    messages[].content[].text
    messages[].content[].type
    modalities
    model
    n
    plugins
    prediction
    prompt_cache_key
    reasoning
    reasoning.max_tokens
    reasoning_effort
    safety_identifier
    search_parameters
    service_tier
    stream
    stream_options
    stream_options.include_usage
    thinking
    thinking.budget_tokens
    thinking_budget
    tools
    tools[].type
    user
    web_search_options
    ");
}

#[test]
fn completions() {
    let body = r#"{"model":"m","prompt":"a","suffix":"b","echo":true,"stream":true,
        "stream_options":{"include_usage":true,"x":1},"max_tokens":1,"n":1,"best_of":1,"user":"u",
        "prompt_cache_key":"k","service_tier":"flex","logprobs":1}"#;
    insta::assert_snapshot!(read_paths(Shape::Completions, body), @r"
    best_of
    echo
    max_tokens
    model
    n
    prompt
    prompt_cache_key
    service_tier
    stream
    stream_options
    stream_options.include_usage
    suffix
    user
    ");
}

#[test]
fn embeddings() {
    let body = r#"{"model":"m","input":["a"],"user":"u","dimensions":1}"#;
    insta::assert_snapshot!(read_paths(Shape::Embeddings, body), @r"
    input
    model
    user
    ");
}

#[test]
fn responses() {
    let body = format!(
        r#"{{"model":"m","instructions":"i","input":[
            {{"type":"message","id":"m","role":"user","content":{PARTS},"status":"x"}},
            {{"type":"function_call_output","call_id":"c","output":"x"}},
            {{"type":"function_call","call_id":"c","arguments":"x","name":"f"}},
            {{"type":"custom_tool_call","input":"x"}},
            {{"type":"reasoning","summary":[{{"type":"summary_text","text":"x"}}],"encrypted_content":"x"}},
            {{"type":"image_generation_call","result":"x"}},
            {{"type":"additional_tools","tools":[{{"type":"function"}}]}}],
        "stream":true,"max_output_tokens":1,"previous_response_id":"r","conversation":{{"id":"c","x":1}},
        "prompt":{{"id":"p","version":"1","variables":{{"a":{{"type":"input_text","text":"x"}}}}}},
        "prompt_cache_key":"k","safety_identifier":"s","user":"u","store":true,"background":false,
        "service_tier":"flex","reasoning":{{"max_tokens":1,"effort":"low"}},"thinking_budget":1,
        "thinking":{{"budget_tokens":1}},"modalities":[],"search_parameters":{{}},"enable_search":false,
        "plugins":[],"truncation":"auto","tools":[
            {{"type":"file_search","vector_store_ids":["v"],"filters":{{}}}},
            {{"type":"code_interpreter","container":{{"type":"auto","file_ids":["f"]}}}},
            {{"type":"shell","environment":{{"container_id":"c","skills":[{{"skill_id":"s"}}]}}}},
            {{"type":"image_generation","input_image_mask":{{"file_id":"f"}}}},
            {{"type":"namespace","tools":[{{"type":"function","name":"f"}}]}}]}}"#
    );
    insta::assert_snapshot!(read_paths(Shape::Responses, &body), @r"
    background
    conversation
    conversation.id
    enable_search
    input
    input[].arguments
    input[].content
    input[].content[].file
    input[].content[].file.file_data
    input[].content[].file.file_id
    input[].content[].file_data
    input[].content[].file_id
    input[].content[].file_url
    input[].content[].image_url
    input[].content[].image_url.url
    input[].content[].input_audio
    input[].content[].input_audio.data
    input[].content[].text
    input[].content[].type
    input[].encrypted_content
    input[].id
    input[].input
    input[].output
    input[].result
    input[].role
    input[].summary
    input[].summary[].text
    input[].summary[].type
    input[].tools
    input[].tools[].type
    input[].type
    instructions
    max_output_tokens
    modalities
    model
    plugins
    previous_response_id
    prompt
    prompt.id
    prompt.variables
    prompt.variables.a.text
    prompt.variables.a.type
    prompt_cache_key
    reasoning
    reasoning.max_tokens
    safety_identifier
    search_parameters
    service_tier
    store
    stream
    thinking
    thinking.budget_tokens
    thinking_budget
    tools
    tools[].container
    tools[].container.file_ids
    tools[].environment
    tools[].environment.container_id
    tools[].environment.skills[].skill_id
    tools[].input_image_mask
    tools[].input_image_mask.file_id
    tools[].tools
    tools[].tools[].type
    tools[].type
    tools[].vector_store_ids
    user
    ");
}

#[test]
fn messages() {
    let body = r#"{"model":"m","system":[{"type":"text","text":"s","cache_control":{"type":"x"}}],
        "messages":[{"role":"user","content":[
            {"type":"document","title":"t","source":{"type":"text","media_type":"x","data":"d"}},
            {"type":"document","source":{"type":"url","url":"u"}},
            {"type":"document","source":{"type":"file","file_id":"f"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"x"}]}},
            {"type":"search_result","source":"s","content":[]},
            {"type":"thinking","thinking":"t","signature":"s"},
            {"type":"container_upload","file_id":"f"},
            {"type":"tool_use","name":"n","input":{"type":1}},
            {"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"x"}]}]}],
        "max_tokens":1,"stream":true,"tools":[{"type":"custom","name":"n","input_schema":{"type":"object"}}],
        "metadata":{"user_id":"u","x":1},"thinking":{"type":"enabled","budget_tokens":1},
        "mcp_servers":[{"type":"url"}],"container":{"id":"c","skills":[{"type":"custom","skill_id":"s","version":"1"}]},
        "service_tier":"auto","temperature":1}"#;
    let paths = read_paths(Shape::Messages, body);
    assert_eq!(read_paths(Shape::CountTokens, body), paths);
    insta::assert_snapshot!(paths, @r"
    container
    container.id
    container.skills
    container.skills[].skill_id
    container.skills[].type
    max_tokens
    mcp_servers
    messages
    messages[].content
    messages[].content[].content
    messages[].content[].content[].text
    messages[].content[].content[].type
    messages[].content[].file_id
    messages[].content[].source
    messages[].content[].source.content
    messages[].content[].source.content[].text
    messages[].content[].source.content[].type
    messages[].content[].source.data
    messages[].content[].source.file_id
    messages[].content[].source.type
    messages[].content[].source.url
    messages[].content[].thinking
    messages[].content[].type
    metadata
    metadata.user_id
    model
    service_tier
    stream
    system
    system[].text
    system[].type
    thinking
    thinking.budget_tokens
    tools
    tools[].type
    ");
}

const GENERATE: &str = r#""model":"models/m","contents":[{"role":"user","parts":[
        {"text":"t","thought":true,"thoughtSignature":"s"},
        {"inlineData":{"mimeType":"image/png","data":"d","displayName":"n"}},
        {"fileData":{"mimeType":"x","fileUri":"files/f"}},
        {"functionCall":{"name":"f","args":{"text":1}}},
        {"functionResponse":{"name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":"d"}}]}},
        {"executableCode":{}},{"codeExecutionResult":{}},{"videoMetadata":{}},{"mediaResolution":{}},
        {"partMetadata":{}}]}],
    "systemInstruction":{"parts":[{"text":"s"}]},"cachedContent":"c","safetySettings":[],
    "tools":[{"functionDeclarations":[{"name":"f"}]},{"computerUse":{}},{"googleSearch":{}},
        {"fileSearch":{"fileSearchStoreNames":["s"],"topK":1}}],
    "generationConfig":{"maxOutputTokens":1,"candidateCount":1,"responseModalities":["TEXT"],
        "thinkingConfig":{"thinkingBudget":1,"includeThoughts":true},"topP":1}"#;

#[test]
fn gemini() {
    let body = format!("{{{GENERATE}}}");
    let paths = read_paths(Shape::GeminiGenerate, &body);
    assert_eq!(read_paths(Shape::GeminiCountTokens, &body), paths);
    let nested = format!(r#"{{"generateContentRequest":{{{GENERATE}}}}}"#);
    let inside = read_paths(Shape::GeminiCountTokens, &nested);
    let inside = inside.replace("generateContentRequest.", "");
    let inside: Vec<&str> = inside.lines().filter(|it| *it != "generateContentRequest").collect();
    assert_eq!(inside.join("\n"), paths);
    insta::assert_snapshot!(paths, @r"
    cachedContent
    contents
    contents[].parts
    contents[].parts[].codeExecutionResult
    contents[].parts[].executableCode
    contents[].parts[].fileData
    contents[].parts[].fileData.fileUri
    contents[].parts[].functionCall
    contents[].parts[].functionResponse
    contents[].parts[].functionResponse.parts
    contents[].parts[].functionResponse.parts[].inlineData
    contents[].parts[].functionResponse.parts[].inlineData.data
    contents[].parts[].functionResponse.parts[].inlineData.mimeType
    contents[].parts[].inlineData
    contents[].parts[].inlineData.data
    contents[].parts[].inlineData.mimeType
    contents[].parts[].mediaResolution
    contents[].parts[].partMetadata
    contents[].parts[].text
    contents[].parts[].thought
    contents[].parts[].thoughtSignature
    contents[].parts[].videoMetadata
    generationConfig
    generationConfig.candidateCount
    generationConfig.maxOutputTokens
    generationConfig.responseModalities
    generationConfig.thinkingConfig
    generationConfig.thinkingConfig.thinkingBudget
    model
    systemInstruction
    systemInstruction.parts
    systemInstruction.parts[].text
    tools
    tools[].computerUse
    tools[].fileSearch
    tools[].fileSearch.fileSearchStoreNames
    tools[].functionDeclarations
    ");
}

#[test]
fn gemini_embeddings() {
    let body = r#"{"model":"models/m","content":{"parts":[{"text":"a"}],"role":"user"},"title":"t",
        "taskType":"x","requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":1}]}"#;
    insta::assert_snapshot!(read_paths(Shape::GeminiEmbed, body), @r"
    content
    content.parts
    content.parts[].text
    model
    requests
    requests[].content
    requests[].content.parts
    requests[].content.parts[].text
    requests[].model
    title
    ");
}
