//! The data plane in the API's description: every route of the gateway's own table.
//!
//! The gateway passes bodies on as they are, so they are described as open objects with the fields
//! that matter most; the providers' references have the rest. `bodies.rs` has those fields.

mod bodies;

use domain::refusal::RefusalCode;
use gateway::endpoint::{ROUTES, Route};
use serde_json::{Map, Value, json};

const TAG: &str = "Calls";

/// The statuses of what is refused before it is known what is asked.
const AT_THE_DOOR: &[u16] = &[401, 403, 429, 503];

/// Adds the data plane to a description.
pub(crate) fn add_to(document: &mut Value) {
    add_refusals_at_the_door(member(document, "paths"));
    for route in ROUTES {
        let path = member(member(document, "paths"), route.path);
        put(path, &route.method.to_lowercase(), operation(route));
    }
    let components = member(document, "components");
    extend(member(components, "securitySchemes"), credentials());
    extend(member(components, "schemas"), errors());
    extend(member(components, "headers"), headers());
}

/// What a key may read about itself: the gateway lets it in as it does for a call.
fn add_refusals_at_the_door(paths: &mut Value) {
    for (path, methods) in paths.as_object_mut().into_iter().flatten() {
        for operation in methods.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            let ways = operation.get("security").and_then(Value::as_array);
            if ways.is_some_and(|ways| ways.iter().any(|way| way.get("api_key").is_some())) {
                let refusals = refusals(path, |status| AT_THE_DOOR.contains(&status));
                extend_absent(member(operation, "responses"), refusals);
            }
        }
    }
}

/// Whose shape a route's errors have.
fn shape(path: &str) -> Value {
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    match path {
        // Whose client asks is told by its headers there.
        path if path.starts_with("/v1/models") && !path.contains("}:") => {
            let shapes = ["OpenAiError", "AnthropicError", "GeminiError"].map(of);
            json!({"anyOf": shapes})
        }
        path if path.starts_with("/v1/messages") => of("AnthropicError"),
        path if path.starts_with("/v1beta/") || path.contains("}:") => of("GeminiError"),
        _ => of("OpenAiError"),
    }
}

fn operation(route: &Route) -> Value {
    let Route { method, path } = *route;
    let (summary, text) = about(method, path);
    let mut operation = json!({
        "tags": [TAG],
        "summary": summary,
        "description": text,
        "operationId": crate::document::operation_id_of(method, path),
        "responses": responses(path),
    });
    if path != "/" {
        let any = ["api_key", "x_api_key", "x_goog_api_key", "key_query"];
        let ways = any.iter().map(|name| json!({*name: []})).collect();
        put(&mut operation, "security", ways);
    } else {
        put(&mut operation, "security", json!([{}]));
    }
    let parameters = parameters(path);
    if !parameters.is_empty() {
        put(&mut operation, "parameters", parameters.into());
    }
    if let Some(body) = bodies::of(method, path) {
        let content = json!({"application/json": {"schema": body}});
        put(&mut operation, "requestBody", json!({"required": true, "content": content}));
    }
    operation
}

