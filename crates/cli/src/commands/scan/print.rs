//! What was found, for people a line each, for scripts as JSON; values masked.

use domain::key::{Kind, mask};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::Write;

use super::ask::Verdicts;
use super::files::Searched;
use super::search::Hit;
use crate::output;

/// Prints it.
pub(super) fn print(searched: &Searched, verdicts: &Verdicts, as_json: bool) {
    if as_json {
        return output::say(&whole(searched, verdicts).to_string());
    }
    for hit in &searched.hits {
        let verdict = verdicts.of(hit).map(said).unwrap_or_default();
        let Hit { path, line, column, .. } = hit;
        let masked = mask(hit.value.expose());
        output::say(&format!("{path}:{line}:{column}: {} {masked}{verdict}", name(hit.kind)));
    }
    let mut shown = HashSet::new();
    for verdict in searched.hits.iter().filter_map(|hit| verdicts.of(hit)) {
        let id = verdict.get("id").and_then(Value::as_str).unwrap_or_default();
        let replacement = verdict.get("replacement").unwrap_or(&Value::Null);
        if let Some(value) = replacement.get("key").and_then(Value::as_str)
            && shown.insert(id.to_owned())
        {
            let new = replacement.get("id").and_then(Value::as_str).unwrap_or_default();
            output::say(&format!("{id} is replaced by {new}, shown this once: {value}"));
        }
    }
    let Searched { hits, files, bytes, binary, large, failures } = searched;
    // Apart from what was found, so that it can be piped on. Nobody may be listening.
    let mut err = std::io::stderr();
    for failure in failures {
        drop(writeln!(err, "tollkeeper: {failure}"));
    }
    let found = hits.len();
    drop(writeln!(
        err,
        "{found} found in {files} files ({bytes} bytes); left out: {binary} binary, {large} too large"
    ));
}

fn whole(searched: &Searched, verdicts: &Verdicts) -> Value {
    let found = searched.hits.iter().map(|hit| {
        json!({
            "path": hit.path,
            "line": hit.line,
            "column": hit.column,
            "kind": if hit.kind == Kind::Api { "api_key" } else { "management_key" },
            "masked": mask(hit.value.expose()),
            "verdict": verdicts.of(hit),
        })
    });
    json!({
        "found": found.collect::<Vec<_>>(),
        "files": searched.files,
        "bytes": searched.bytes,
        "binary": searched.binary,
        "too_large": searched.large,
        "failures": searched.failures,
    })
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "API key",
        Kind::Management => "management key",
    }
}

/// What the gateway says of a value, in a few words.
fn said(verdict: &Value) -> String {
    let text = |name: &str| verdict.get(name).and_then(Value::as_str);
    let Some(id) = text("id").or_else(|| text("known_as")) else {
        return " (not a key of this deployment)".to_owned();
    };
    let name = text("name").map(|name| format!(" {name:?}")).unwrap_or_default();
    match verdict.get("revoked").and_then(Value::as_bool) {
        Some(true) => format!(" ({id}{name}, revoked)"),
        _ => format!(" ({id}{name}, WORKS)"),
    }
}
