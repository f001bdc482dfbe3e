//! What the Gemini API refuses of a request; names are already in `camelCase`.

use super::{check_order, check_tools};
use crate::provider::node::{Checked, Node};

const FIELDS: &[&str] = &[
    "cachedContent",
    "contents",
    "generationConfig",
    "labels",
    "model",
    "safetySettings",
    "serviceTier",
    "store",
    "systemInstruction",
    "toolConfig",
    "tools",
];
const CONFIG: &[&str] = &[
    "audioTimestamp",
    "candidateCount",
    "enableEnhancedCivicAnswers",
    "frequencyPenalty",
    "imageConfig",
    "logprobs",
    "maxOutputTokens",
    "mediaResolution",
    "presencePenalty",
    "responseFormat",
    "responseJsonSchema",
    "responseLogprobs",
    "responseMimeType",
    "responseModalities",
    "responseSchema",
    "seed",
    "speechConfig",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topK",
    "topP",
];
/// A part holds exactly one of these.
const DATA: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];
const BESIDE_DATA: &[&str] =
    &["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"];

/// Finds what is wrong with a request to this model, if anything.
pub(in crate::provider) fn check(root: &Node<'_>, model: &str) -> Checked {
    root.only(FIELDS)?;
    let contents = root.need("contents")?;
    let items = contents.items()?;
    if items.is_empty() {
        let message = "* GenerateContentRequest.contents: contents is not specified";
        return Err(contents.fault(message));
    }
    items.iter().try_for_each(content)?;
    check_order::check(&contents, &items, model)?;
    if let Some(system) = root.field("systemInstruction") {
        system.only(&["role", "parts"])?;
        system.need("parts")?.items()?.iter().try_for_each(part)?;
    }
    root.field("generationConfig").map_or(Ok(()), |config| self::config(&config))?;
    check_tools::check(root)
}

/// A content: a role and parts.
pub(super) fn content(content: &Node<'_>) -> Checked {
    content.only(&["role", "parts"])?;
    if let Some(role) = content.field("role")
        && !matches!(role.text()?, "user" | "model")
    {
        return Err(role.fault("Please use a valid role: user, model."));
    }
    let parts = content.need("parts")?;
    if parts.items()?.is_empty() {
        return Err(parts.fault(format!(
            "* GenerateContentRequest.{}: contents.parts must not be empty.",
            parts.path
        )));
    }
    parts.items()?.iter().try_for_each(part)
}

fn part(part: &Node<'_>) -> Checked {
    part.only(&[DATA, BESIDE_DATA].concat())?;
    let held: Vec<&str> = DATA.iter().copied().filter(|name| part.has(name)).collect();
    let [kind] = held.as_slice() else {
        return Err(part.fault(format!(
            "* GenerateContentRequest.{}.data: required oneof field 'data' must have one \
             initialized field",
            part.path
        )));
    };
    let data = part.need(kind)?;
    part.each_if_there(&["thought"], |it| it.flag().map(drop))?;
    part.each_if_there(&["thoughtSignature"], |it| it.text().map(drop))?;
    match *kind {
        "text" => data.text().map(drop),
        "inlineData" => {
            data.only(&["mimeType", "data", "displayName"])?;
            data.need("mimeType")?.text()?;
            data.need("data")?.text().map(drop)
        }
        "functionCall" => {
            data.only(&["id", "name", "args", "partialArgs", "willContinue"])?;
            data.need("name")?.text()?;
            data.each_if_there(&["args"], |it| it.object().map(drop))
        }
        "functionResponse" => {
            data.only(&["id", "name", "response", "parts", "willContinue", "scheduling"])?;
            data.need("name")?.text()?;
            data.need("response")?.object().map(drop)
        }
        _ => data.object().map(drop),
    }
}

fn config(config: &Node<'_>) -> Checked {
    config.only(CONFIG)?;
    config
        .each_if_there(&["maxOutputTokens", "candidateCount"], |it| it.whole_from(1).map(drop))?;
    config.each_if_there(&["temperature"], |it| it.number_within(0.0, 2.0))?;
    config.each_if_there(&["topP"], |it| it.number_within(0.0, 1.0))?;
    config.each_if_there(&["stopSequences"], |it| {
        it.items()?.iter().try_for_each(|stop| stop.text().map(drop))
    })?;
    config.each_if_there(&["responseSchema"], |it| check_tools::schema(it))?;
    if config.has("responseSchema") && config.has("responseJsonSchema") {
        let message = "Only one of response_schema and response_json_schema may be set.";
        return Err(config.fault(message));
    }
    config.each_if_there(&["thinkingConfig"], |thinking| {
        thinking.only(&["includeThoughts", "thinkingBudget", "thinkingLevel"])?;
        if thinking.has("thinkingBudget") && thinking.has("thinkingLevel") {
            let message = "You can only set only one of thinking budget and thinking level.";
            return Err(thinking.fault(message));
        }
        thinking.each_if_there(&["thinkingBudget"], |budget| {
            budget.value.as_i64().map(drop).ok_or_else(|| budget.wrong("an integer"))
        })
    })
}