fn about(method: &str, path: &str) -> (&'static str, &'static str) {
    const PASSED: &str = "The body goes to the provider as it is, where its channel speaks this dialect; else it is \
        translated, and the header `x-tollkeeper-dropped` names what was left out.";
    let action = path.rsplit_once(':').map(|(_, action)| action);
    match (method, path, action) {
        (_, "/v1/chat/completions", _) => ("OpenAI chat completion", PASSED),
        (_, "/v1/completions", _) => {
            ("OpenAI completion of a bare prompt", "Only channels that speak chat take it.")
        }
        (_, "/v1/embeddings", _) => {
            ("OpenAI embeddings", "Only input is charged. Only channels that speak chat take it.")
        }
        ("POST", "/v1/responses", _) => ("OpenAI response", PASSED),
        ("GET", "/v1/responses/{id}", _) => {
            ("Read a response that the provider keeps", "Only for the user that made it.")
        }
        ("DELETE", ..) => {
            ("Delete a response that the provider keeps", "Only for the user that made it.")
        }
        (_, "/v1/responses/{id}/input_items", _) => {
            ("List what such a response was asked", "Only for the user that made it.")
        }
        (_, "/v1/responses/{id}/cancel", _) => {
            ("Cancel a response that runs in the background", "Only for the user that made it.")
        }
        (_, "/v1/messages", _) => ("Anthropic message", PASSED),
        (_, "/v1/messages/count_tokens", _) => {
            ("Count the tokens of an Anthropic message", "Costs nothing.")
        }
        (_, _, Some("generateContent")) => ("Gemini content", PASSED),
        (_, _, Some("streamGenerateContent")) => (
            "Gemini content as a stream",
            "With `alt=sse` as events, without it as one array that grows.",
        ),
        (_, _, Some("countTokens")) => ("Count the tokens of Gemini content", "Costs nothing."),
        (_, _, Some("embedContent")) => {
            ("Gemini embedding", "Only channels that speak Gemini take it.")
        }
        (_, _, Some("batchEmbedContents")) => {
            ("Several Gemini embeddings", "Only channels that speak Gemini take it.")
        }
        (_, "/v1/models", _) => (
            "List the models that this key may call",
            "In OpenAI's shape; in Anthropic's with the header `anthropic-version`, in Gemini's with `x-goog-api-key`.",
        ),
        (_, "/v1beta/models", _) => {
            ("List the models that this key may call, in Gemini's shape", "")
        }
        (_, "/v1/models/{model}" | "/v1beta/models/{model}", _) => {
            ("One model that this key may call", "")
        }
        _ => {
            ("See whether anybody is there", "Claude Code asks so at its start. No key is needed.")
        }
    }
}

fn parameters(path: &str) -> Vec<Value> {
    let mut parameters = Vec::new();
    let mut add = |name: &str, place: &str, text: &str| {
        let required = place == "path";
        let schema = json!({"type": "string"});
        parameters.push(json!({
            "name": name, "in": place, "required": required, "description": text, "schema": schema,
        }));
    };
    if path.contains("{model}") {
        add("model", "path", "The model's name; it may hold slashes and colons.");
    }
    if path.contains("{id}") {
        add("id", "path", "The response's id, `resp_…`.");
    }
    if path.ends_with(":streamGenerateContent") {
        add("alt", "query", "`sse` for a stream of events.");
    }
    if path.starts_with("/v1/messages") {
        add("anthropic-version", "header", "Anthropic's API version; it is passed on.");
        add("anthropic-beta", "header", "Features in trial; they are passed on.");
    }
    if bodies::of("POST", path).is_some() && !counts(path) {
        let text = "Makes the call at most once: a repetition is refused with `idempotency_conflict` and costs nothing.";
        add("idempotency-key", "header", text);
    }
    parameters
}

fn counts(path: &str) -> bool {
    path.ends_with("count_tokens") || path.ends_with(":countTokens")
}

fn responses(path: &str) -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    let streams = bodies::streams(path);
    let mut content = json!({"application/json": {"schema": {"type": "object"}}});
    if streams {
        put(&mut content, "text/event-stream", json!({"schema": {"type": "string"}}));
    }
    let mut heads = json!({"x-request-id": header("x-request-id")});
    if bodies::makes_output(path) {
        for name in ["x-tollkeeper-max-tokens", "x-tollkeeper-dropped"] {
            put(&mut heads, name, header(name));
        }
    }
    if path == "/" {
        return json!({"200": {"description": "Somebody is there.", "headers": heads}});
    }
    let mut responses = json!({
        "200": {"description": "The provider's answer.", "headers": heads, "content": content},
    });
    extend(&mut responses, refusals(path, |_| true));
    responses
}

