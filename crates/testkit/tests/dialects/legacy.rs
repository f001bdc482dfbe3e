//! OpenAI's older routes.

use serde_json::json;

use super::stage::Stage;

const COMPLETIONS: &str = "/v1/completions";
const EMBEDDINGS: &str = "/v1/embeddings";

#[tokio::test]
async fn completions_in_json_and_streams() -> anyhow::Result<()> {
    let stage = Stage::scripted(json!({"output_tokens": 20})).await?;
    let mut body = json!({"model": "m", "prompt": "Once upon a time", "user": "a"});
    let answer = stage.post(COMPLETIONS, &body).await?;
    assert_eq!(answer["object"], "text_completion");
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 16);
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body["max_tokens"] = json!(2);
    let events = stage.events(COMPLETIONS, &body).await?;
    assert_eq!(events[0].json()["choices"][0]["text"], "Hello! ");
    assert_eq!(events[3].json()["usage"]["completion_tokens"], 2);
    assert_eq!(events[4].data, "[DONE]");
    assert_eq!(stage.books()?.by_call("a").len(), 2);
    Ok(())
}

#[tokio::test]
async fn embeddings_as_numbers_and_in_base64() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let mut body = json!({"model": "m", "input": ["one two", "three"], "dimensions": 4});
    let answer = stage.post(EMBEDDINGS, &body).await?;
    assert_eq!(answer["data"][1]["embedding"].as_array().unwrap().len(), 4);
    assert_eq!(answer["usage"], json!({"prompt_tokens": 9, "total_tokens": 9}));
    body["encoding_format"] = json!("base64");
    let answer = stage.post(EMBEDDINGS, &body).await?;
    // Sixteen bytes.
    assert_eq!(answer["data"][0]["embedding"].as_str().unwrap().len(), 24);
    assert_eq!(stage.provider.totals().tokens.prompt, 18);
    Ok(())
}

#[tokio::test]
async fn refuse_what_openai_refuses() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let wrong = [
        (COMPLETIONS, json!({"model": "m"}), "Missing required parameter: 'prompt'."),
        (COMPLETIONS, json!({"model": "m", "prompt": "x", "messages": []}), "'messages'"),
        (EMBEDDINGS, json!({"model": "m", "input": []}), "cannot be an empty array"),
        (EMBEDDINGS, json!({"input": "x"}), "Missing required parameter: 'model'."),
        (EMBEDDINGS, json!({"model": "m", "input": "x", "encoding_format": "hex"}), "'hex'"),
    ];
    for (path, body, expected) in wrong {
        let message = stage.refused(path, &body).await?;
        assert!(message.contains(expected), "{body}: {message}");
    }
    Ok(())
}
