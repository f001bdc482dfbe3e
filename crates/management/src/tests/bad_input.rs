//! Bad input on every route that writes: refused by name, with nothing stored.

use http::Method;

use super::fixture::Deployment;

/// A route that writes, and the fields that make a good body.
struct Write {
    method: Method,
    path: String,
    good: &'static [(&'static str, &'static str)],
    /// A field, a value as JSON text, and the field that the refusal names.
    bad: &'static [(&'static str, &'static str, &'static str)],
}

const TEXTS: &str = "1 true null [] {} \"\" \"  \" \"a\\u0000b\" \"\\ud800\"";
const AMOUNTS: &str = "-1 -0.000000001 \"-1\" \"NaN\" \"Infinity\" \"\" \"1,5\" \"0x10\" 1e308 0.0000000001 9223372036854775808 true [] {}";

const KEY: &[(&str, &str, &str)] = &[
    ("billing_method", "\"free\"", "billing_method"),
    ("billing_method", "null", "billing_method"),
    ("owner", "\"me\"", "owner"),
    ("owner", "\"usr_00000000000000000000000000000000\"", "owner"),
    ("permissions", "\"everything\"", "permissions"),
    ("permissions", "[\"chat\",1]", "permissions[1]"),
    ("permissions", "7", "permissions"),
    ("expires_at", "\"tomorrow\"", "expires_at"),
    ("expires_at", "\"2026-13-01T00:00:00Z\"", "expires_at"),
    ("expires_at", "\"2026-01-01\"", "expires_at"),
    ("expires_at", "-2", "expires_at"),
    ("expires_at", "1e308", "expires_at"),
    ("daily_limit", "5", "daily_limit"),
    ("daily_limit", "{\"amount\":-1}", "daily_limit.amount"),
    ("daily_limit", "{\"amount\":\"NaN\"}", "daily_limit.amount"),
    ("daily_limit", "{\"requests\":1.5}", "daily_limit.requests"),
    ("daily_limit", "{\"requests\":-1}", "daily_limit.requests"),
    ("daily_limit", "{\"requests\":\"5\"}", "daily_limit.requests"),
    ("monthly_limit", "{\"requests\":1e308}", "monthly_limit.requests"),
    ("monthly_limit", "{\"amonut\":1}", "monthly_limit.amonut"),
    ("monthly_limit", "{\"amount\":1,\"amoun\\u0074\":2}", "monthly_limit.amount"),
    ("soft_limit", "{\"window\":\"year\",\"amount\":1}", "soft_limit.window"),
    ("soft_limit", "{\"window\":\"day\"}", "soft_limit.amount"),
    ("max_tokens_per_request", "0", "max_tokens_per_request"),
    ("max_tokens_per_request", "-1", "max_tokens_per_request"),
    ("max_tokens_per_request", "1e308", "max_tokens_per_request"),
    ("rate_limits", "{\"parallel\":0}", "rate_limits.parallel"),
    ("rate_limits", "{\"requests_per_minute\":4294967296}", "rate_limits.requests_per_minute"),
    ("rate_limits", "{\"tokens_per_minute\":\"many\"}", "rate_limits.tokens_per_minute"),
    ("rate_limits", "[]", "rate_limits"),
    ("allowed_models", "\"gpt-5\"", "allowed_models"),
    ("allowed_models", "[\"gpt-5\",\"\"]", "allowed_models[1]"),
    ("allowed_models", "[\"gpt 5\"]", "allowed_models[0]"),
    ("ip_allowlist", "[\"10.0.0.0/8\",\"10.0.0.1/8\"]", "ip_allowlist[1]"),
    ("ip_allowlist", "[\"256.1.1.1\"]", "ip_allowlist[0]"),
    ("ip_allowlist", "[\"::/129\"]", "ip_allowlist[0]"),
    ("ip_allowlist", "[\"example.com\"]", "ip_allowlist[0]"),
    ("when_short", "\"sometimes\"", "when_short"),
    ("groups", "[\"nowhere\"]", "groups[0]"),
    ("groups", "[\"closed\"]", "groups[0]"),
    ("groups", "[\"default\",\"default\"]", "groups[1]"),
    ("groups", "[\"auto\",\"default\"]", "groups"),
    ("group", "\"nowhere\"", "groups[0]"),
    ("tags", "[\"a\",\"a\"]", "tags[1]"),
    ("tags", "\"a\"", "tags"),
    ("metadata", "[]", "metadata"),
    ("metadata", "{\"a\":1,\"a\":2}", "metadata.a"),
    ("metadata", "{\"a\":1e999}", "metadata"),
    ("rotation", "null", "rotation"),
];

