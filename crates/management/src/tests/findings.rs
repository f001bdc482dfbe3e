//! Findings: listed page by page, fixed through the routes of keys, put aside.

use domain::id::UserId;
use domain::scope::Scope;
use domain::time::UnixMillis;
use domain::window::Window;
use http::Method;
use serde_json::{Value, json};
use store::counter::{Counter, CounterChange, Subject};

use super::fixture::Deployment;

async fn key(deployment: &Deployment, fields: Value) -> String {
    let made = deployment.post("/v1/api-keys", fields).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn findings_are_paged_without_loss_or_repetition() {
    let deployment = Deployment::open().await;
    let mut busy = Vec::new();
    for n in 0..7 {
        let id = key(&deployment, json!({"name": format!("k{n}")})).await;
        // Of the calls of some there are so many that few of these keys are read at once.
        if n % 3 != 0 {
            let add = Counter { requests: 100_000, ..Counter::default() };
            let (window, starts_at) = (Window::Total, UnixMillis::new(0));
            let subject = Subject::Key(id.parse().unwrap());
            busy.push(CounterChange { subject, window, starts_at, add });
        }
    }
    let mut transaction = deployment.gateway.database.begin().await.unwrap();
    transaction.add_to_counters(&busy).await.unwrap();
    transaction.commit().await.unwrap();
    let all = ids(&deployment.get("/api/v1/findings?limit=200").await.is(200));
    assert_eq!(all.len(), 21, "no expiry, no allowlist, no limit: {all:?}");
    for limit in [1, 2, 3, 5, 20, 21] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                deployment.get(&format!("/api/v1/findings?limit={limit}{cursor}")).await.is(200);
            seen.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, all, "limit {limit}");
    }
    let medium = ids(&deployment.get("/api/v1/findings?severity=medium").await.is(200));
    assert!(medium.len() == 7 && medium.iter().all(|id| id.starts_with("no_limit.")));
    let kind = ids(&deployment.get("/api/v1/findings?kind=no_expiry&limit=3").await.is(200));
    assert!(kind.len() == 3 && kind.iter().all(|id| id.starts_with("no_expiry.key_")));
    for query in ["kind=odd", "severity=odd", "period=year", "cursor=odd", "dismissed=odd", "x=1"] {
        let answer = deployment.get(&format!("/api/v1/findings?{query}")).await;
        assert_eq!(answer.status.as_u16(), 422, "{query}");
    }
}

#[tokio::test]
async fn a_fix_is_in_force_when_it_is_answered() {
    let deployment = Deployment::open().await;
    let id = key(&deployment, json!({"name": "k"})).await;
    let fix = async |kind: &str, fix: &str| {
        deployment.post(&format!("/api/v1/findings/{kind}.{id}/fix"), json!({"fix": fix})).await
    };
    let fixed = fix("no_limit", "set_limit").await.is(200);
    assert_eq!(fixed["key"]["daily_limit"]["amount"], json!(1));
    assert_eq!(fix("no_limit", "set_limit").await.code(), "finding_gone");
    let fixed = fix("no_expiry", "set_expiry").await.is(200);
    assert!(fixed["key"]["expires_at"].is_string(), "{fixed}");
    // Nothing was seen yet that could be allowed.
    let answer = fix("no_ip_allowlist", "set_allowlist").await;
    assert_eq!((answer.status.as_u16(), answer.fields()), (422, vec!["fix".to_owned()]));
    let left = ids(&deployment.get("/api/v1/findings").await.is(200));
    assert_eq!(left, [format!("no_ip_allowlist.{id}")]);
    assert_eq!(fix("unused", "disable").await.code(), "finding_gone");
    for path in ["odd", "no_limit", "no_limit.key_1", "odd.key_00000000000000000000000000000000"] {
        let path = format!("/api/v1/findings/{path}/fix");
        let answer = deployment.post(&path, json!({"fix": "x"})).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_put_aside_is_not_listed() {
    let deployment = Deployment::open().await;
    let id = key(&deployment, json!({"name": "k"})).await;
    let path = format!("/api/v1/findings/no_expiry.{id}/dismiss");
    let put = deployment.send(Method::POST, &path, "").await.is(200);
    assert_eq!((&put["dismissed"], &put["until"]), (&json!(true), &Value::Null));
    let count = async |query: &str| {
        ids(&deployment.get(&format!("/api/v1/findings?{query}")).await.is(200)).len()
    };
    assert_eq!((count("").await, count("dismissed=true").await), (2, 3));
    let put = deployment.post(&path, json!({"until": "2020-01-01T00:00:00Z"})).await.is(200);
    assert_eq!((put["dismissed"].clone(), count("").await), (json!(false), 3));
    let wrong = deployment.post(&path, json!({"until": "soon"})).await;
    assert_eq!(wrong.fields(), ["until"]);
}

#[tokio::test]
async fn a_member_sees_and_fixes_only_their_own() {
    let deployment = Deployment::open().await;
    let (own, other) = (deployment.member("1").await, deployment.member("1").await);
    let credential = deployment.management_key(own.parse::<UserId>().unwrap(), Scope::ALL).await;
    let mine = key(&deployment, json!({"name": "m", "owner": own})).await;
    let theirs = key(&deployment, json!({"name": "o", "owner": other})).await;
    let ask = async |method: Method, path: &str, body: &str| {
        deployment.send_as(&credential, method, path, body, &[]).await
    };
    let listed = ids(&ask(Method::GET, "/api/v1/findings", "").await.is(200));
    assert!(listed.len() == 3 && listed.iter().all(|id| id.ends_with(&mine)), "{listed:?}");
    let others = ask(Method::GET, &format!("/api/v1/findings?owner={other}"), "").await.is(200);
    assert_eq!(others["data"], json!([]));
    for (what, body) in [("fix", r#"{"fix":"set_limit"}"#), ("dismiss", "{}")] {
        let path = format!("/api/v1/findings/no_limit.{theirs}/{what}");
        assert_eq!(ask(Method::POST, &path, body).await.status.as_u16(), 404, "{what}");
        let path = format!("/api/v1/findings/no_limit.{mine}/{what}");
        assert_eq!(ask(Method::POST, &path, body).await.status.as_u16(), 200, "{what}");
    }
}
