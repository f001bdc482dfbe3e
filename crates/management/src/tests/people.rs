//! Logging in, the second factor, links, redemption codes, tiers, the audit log.

use domain::base32;
use domain::id::UserId;
use domain::totp;
use http::Method;
use serde_json::{Value, json};

use super::fixture::{Answer, Deployment};

const PASSWORD: &str = "correct horse battery";

/// A browser that somebody is logged in with.
struct Browser<'a> {
    deployment: &'a Deployment,
    cookie: String,
}

impl Browser<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        let body = if method == Method::GET { String::new() } else { body.to_string() };
        let headers = [("cookie", self.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        self.deployment.send_as("", method, path, &body, &headers).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Value::Null).await
    }
}

impl Deployment {
    async fn person(&self, name: &str) -> UserId {
        let email = format!("{name}@example.org");
        let body = json!({"name": name, "email": email, "password": PASSWORD});
        self.post("/api/v1/users", body).await.is(201)["id"].as_str().unwrap().parse().unwrap()
    }

    async fn try_log_in(&self, body: Value) -> Answer {
        self.send_as("", Method::POST, "/api/v1/sessions", &body.to_string(), &[]).await
    }

    async fn log_in(&self, login: &str) -> Browser<'_> {
        let answer = self.try_log_in(json!({"login": login, "password": PASSWORD})).await;
        answer.is(201);
        self.browser(&answer)
    }

    fn browser(&self, answer: &Answer) -> Browser<'_> {
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        Browser { deployment: self, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    async fn actions(&self) -> Vec<String> {
        let rows = self.get("/api/v1/audit?limit=200").await.is(200);
        let rows = rows["data"].as_array().unwrap().clone();
        rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_person_logs_in_and_out() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let answer =
        deployment.try_log_in(json!({"login": "ADA@example.org", "password": PASSWORD})).await;
    let made = answer.is(201);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("tollkeeper_session=") && !cookie.contains("Secure"), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/")
    );
    let first = deployment.browser(&answer);
    let second = deployment.log_in("ada").await;
    assert_eq!(first.get("/api/v1/me").await.is(200)["name"], "ada");
    let list = second.get("/api/v1/sessions").await.is(200);
    let current: Vec<bool> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["current"].as_bool().unwrap())
        .collect();
    assert_eq!(current, [true, false]);
    // One's other session, then one's own.
    let path = format!("/api/v1/sessions/{}", made["id"].as_str().unwrap());
    second.ask(Method::DELETE, &path, json!({})).await.is(200);
    assert_eq!(first.get("/api/v1/me").await.code(), "session_ended");
    let out = second.ask(Method::DELETE, "/api/v1/sessions/current", json!({})).await;
    out.is(200);
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(second.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn the_cookie_is_guarded_over_https() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let body = json!({"login": "ada", "password": PASSWORD}).to_string();
    let headers = [("origin", "https://gate.example"), ("host", "gate.example")];
    let answer = deployment.send_as("", Method::POST, "/api/v1/sessions", &body, &headers).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-tollkeeper_session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"));
    deployment.browser(&answer).get("/api/v1/me").await.is(200);
    let elsewhere = [("origin", "https://evil.example"), ("host", "gate.example")];
    let refused = deployment.send_as("", Method::POST, "/api/v1/sessions", &body, &elsewhere).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "cross_origin".to_owned()));
}