const CHANNEL: &[(&str, &str, &str)] = &[
    ("provider", "\"closedai\"", "provider"),
    ("base_url", "\"api.example.com\"", "base_url"),
    ("base_url", "\"ftp://x\"", "base_url"),
    ("base_url", "\"https://user:pw@x\"", "base_url"),
    ("base_url", "\"https://x/?a=b\"", "base_url"),
    ("base_url", "\"http://169.254.169.254\"", "base_url"),
    ("base_url", "\"http://[::ffff:10.0.0.1]\"", "base_url"),
    ("base_url", "7", "base_url"),
    ("secret", "\"\"", "secret"),
    ("secret", "\"a\\r\\nHost: evil\"", "secret"),
    ("secret", "7", "secret"),
    ("secrets", "[]", "secrets"),
    ("models", "[]", "models"),
    ("models", "[\"a\",\"a\"]", "models[1]"),
    ("models", "[\"a b\"]", "models[0]"),
    ("models", "{\"a\":1}", "models.a"),
    ("models", "\"a\"", "models"),
    ("model_map", "{\"unlisted\":\"x\"}", "model_map.unlisted"),
    ("model_map", "[]", "model_map"),
    ("groups", "[\"nowhere\"]", "groups[0]"),
    ("groups", "[]", "groups"),
    ("priority", "1.5", "priority"),
    ("priority", "1e308", "priority"),
    ("weight", "-1", "weight"),
    ("weight", "\"1\"", "weight"),
    ("dialects", "[\"soap\"]", "dialects[0]"),
    ("headers", "{\"Authorization\":\"x\"}", "headers.Authorization"),
    ("headers", "{\"HOST\":\"x\"}", "headers.HOST"),
    ("headers", "{\"content-length\":\"0\"}", "headers.content-length"),
    ("headers", "{\"x-a\":\"b\\r\\nc: d\"}", "headers.x-a"),
    ("headers", "{\"x a\":\"b\"}", "headers.x a"),
    ("headers", "{\"x-a\":\"1\",\"X-A\":\"2\"}", "headers.X-A"),
    ("timeouts", "{\"total_ms\":0}", "timeouts.total_ms"),
    ("timeouts", "{\"total_ms\":-5}", "timeouts.total_ms"),
    ("timeouts", "{\"total\":5}", "timeouts.total"),
    ("ask_usage", "\"yes\"", "ask_usage"),
    ("tags", "{}", "tags"),
    ("disabled", "1", "disabled"),
    ("api_base", "\"https://evil\"", "api_base"),
];

const PRICE: &[(&str, &str, &str)] = &[
    ("cached_input", "-1", "cached_input"),
    ("output", "null", "output"),
    ("per_request", "\"NaN\"", "per_request"),
    ("context_window", "0", "context_window"),
    ("max_output", "-1", "max_output"),
    ("max_output", "1e308", "max_output"),
    ("image", "1000000.1", "image"),
    ("tiers", "{}", "tiers"),
    ("tiers", "[7]", "tiers[0]"),
    ("tiers", "[{\"input\":1}]", "tiers[0].above_input_tokens"),
    ("tiers", "[{\"above_input_tokens\":1,\"input\":-1}]", "tiers[0].input"),
    ("tiers", "[{\"above_input_tokens\":2},{\"above_input_tokens\":1}]", "tiers"),
    ("tiers", "[{\"above_input_tokens\":2,\"extra\":1}]", "tiers[0].extra"),
    ("currency", "\"EUR\"", "currency"),
];

const USER: &[(&str, &str, &str)] = &[
    ("email", "\"nobody\"", "email"),
    ("email", "\"a@b@c\"", "email"),
    ("email", "7", "email"),
    ("password", "\"short\"", "password"),
    ("role", "\"root\"", "role"),
    ("tier", "\"gold\"", "tier"),
    ("groups", "[]", "groups"),
    ("groups", "[\"nowhere\"]", "groups[0]"),
    ("credit", "\"infinite\"", "credit"),
    ("credited", "1000", "credited"),
];

