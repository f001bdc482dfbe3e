//! Gemini's embeddings, of one content or of a batch. Their answers carry no usage.

use serde_json::{Value, json};

use super::check::content as check_content;
use super::read::text;
use crate::provider::conversation::{self, Turn};
use crate::provider::legacy::vector;
use crate::provider::node::{Checked, Node};
use crate::provider::plan::Asked;
use crate::provider::reading;
use crate::provider::reply::Reply;
use crate::provider::steps::Step;

const DIMENSIONS: u64 = 768;

/// Finds what is wrong with a request, if anything.
pub(in crate::provider) fn check(root: &Node<'_>, batch: bool) -> Checked {
    if !batch {
        return one(root);
    }
    root.only(&["requests"])?;
    root.need("requests")?.items()?.iter().try_for_each(|request| {
        request.need("model")?.text()?;
        one(request)
    })
}

fn one(request: &Node<'_>) -> Checked {
    request.only(&["model", "content", "taskType", "title", "outputDimensionality"])?;
    check_content(&request.need("content")?)?;
    request.each_if_there(&["outputDimensionality"], |it| it.whole_from(1).map(drop))
}

/// Reads a request's body; the model stands in the path.
pub(in crate::provider) fn read(body: Value, model: &str) -> Asked {
    let turns: Vec<Turn> = requests(&body).map(|it| Turn::User(content(it))).collect();
    Asked {
        dialect: "gemini-embeddings",
        model: model.to_owned(),
        prompt: conversation::prompt(&turns),
        prompt_tokens: conversation::tokens(&turns),
        body,
        ..Asked::default()
    }
}

/// The answer's steps.
pub(in crate::provider) fn json_steps(reply: &Reply<'_>) -> Vec<Step> {
    let body = &reply.asked.body;
    let embed = |request: &Value| {
        let size = request.get("outputDimensionality").and_then(Value::as_u64);
        json!({"values": vector(&content(request), size.unwrap_or(DIMENSIONS))})
    };
    let embeddings: Vec<Value> = requests(body).map(embed).collect();
    let answer = if body.get("requests").is_some() {
        json!({"embeddings": embeddings})
    } else {
        json!({"embedding": embeddings.first()})
    };
    reply.document(&answer, None)
}

fn requests(body: &Value) -> impl Iterator<Item = &Value> {
    let batch = reading::list(body, "requests");
    let single = batch.is_empty().then_some(body);
    batch.iter().chain(single)
}

fn content(request: &Value) -> String {
    request.get("content").map(text).unwrap_or_default()
}