/// The refusals of these statuses, in the shape of the route's dialect.
fn refusals(path: &str, wanted: impl Fn(u16) -> bool) -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    let schema = shape(path);
    let mut statuses: Vec<u16> = RefusalCode::ALL.iter().map(|code| code.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses.retain(|status| wanted(*status));
    let mut responses = json!({});
    for status in statuses {
        let codes = RefusalCode::ALL.iter().filter(|code| code.status() == status);
        let codes: Vec<String> = codes.map(|code| format!("`{}`", code.as_str())).collect();
        let failed = json!({
            "description": codes.join(", "),
            "headers": {
                "x-request-id": header("x-request-id"),
                "retry-after": header("retry-after"),
                "x-should-retry": header("x-should-retry"),
            },
            "content": {"application/json": {"schema": schema}},
        });
        put(&mut responses, &status.to_string(), failed);
    }
    responses
}

fn credentials() -> Value {
    let key = |place: &str, name: &str, text: &str| json!({"type": "apiKey", "in": place, "name": name, "description": text});
    json!({
        "x_api_key": key("header", "x-api-key", "An API key (`sk-…`) as Anthropic's clients send it."),
        "x_goog_api_key": key("header", "x-goog-api-key", "An API key (`sk-…`) as Gemini's clients send it."),
        "key_query": key("query", "key", "An API key (`sk-…`) as Gemini's older clients send it."),
    })
}

fn headers() -> Value {
    let header = |kind: &str, text: &str| json!({"description": text, "schema": {"type": kind}});
    json!({
        "x-request-id": header("string", "The call's id, `call_…`."),
        "retry-after": header("integer", "Seconds after which trying again can help, where that is known."),
        "x-should-retry": header("string", "`false` where trying again cannot help."),
        "x-tollkeeper-max-tokens": header("integer", "The output maximum that a limit put in or lowered."),
        "x-tollkeeper-dropped": header("string", "What of the request the upstream's dialect has no word for."),
    })
}

fn errors() -> Value {
    let codes: Vec<&str> = RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
    let text = |about: &str| json!({"type": "string", "description": about});
    let message = text("What is wrong, and what to do.");
    let code = json!({"type": "string", "description": "Stable; write programs against it.", "enum": codes});
    let reasons: Vec<String> = codes.iter().map(|code| code.to_uppercase()).collect();
    let object = |members: Value| json!({"type": "object", "properties": members});
    json!({
        "OpenAiError": object(json!({"error": object(json!({
            "message": message, "type": text("The kind, as OpenAI names it."),
            "param": {"type": ["string", "null"], "description": "The field that is wrong."}, "code": code,
        }))})),
        "AnthropicError": object(json!({
            "type": text("`error`."),
            "error": object(json!({
                "type": text("The kind, as Anthropic names it."), "message": message, "code": code,
            })),
            "request_id": text("The call's id."),
        })),
        "GeminiError": object(json!({"error": object(json!({
            "code": {"type": "integer", "description": "The status."}, "message": message,
            "status": text("The kind, as Google names it."),
            "details": {"type": "array", "items": object(json!({
                "@type": text("`type.googleapis.com/google.rpc.ErrorInfo`."),
                "reason": {"type": "string", "description": "The stable code, in capitals.", "enum": reasons},
            }))},
        }))})),
    })
}

/// A member of an object, made if it is not there.
fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(members) => {
            members.entry(name.to_owned()).or_insert_with(|| Value::Object(Map::new()))
        }
        other => other,
    }
}

fn put(value: &mut Value, name: &str, member: Value) {
    if let Value::Object(members) = value {
        members.insert(name.to_owned(), member);
    }
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(members), Value::Object(more)) = (value, more) {
        members.extend(more);
    }
}

/// Adds what is not there yet, at any depth.
fn extend_absent(value: &mut Value, more: Value) {
    if let (Value::Object(members), Value::Object(more)) = (value, more) {
        for (name, member) in more {
            match members.get_mut(&name) {
                Some(known) => extend_absent(known, member),
                None => {
                    members.insert(name, member);
                }
            }
        }
    }
}