fn writes(key: &str, user: &str, channel: &str) -> Vec<Write> {
    let write = |method, path: &str, good, bad| Write { method, path: path.to_owned(), good, bad };
    vec![
        write(Method::POST, "/v1/api-keys", &[("name", "\"k\"")], KEY),
        write(Method::PATCH, &format!("/v1/api-keys/{key}"), &[("name", "\"k\"")], KEY),
        write(Method::POST, "/api/v1/users", &[("name", "\"u\"")], USER),
        write(Method::PATCH, &format!("/api/v1/users/{user}"), &[("name", "\"u\"")], USER),
        write(
            Method::PATCH,
            &format!("/api/v1/users/{user}"),
            &[],
            &[("disabled", "\"no\"", "disabled")],
        ),
        write(
            Method::POST,
            "/api/v1/channels",
            &[
                ("name", "\"c\""),
                ("provider", "\"openai\""),
                ("base_url", "\"https://x.example\""),
                ("secret", "\"s\""),
                ("models", "[\"m\"]"),
            ],
            CHANNEL,
        ),
        write(Method::PATCH, &format!("/api/v1/channels/{channel}"), &[("name", "\"c\"")], CHANNEL),
        write(Method::PUT, "/api/v1/prices/m", &[("input", "1"), ("output", "2")], PRICE),
        write(
            Method::POST,
            "/api/v1/management-keys",
            &[("name", "\"m\""), ("scopes", "[\"keys:read\"]")],
            &[
                ("scopes", "[]", "scopes"),
                ("scopes", "[\"everything\"]", "scopes[0]"),
                ("scopes", "\"keys:read\"", "scopes"),
                ("expires_at", "\"soon\"", "expires_at"),
                ("owner", "\"usr_x\"", "owner"),
                ("role", "\"owner\"", "role"),
            ],
        ),
    ]
}

#[tokio::test]
async fn bad_fields_are_named_and_nothing_is_stored() {
    let deployment = Deployment::open().await;
    let (key, user, channel) = furnish(&deployment).await;
    let before = everything(&deployment).await;
    for write in writes(&key, &user, &channel) {
        for (field, value, named) in write.bad {
            // The fields that take each other's place.
            let stands_for = |name: &str| {
                name == *field
                    || (name == "secret" && *field == "secrets")
                    || (name == "secrets" && *field == "secret")
            };
            let good = write.good.iter().filter(|(name, _)| !stands_for(name));
            let body = object(good.chain([&(*field, *value)]));
            refused(&deployment, &write.method, &write.path, &body, named).await;
        }
    }
    assert_eq!(everything(&deployment).await, before);
}

