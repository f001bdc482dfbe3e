//! Starter prices and imports.

use serde_json::json;

use super::fixture::Deployment;

const IMPORT: &str = "/api/v1/prices/import";

#[tokio::test]
async fn the_starter_list_is_imported_once() {
    let deployment = Deployment::open().await;
    let starter = deployment.get("/api/v1/prices/starter").await.is(200);
    let count = starter["data"].as_array().unwrap().len();
    let dry = deployment.post(IMPORT, json!({"source": "starter", "dry_run": true})).await.is(200);
    assert_eq!((dry["set"].as_array().unwrap().len(), &dry["dry_run"]), (count, &json!(true)));
    assert_eq!(deployment.get("/api/v1/prices").await.is(200)["data"], json!([]));
    let some = json!({"source": "starter", "models": ["claude-*"]});
    let some = deployment.post(IMPORT, some).await.is(200);
    let claudes = some["set"].as_array().unwrap().len();
    assert!(claudes > 5 && claudes < count, "{claudes}");
    deployment.post(IMPORT, json!({"source": "starter"})).await.is(200);
    let again = deployment.post(IMPORT, json!({"source": "starter"})).await.is(200);
    assert_eq!((&again["set"], again["unchanged"].as_array().unwrap().len()), (&json!([]), count));
}

#[tokio::test]
async fn what_differs_is_told_and_replaced_only_when_asked() {
    let deployment = Deployment::open().await;
    deployment.put("/api/v1/prices/m", json!({"input": 1, "output": 2})).await.is(200);
    let data = r#"{"m": {"mode": "chat", "input_cost_per_token": 2.5e-09, "output_cost_per_token": 1e-06},
        "bad": {"mode": "rerank"}}"#;
    let send = async |more: &str| {
        let body = format!(r#"{{"source":"litellm","data":{data}{more}}}"#);
        deployment.send(http::Method::POST, IMPORT, &body).await
    };
    let kept = send("").await;
    assert!(kept.text.contains(r#""imported":{"input":0.0025,"output":1}"#), "{}", kept.text);
    assert_eq!(kept.json()["differs"][0]["replaced"], false);
    assert_eq!(kept.json()["skipped"][0]["model"], "bad");
    assert_eq!(deployment.get("/api/v1/prices/m").await.is(200)["input"], 1);
    assert_eq!(send(r#","overwrite":true"#).await.is(200)["differs"][0]["replaced"], true);
    assert_eq!(deployment.get("/api/v1/prices/m").await.is(200)["input"], 0.0025);
    assert_eq!(send("").await.is(200)["unchanged"], json!(["m"]));
}

#[tokio::test]
async fn bad_imports_are_refused_and_nothing_is_set() {
    let deployment = Deployment::open().await;
    for (body, named) in [
        (json!({}), "source"),
        (json!({"source": "web"}), "source"),
        (json!({"source": "litellm"}), "data"),
        (json!({"source": "litellm", "data": []}), "data"),
        (json!({"source": "new-api", "data": {}}), "data"),
        (json!({"source": "new-api", "data": {"data": [{"model": "x"}]}}), "data.data[0]"),
        (json!({"source": "starter", "data": {}}), "data"),
        (json!({"source": "starter", "models": "x"}), "models"),
        (json!({"source": "starter", "dry_run": 1}), "dry_run"),
    ] {
        let answer = deployment.post(IMPORT, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![named.to_owned()]),
            "{body}"
        );
    }
    assert_eq!(deployment.get("/api/v1/prices").await.is(200)["data"], json!([]));
}
