//! The response object around the items of an answer.

use std::collections::HashMap;

use domain::usage::Usage;
use serde_json::json;

use crate::canonical::{Asked, Effort, Format, Reasoning, Stop, ToolKind};
use crate::json::push_string;

/// A call's id (`call_…`) as a response's.
pub(super) fn response_id(call: &str) -> String {
    format!("resp_{}", stem(call))
}

/// What a call's ids are made of.
pub(super) fn stem(call: &str) -> String {
    let stem = call.strip_prefix("call_").unwrap_or(call);
    stem.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status<'s> {
    InProgress,
    Completed,
    /// Cut short, for this reason if one is known.
    Incomplete(Option<&'s str>),
    Failed {
        code: &'s str,
        message: &'s str,
    },
}

impl Status<'_> {
    /// How an answer that stopped so ends.
    pub(super) const fn of(stop: Option<&Stop>) -> Self {
        match stop {
            Some(Stop::End | Stop::ToolCalls | Stop::Sequence(_) | Stop::Pause) => Self::Completed,
            Some(Stop::Length) => Self::Incomplete(Some("max_output_tokens")),
            Some(Stop::Filtered) => Self::Incomplete(Some("content_filter")),
            None => Self::Incomplete(None),
        }
    }

    /// Its name, and the end of the name of the event that tells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete(_) => "incomplete",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What an answer's writer keeps of the request, and of the answer's beginning.
#[derive(Debug)]
pub(super) struct Envelope {
    /// What the ids are made of.
    pub(super) stem: String,
    id: String,
    model: String,
    created: i64,
    /// The members that echo the request, with a comma before each.
    echo: String,
    /// The tools whose calls are not plain functions, by their canonical names.
    tools: HashMap<String, Shape>,
}

/// How calls of a tool are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    /// Whether it takes free text.
    pub(super) free: bool,
    /// Its namespace and its name there.
    pub(super) namespace: Option<(String, String)>,
}

impl Envelope {
    pub(super) fn new(asked: Asked<'_>) -> Self {
        let request = asked.request;
        let tools = request.tools.iter().filter_map(|tool| {
            let free = matches!(tool.kind, ToolKind::Free { .. });
            let shape = Shape { free, namespace: tool.namespace.clone() };
            (free || tool.namespace.is_some()).then(|| (tool.name.clone(), shape))
        });
        let format = match &request.format {
            None => json!({"type": "text"}),
            Some(Format::Json) => json!({"type": "json_object"}),
            Some(Format::Schema { name, description, schema, strict }) => json!({
                "type": "json_schema", "name": name, "description": description,
                "schema": schema, "strict": strict.unwrap_or(false),
            }),
        };
        let reasoning = request.reasoning.as_ref();
        let echo = [
            ("instructions", json!(null)),
            ("max_output_tokens", json!(request.max_output)),
            ("metadata", json!({})),
            ("parallel_tool_calls", json!(request.parallel_tool_calls.unwrap_or(true))),
            ("previous_response_id", json!(null)),
            ("reasoning", json!({"effort": reasoning.and_then(effort), "summary": null})),
            ("store", json!(false)),
            ("temperature", json!(request.sampling.temperature)),
            ("text", json!({"format": format})),
            ("tool_choice", json!("auto")),
            ("tools", json!([])),
            ("top_p", json!(request.sampling.top_p)),
            ("truncation", json!("disabled")),
        ];
        Self {
            stem: stem(asked.call),
            id: response_id(asked.call),
            model: request.model.clone(),
            created: asked.now,
            echo: echo.map(|(name, value)| format!(",\"{name}\":{value}")).concat(),
            tools: tools.collect(),
        }
    }

    /// Takes what the upstream says of its answer.
    pub(super) fn begin(&mut self, model: Option<String>, created: Option<i64>) {
        self.model = model.unwrap_or_else(|| std::mem::take(&mut self.model));
        self.created = created.unwrap_or(self.created);
    }

    /// How calls of a tool are written.
    pub(super) fn shape(&self, tool: &str) -> Shape {
        self.tools.get(tool).cloned().unwrap_or_default()
    }

    /// Writes the response object; `output` are its items with commas between them.
    pub(super) fn push(
        &self,
        out: &mut Vec<u8>,
        status: Status<'_>,
        output: &[u8],
        usage: Option<&Usage>,
    ) {
        out.extend_from_slice(b"{\"id\":");
        push_string(out, &self.id);
        let created = self.created;
        let name = status.name();
        out.extend_from_slice(
            format!(",\"object\":\"response\",\"created_at\":{created},\"status\":\"{name}\"")
                .as_bytes(),
        );
        out.extend_from_slice(b",\"background\":false,\"error\":");
        match status {
            Status::Failed { code, message } => push_error(out, code, message),
            _ => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"incomplete_details\":");
        match status {
            Status::Incomplete(Some(reason)) => {
                out.extend_from_slice(format!("{{\"reason\":\"{reason}\"}}").as_bytes());
            }
            _ => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"model\":");
        push_string(out, &self.model);
        out.extend_from_slice(self.echo.as_bytes());
        out.extend_from_slice(b",\"output\":[");
        out.extend_from_slice(output);
        out.extend_from_slice(b"],\"usage\":");
        match usage {
            Some(usage) => push_usage(out, usage),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    }
}

/// Writes `{"code":…,"message":…}`.
pub(super) fn push_error(out: &mut Vec<u8>, code: &str, message: &str) {
    out.extend_from_slice(b"{\"code\":");
    push_string(out, code);
    out.extend_from_slice(b",\"message\":");
    push_string(out, message);
    out.push(b'}');
}

/// The word for how much thought is asked; nothing where the model decides.
pub(super) fn effort(reasoning: &Reasoning) -> Option<&'static str> {
    let word = reasoning.effort.or_else(|| reasoning.budget.map(Effort::of_budget));
    word.map(|effort| match effort {
        Effort::None => "none",
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Max => "xhigh",
    })
}

fn push_usage(out: &mut Vec<u8>, usage: &Usage) {
    let written = usage.cache_write.saturating_add(usage.cache_write_1h);
    let text = format!(
        "{{\"input_tokens\":{},\"input_tokens_details\":{{\"cached_tokens\":{},\
         \"cache_write_tokens\":{written}}},\"output_tokens\":{},\"output_tokens_details\":\
         {{\"reasoning_tokens\":{}}},\"total_tokens\":{}}}",
        usage.total_input(),
        usage.cached_input,
        usage.output,
        usage.reasoning,
        usage.total()
    );
    out.extend_from_slice(text.as_bytes());
}