#[tokio::test]
async fn bad_texts_and_amounts_are_refused_everywhere() {
    let deployment = Deployment::open().await;
    let (key, user, channel) = furnish(&deployment).await;
    let before = everything(&deployment).await;
    let long = format!("\"{}\"", "x".repeat(101));
    for write in writes(&key, &user, &channel)
        .iter()
        .filter(|write| write.good.iter().any(|(name, _)| *name == "name"))
    {
        let texts = TEXTS.split(' ').filter(|text| *text != "\"").chain(["\"  \"", long.as_str()]);
        for text in texts.filter(|text| !text.is_empty()) {
            let good = write.good.iter().filter(|(name, _)| *name != "name");
            let body = object(good.chain([&("name", text)]));
            refused(&deployment, &write.method, &write.path, &body, "name").await;
        }
    }
    let topups = format!("/api/v1/users/{user}/topups");
    let key_path = format!("/v1/api-keys/{key}");
    for amount in AMOUNTS.split(' ') {
        for (method, path, field, rest) in [
            (Method::POST, "/v1/api-keys", "quota", "\"name\":\"k\","),
            (Method::PATCH, key_path.as_str(), "quota", ""),
            (Method::POST, topups.as_str(), "amount", ""),
            (Method::PUT, "/api/v1/prices/m", "input", "\"output\":1,"),
            (Method::PUT, "/api/v1/groups/g", "multiplier", ""),
        ] {
            refused(&deployment, &method, path, &format!("{{{rest}\"{field}\":{amount}}}"), field)
                .await;
        }
    }
    for amount in ["0", "\"0\"", "null", "1e-10"] {
        refused(&deployment, &Method::POST, &topups, &format!("{{\"amount\":{amount}}}"), "amount")
            .await;
    }
    for (body, field) in [
        (r#"{"quota_delta":1}"#, "quota_delta"),
        (r#"{"quota":1,"quota_delta":1}"#, "quota_delta"),
        (r#"{"quota_delta":1e308}"#, "quota_delta"),
        (r#"{"key":"sk-x"}"#, "key"),
    ] {
        refused(&deployment, &Method::PATCH, &key_path, body, field).await;
    }
    for name in ["auto", "a,b", "a%2Fb", "%20", "%00", "%FF"] {
        refused(
            &deployment,
            &Method::PUT,
            &format!("/api/v1/groups/{name}"),
            r#"{"multiplier":1}"#,
            "name",
        )
        .await;
    }
    assert_eq!(everything(&deployment).await, before);
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let deployment = Deployment::open().await;
    let (key, user, channel) = furnish(&deployment).await;
    let before = everything(&deployment).await;
    let deep = format!("{{\"metadata\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for write in writes(&key, &user, &channel) {
        let good = object(write.good.iter());
        for (body, status) in [
            ("{", 400),
            ("[]", 400),
            ("\"x\"", 400),
            ("{\"name\":NaN}", 400),
            ("{\"name\":1,}", 400),
            ("{} {}", 400),
            ("{\"name\":'x'}", 400),
            (deep.as_str(), 400),
        ] {
            let answer = deployment.send(write.method.clone(), &write.path, body).await;
            assert_eq!(
                answer.status.as_u16(),
                status,
                "{} {} {body}: {}",
                write.method,
                write.path,
                answer.text
            );
            assert_eq!(answer.code(), "malformed_json");
        }
        let send = async |body: &str, kind: &str| {
            let headers = [("content-type", kind)];
            deployment
                .send_as(
                    &deployment.management_key,
                    write.method.clone(),
                    &write.path,
                    body,
                    &headers,
                )
                .await
        };
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
        ] {
            assert_eq!(send(&good, kind).await.status.as_u16(), 415, "{kind}");
        }
        let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
        assert_eq!(send(&large, "application/json").await.status.as_u16(), 413);
        let twice = r#"{"name":"a","n\u0061me":"b"}"#;
        let answer = send(twice, "application/json").await;
        assert_eq!((answer.status.as_u16(), answer.fields()), (422, vec!["name".to_owned()]));
    }
    assert_eq!(everything(&deployment).await, before);
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let deployment = Deployment::open().await;
    let body = r#"{"quota":-1,"expires_at":"soon","ip_allowlist":["x"],"daily_limit":{"amount":-1},"colour":"red"}"#;
    let answer = deployment.send(Method::POST, "/v1/api-keys", body).await;
    let named = ["name", "expires_at", "quota", "daily_limit.amount", "ip_allowlist[0]", "colour"];
    assert_eq!(answer.fields(), named);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn bad_queries_are_named() {
    let deployment = Deployment::open().await;
    for (path, named) in [
        ("/v1/api-keys?limit=0", "limit"),
        ("/v1/api-keys?limit=201", "limit"),
        ("/v1/api-keys?limit=-1", "limit"),
        ("/v1/api-keys?cursor=x", "cursor"),
        ("/v1/api-keys?status=fine", "status"),
        ("/v1/api-keys?sort=price", "sort"),
        ("/v1/api-keys?statos=active", "statos"),
        ("/v1/api-keys?q=a&q=b", "q"),
        ("/v1/usage?by=moon", "by"),
        ("/v1/usage?since=yesterday", "since"),
        ("/v1/usage?key_id=1", "key_id"),
        ("/api/v1/calls?status=99", "status"),
        ("/api/v1/calls?channel_id=x", "channel_id"),
        ("/api/v1/users?q=%00", "q"),
    ] {
        let answer = deployment.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![named.to_owned()]),
            "{path}"
        );
    }
    deployment
        .get("/v1/api-keys?limit=50&cursor=&q=&status=&model=&group=&tag=&owner=&sort=-created_at")
        .await
        .is(200);
}

async fn refused(deployment: &Deployment, method: &Method, path: &str, body: &str, named: &str) {
    let answer = deployment.send(method.clone(), path, body).await;
    let what = format!("{method} {path} {body}: {} {}", answer.status, answer.text);
    assert_eq!(answer.status.as_u16(), 422, "{what}");
    assert!(answer.fields().iter().any(|field| field == named), "{named} in {what}");
}

async fn furnish(deployment: &Deployment) -> (String, String, String) {
    let id = |made: serde_json::Value| made["id"].as_str().unwrap().to_owned();
    let user = deployment.member("1").await;
    deployment.put("/api/v1/groups/closed", serde_json::json!({"multiplier": 1})).await.is(200);
    let key = deployment.post("/v1/api-keys", serde_json::json!({"name": "first"})).await.is(201);
    let channel = serde_json::json!({"name": "first", "provider": "openai", "base_url": "https://x.example",
        "secret": "s", "models": ["m"]});
    let channel = deployment.post("/api/v1/channels", channel).await.is(201);
    (id(key), user, id(channel))
}

async fn everything(deployment: &Deployment) -> Vec<String> {
    let mut all = Vec::new();
    for path in [
        "/v1/api-keys",
        "/api/v1/users",
        "/api/v1/channels",
        "/api/v1/prices",
        "/api/v1/groups",
        "/api/v1/management-keys",
    ] {
        let answer = deployment.get(path).await;
        answer.is(200);
        all.push(answer.text);
    }
    all
}

fn object<'a>(fields: impl Iterator<Item = &'a (&'a str, &'a str)>) -> String {
    let fields: Vec<String> = fields.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}