#[tokio::test]
async fn guesses_wait_and_say_nothing() {
    let deployment = Deployment::open().await;
    let ada = deployment.person("ada").await;
    let wrong = |login: &str| json!({"login": login, "password": "wrong"});
    let known = deployment.try_log_in(wrong("ada")).await;
    let unknown = deployment.try_log_in(wrong("nobody")).await;
    assert_eq!((known.status.as_u16(), &known.text), (401, &unknown.text));
    for _ in 0..4 {
        assert_eq!(deployment.try_log_in(wrong("ada")).await.code(), "wrong_credentials");
    }
    // The right password waits too.
    let waits = deployment.try_log_in(json!({"login": "ada", "password": PASSWORD})).await;
    assert_eq!((waits.status.as_u16(), waits.code()), (429, "too_many_attempts".to_owned()));
    assert!(waits.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    let rows = deployment.get("/api/v1/audit?action=sessions.refused").await.is(200);
    let objects: Vec<&str> = rows["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["object"].as_str().unwrap())
        .collect();
    let ada = ada.to_string();
    assert_eq!(objects, [&ada, &ada, &ada, &ada, "", ada.as_str()]);
    // Others log in meanwhile, and a reset lets in again.
    deployment.person("bob").await;
    deployment.log_in("bob").await;
}

#[tokio::test]
async fn one_time_codes_work_once() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let browser = deployment.log_in("ada").await;
    let enrolment = browser.post("/api/v1/me/totp", json!({})).await.is(200);
    let secret = base32::decode(enrolment["secret"].as_str().unwrap()).unwrap();
    assert!(
        enrolment["url"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/Tollkeeper:ada@example.org?secret=")
    );
    // Not in force before it is confirmed.
    deployment.log_in("ada").await;
    assert_eq!(
        browser.post("/api/v1/me/totp/confirm", json!({"code": "000"})).await.fields(),
        ["code"]
    );
    let step = totp::step(deployment.gateway.ledger.now());
    let code = |offset: i64| totp::code(&secret, step + offset);
    let confirmed = browser.post("/api/v1/me/totp/confirm", json!({"code": code(0)})).await.is(200);
    let recovery: Vec<&str> = confirmed["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    assert_eq!(recovery.len(), 10);
    let log_in = async |code: Value| {
        deployment.try_log_in(json!({"login": "ada", "password": PASSWORD, "code": code})).await
    };
    assert_eq!(log_in(json!(null)).await.code(), "code_required");
    assert_eq!(log_in(json!(code(0))).await.code(), "wrong_code");
    let next = log_in(json!(code(1))).await;
    next.is(201);
    assert_eq!(log_in(json!(code(1))).await.code(), "wrong_code");
    log_in(json!(recovery[3].to_lowercase().replace('-', " "))).await.is(201);
    assert_eq!(log_in(json!(recovery[3])).await.code(), "wrong_code");
    let me = browser.get("/api/v1/me").await.is(200);
    assert_eq!((&me["totp"], &me["recovery_codes"]), (&json!(true), &json!(9)));
    // Keys are counted unless that is not wanted.
    assert_eq!(me["keys"], 0);
    assert_eq!(browser.get("/api/v1/me?keys=false").await.is(200)["keys"], Value::Null);
    assert_eq!(browser.get("/api/v1/me?keys=some").await.fields(), ["keys"]);
    // New codes end the earlier ones; without the second factor there are none.
    browser.post("/api/v1/me/recovery-codes", json!({})).await.is(200);
    assert_eq!(log_in(json!(recovery[4])).await.code(), "wrong_code");
    browser.ask(Method::DELETE, "/api/v1/me/totp", json!({})).await.is(200);
    assert_eq!(browser.post("/api/v1/me/recovery-codes", json!({})).await.code(), "totp_off");
    assert_eq!(
        browser.post("/api/v1/me/totp/confirm", json!({"code": "1"})).await.code(),
        "nothing_to_confirm"
    );
    deployment.log_in("ada").await;
}

#[tokio::test]
async fn a_link_sets_a_password_once() {
    let deployment = Deployment::open().await;
    let made = deployment.post("/api/v1/users", json!({"name": "Ada"})).await.is(201);
    let token = made["invite_url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    let set_up = async |body: Value| {
        deployment.send_as("", Method::POST, "/api/v1/setup", &body.to_string(), &[]).await
    };
    let body = json!({"token": token, "password": PASSWORD, "email": "ada@example.org"});
    assert_eq!(set_up(json!({"token": token, "password": "short"})).await.fields(), ["password"]);
    let used = set_up(body.clone()).await;
    assert_eq!(used.is(200)["signed_in"], true);
    assert_eq!(
        deployment.browser(&used).get("/api/v1/me").await.is(200)["email"],
        "ada@example.org"
    );
    assert_eq!(set_up(body).await.code(), "link_unusable");
    // A reset: the password and the sessions end, the link lets in again.
    let browser = deployment.log_in("ada@example.org").await;
    let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
    let reset = deployment.post(&format!("{path}/reset"), json!({})).await.is(200);
    assert_eq!(browser.get("/api/v1/me").await.code(), "session_ended");
    let old = deployment.try_log_in(json!({"login": "Ada", "password": PASSWORD})).await;
    assert_eq!(old.code(), "wrong_credentials");
    let token = reset["reset_url"].as_str().unwrap().split_once('#').unwrap().1;
    deployment.patch(&path, json!({"disabled": true})).await.is(200);
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(set_up(body.clone()).await.code(), "user_disabled");
    deployment.patch(&path, json!({"disabled": false})).await.is(200);
    set_up(body).await.is(200);
    deployment.log_in("Ada").await;
}

#[tokio::test]
async fn a_password_is_changed_and_proved() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let (browser, other) = (deployment.log_in("ada").await, deployment.log_in("ada").await);
    let change =
        |current: &str| json!({"current_password": current, "new_password": "another one"});
    assert_eq!(
        browser.post("/api/v1/me/password", change("wrong")).await.code(),
        "wrong_credentials"
    );
    browser.post("/api/v1/me/password", change(PASSWORD)).await.is(200);
    assert_eq!(other.get("/api/v1/me").await.code(), "session_ended");
    let path = "/api/v1/sessions/current/proof";
    assert_eq!(browser.post(path, json!({"password": PASSWORD})).await.code(), "wrong_credentials");
    browser.post(path, json!({"password": "another one"})).await.is(200);
    let profile = json!({"language": "zh-CN", "theme": "dark", "name": "Ada L."});
    let me = browser.ask(Method::PATCH, "/api/v1/me", profile).await.is(200);
    assert_eq!(
        (&me["language"], &me["theme"], &me["name"]),
        (&json!("zh-CN"), &json!("dark"), &json!("Ada L."))
    );
    let wrong = json!({"language": "xx", "role": "owner"});
    assert_eq!(
        browser.ask(Method::PATCH, "/api/v1/me", wrong).await.fields(),
        ["language", "role"]
    );
}

#[tokio::test]
async fn codes_raise_the_balance_of_whoever_redeems_them() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let body = json!({"amount": "2.5", "count": 3, "note": "gift"});
    let key = [("idempotency-key", "codes")];
    let send = async || {
        let text = body.to_string();
        let key_of = &deployment.management_key;
        deployment.send_as(key_of, Method::POST, "/api/v1/redemption-codes", &text, &key).await
    };
    let made = send().await.is(201);
    assert!(send().await.is(201)["data"][0]["code"].is_null());
    let value = |n: usize| made["data"][n]["code"].as_str().unwrap();
    let browser = deployment.log_in("ada").await;
    let redeem =
        async |code: &str| browser.post("/api/v1/me/redemptions", json!({"code": code})).await;
    assert_eq!(redeem(&value(0).to_lowercase()).await.is(201)["balance"], json!(2.5));
    assert_eq!(redeem(value(0)).await.code(), "code_unusable");
    let path = format!("/api/v1/redemption-codes/{}", made["data"][1]["id"].as_str().unwrap());
    deployment.delete(&path).await.is(200);
    assert_eq!(redeem(value(1)).await.code(), "code_unusable");
    for _ in 0..5 {
        assert_eq!(redeem("AAAA-BBBB").await.code(), "unknown_code");
    }
    assert_eq!(redeem(value(2)).await.code(), "too_many_attempts");
    let list = deployment.get("/api/v1/redemption-codes").await;
    let status: Vec<Value> =
        list.is(200)["data"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    for expected in ["open", "redeemed", "revoked"] {
        assert!(status.contains(&json!(expected)), "{status:?}");
    }
    assert!(!list.text.contains(value(2)));
}

#[tokio::test]
async fn tiers_are_editable() {
    let deployment = Deployment::open().await;
    let set = deployment.put("/api/v1/tiers", json!({"standard": {"key_limit": 3}})).await.is(200);
    assert_eq!(set["data"][0], json!({"name": "standard", "key_limit": 3}));
    assert_eq!(set["data"][2], json!({"name": "enterprise", "key_limit": null}));
    let user = deployment.post("/api/v1/users", json!({"name": "Ada"})).await.is(201);
    assert_eq!(user["key_allowance"], json!(3));
    // One's own account says how many keys count: those that are revoked or deleted do not.
    let owner = deployment.get("/api/v1/me").await.is(200)["keys"].clone();
    assert_eq!(owner, json!(0));
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let made = deployment.post("/v1/api-keys", json!({"name": name})).await.is(201);
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    deployment.post(&format!("/v1/api-keys/{}/revoke", ids[0]), json!({})).await.is(200);
    let deleting = json!({"action": "delete", "ids": [ids[1]]});
    deployment.post("/v1/api-keys/actions", deleting).await.is(200);
    assert_eq!(deployment.get("/api/v1/me").await.is(200)["keys"], json!(1));
    let refused =
        deployment.put("/api/v1/tiers", json!({"gold": {}, "standard": {"key_limit": -1}})).await;
    assert_eq!(refused.fields(), ["standard.key_limit", "gold"]);
}

#[tokio::test]
async fn every_write_is_in_the_audit_log_and_nothing_secret() {
    let deployment = Deployment::open().await;
    deployment.person("ada").await;
    let browser = deployment.log_in("ada").await;
    let made = browser.post("/v1/api-keys", json!({"name": "mine", "quota": 5})).await.is(201);
    browser.post("/v1/api-keys", json!({"name": ""})).await;
    browser.get("/v1/api-keys").await.is(200);
    deployment.put("/api/v1/groups/vip", json!({"multiplier": 1.5})).await.is(200);
    let id = made["id"].as_str().unwrap();
    browser.post(&format!("/v1/api-keys/{id}/disable"), json!({})).await.is(200);
    let actions = deployment.actions().await;
    let expected =
        ["api-keys.disable", "groups.set", "api-keys.create", "sessions.create", "users.create"];
    assert_eq!(actions, expected);
    let log = deployment.get("/api/v1/audit").await;
    let rows = log.is(200);
    assert_eq!(
        (&rows["data"][2]["object"], &rows["data"][2]["summary"]),
        (&json!(id), &json!("name=mine, quota=5"))
    );
    assert!(rows["data"][2]["via"].as_str().unwrap().starts_with("ses_"));
    assert_eq!(rows["data"][1]["actor"], json!(deployment.owner));
    assert_eq!(rows["data"][1]["object"], json!("vip"));
    assert!(rows["data"][1]["via"].as_str().unwrap().starts_with("mgk_"));
    assert!(!log.text.contains(PASSWORD) && !log.text.contains(made["key"].as_str().unwrap()));
    let report = deployment.get("/api/v1/audit/verify").await.is(200);
    assert_eq!(
        (&report["sound"], &report["rows"], &report["hash"]),
        (&json!(true), &json!(5), &rows["data"][0]["hash"])
    );
}

/// A request that is repeated under its Idempotency-Key does nothing, and is in the log once.
#[tokio::test]
async fn a_repeated_request_is_one_row() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "Ada"}).to_string();
    for _ in 0..3 {
        let key = [("idempotency-key", "one")];
        let answer = deployment
            .send_as(&deployment.management_key, Method::POST, "/api/v1/users", &body, &key)
            .await;
        answer.is(201);
    }
    assert_eq!(deployment.actions().await, ["users.create"]);
}
