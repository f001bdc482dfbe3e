//! Alerts: raised within seconds, told once, sent signed until they arrive, seen by whom they concern.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::Client;

use crate::receivers::mail::MailServer;
use crate::receivers::webhook::{Reply, Webhook};
use crate::stage::{PROMPT_TOKENS, Stage, cost, eventually, request, scripted};

fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// A client with a management key of the scene's member, who may do everything with what is theirs.
async fn member(stage: &Stage) -> anyhow::Result<Client> {
    let scopes = ["keys:read", "keys:write", "alerts:read", "alerts:write", "usage:read"];
    let body = json!({"name": "member's", "owner": stage.user, "scopes": scopes});
    let made = stage.management.post_json("/api/v1/management-keys", &body).await?;
    let made = made.success()?.json()?;
    stage.client.bearer(made["key"].as_str().context("no key")?)
}

/// A webhook of a client's; its id and its secret.
async fn hook(client: &Client, url: &str) -> anyhow::Result<(String, String)> {
    let body = json!({"name": "hook", "kind": "webhook", "address": url});
    let made = client.post_json("/api/v1/alert-destinations", &body).await?.success()?.json()?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).context("a field is missing");
    Ok((text("id")?, text("secret")?))
}

async fn listed(client: &Client, query: &str) -> anyhow::Result<Vec<Value>> {
    let page = client.get(&format!("/api/v1/alerts?{query}")).await?.success()?.json()?;
    Ok(page["data"].as_array().cloned().unwrap_or_default())
}

/// Waits for the first alert that the query finds.
async fn alert(client: &Client, query: &str) -> anyhow::Result<Value> {
    eventually(&format!("{query} is there"), async || Ok(!listed(client, query).await?.is_empty()))
        .await?;
    listed(client, query).await?.into_iter().next().context("no alert")
}

async fn deliveries(client: &Client, id: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/api/v1/alert-destinations/{id}/deliveries");
    let page = client.get(&path).await?.success()?.json()?;
    Ok(page["data"].as_array().cloned().unwrap_or_default())
}

/// The whole way: a soft limit is crossed, its owner's webhook hears of it once, signed, with the
/// figures, and nothing that is secret.
#[tokio::test]
async fn a_soft_limit_is_told_once_and_signed() -> anyhow::Result<()> {
    let limit = json!({"soft_limit": {"window": "month", "amount": "0.000001"}});
    let stage = Stage::with_key(limit).await?;
    let (member, webhook) = (member(&stage).await?, Webhook::start(&[]).await?);
    let (id, secret) = hook(&member, &webhook.url).await?;
    for _ in 0..3 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let received = webhook.wait_for("alert.raised", 1).await?.remove(0);
    received.verify(&secret, seconds())?;
    ensure!(received.verify(&secret, seconds() + 3_600).is_err(), "a replay is taken");
    ensure!(received.verify("whsec_AAAA", seconds()).is_err(), "anybody can sign");
    let data = &received.message["data"];
    ensure!(data["kind"] == "soft_limit" && data["severity"] == "warning", "{data}");
    ensure!(data["subject"] == stage.key.id.as_str() && data["numbers"]["limit"] == "0.000001");
    ensure!(data["text"].as_str().is_some_and(|text| text.contains("soft limit is 0.000001 USD")));
    for hidden in [&stage.key.secret, &secret, "one two three"] {
        ensure!(!format!("{}{}", received.head, received.body).contains(hidden), "{hidden}");
    }
    stage.ask(&request(json!({}))).await?.success()?;
    stage.calls_when(4).await?;
    let alert = alert(&member, "kind=soft_limit").await?;
    ensure!(alert["text"] == data["text"] && alert["owner"] == stage.user.as_str(), "{alert}");
    let sent = deliveries(&member, &id).await?;
    ensure!(sent.len() == 1 && sent[0]["state"] == "delivered" && sent[0]["status"] == 204);
    ensure!(sent[0]["id"] == received.header("webhook-id"), "{sent:?}");
    ensure!(webhook.received().len() == 1 && listed(&member, "").await?.len() == 1);

    let path = format!("/api/v1/alerts/{}/acknowledge", alert["id"].as_str().context("id")?);
    let known = member.post_json(&path, &json!({})).await?.success()?.json()?;
    ensure!(known["acknowledged_at"].is_string() && known["resolved_at"].is_null(), "{known}");
    let again = member.post_json(&path, &json!({})).await?.success()?.json()?;
    ensure!(again["acknowledged_at"] == known["acknowledged_at"], "{again}");

    // A raised limit is another one: the alert about the old one is over.
    stage.edit_key(json!({"soft_limit": {"window": "month", "amount": 5}})).await?;
    alert_is_over(&member, "kind=soft_limit").await
}

async fn alert_is_over(client: &Client, query: &str) -> anyhow::Result<()> {
    let query = format!("{query}&state=resolved");
    alert(client, &query).await.map(drop)
}

/// A receiver that fails is asked again under the same id; one that redirects or hangs has failed.
#[tokio::test]
async fn a_failed_message_is_sent_again_under_its_id() -> anyhow::Result<()> {
    let limit = json!({"soft_limit": {"window": "day", "amount": "0.000001"}});
    let stage = Stage::with_key(limit).await?;
    let member = member(&stage).await?;
    let failing = Webhook::start(&[Reply::Status(500)]).await?;
    let moved = Webhook::start(&[Reply::Redirect]).await?;
    let gone = Webhook::start(&[Reply::Status(410)]).await?;
    let (id, secret) = hook(&member, &failing.url).await?;
    let (gone_id, _) = hook(&member, &gone.url).await?;
    hook(&member, &moved.url).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let tries = failing.wait_for("alert.raised", 2).await?;
    for received in &tries {
        received.verify(&secret, seconds())?;
    }
    ensure!(tries[0].body == tries[1].body && failing.different() == 1, "another message");
    let times = tries.iter().map(|it| it.header("webhook-timestamp").parse().unwrap_or(0_i64));
    let times: Vec<i64> = times.collect();
    ensure!(times[1] - times[0] >= 4, "no pause: {times:?}");
    let delivered = async || Ok(deliveries(&member, &id).await?[0]["state"] == "delivered");
    eventually("the second try is noted", delivered).await?;
    ensure!(deliveries(&member, &id).await?[0]["attempts"] == 2);
    moved.wait_for("alert.raised", 2).await?;
    ensure!(moved.different() == 1, "the redirect was followed");

    let sent = &deliveries(&member, &gone_id).await?[0];
    ensure!(sent["state"] == "failed" && sent["status"] == 410, "{sent}");
    let all = member.get("/api/v1/alert-destinations").await?.success()?.json()?;
    let data = all["data"].as_array().context("no data")?;
    let off = data.iter().find(|it| it["id"] == gone_id.as_str()).context("not listed")?;
    ensure!(off["disabled"] == true && off.get("secret").is_none(), "{off}");
    Ok(())
}

/// A test says what came of it, and one that hangs holds nobody else up.
#[tokio::test]
async fn a_destination_can_be_tested() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let hanging = Webhook::start(&[Reply::Hang]).await?;
    let well = Webhook::start(&[Reply::Status(200), Reply::Redirect, Reply::Status(503)]).await?;
    let (slow, _) = hook(&stage.management, &hanging.url).await?;
    let (id, secret) = hook(&stage.management, &well.url).await?;
    let test = |id: &str| format!("/api/v1/alert-destinations/{id}/test");
    let management = stage.management.clone();
    let path = test(&slow);
    let hangs = tokio::spawn(async move { management.post_json(&path, &json!({})).await });
    let expected = [("delivered", 200), ("failed", 307), ("failed", 503), ("delivered", 204)];
    for (state, status) in expected {
        let done = stage.management.post_json(&test(&id), &json!({})).await?.success()?.json()?;
        ensure!(done["state"] == state && done["status"] == status, "{done}");
        ensure!(done["error"].is_null() == (state == "delivered"), "{done}");
        ensure!(done["event"] == "alert.test" && done["alert_id"].is_null(), "{done}");
    }
    ensure!(well.received().len() == 4, "a redirect was followed, or a test tried again");
    well.received()[0].verify(&secret, seconds())?;
    let hung = hangs.await??.success()?.json()?;
    ensure!(hung["state"] == "failed" && hung["status"].is_null(), "{hung}");
    ensure!(hung["error"].as_str().is_some_and(|error| error.contains("within 15 s")), "{hung}");
    Ok(())
}

/// A share of a limit, by a rule, to the rule's destinations alone; without one, by the defaults.
#[tokio::test]
async fn a_rule_takes_the_place_of_the_defaults() -> anyhow::Result<()> {
    let stage =
        Stage::with_key(json!({"daily_limit": {"amount": "0.001"}, "tags": ["prod"]})).await?;
    let member = member(&stage).await?;
    let (first, second) = (Webhook::start(&[]).await?, Webhook::start(&[]).await?);
    let (first_id, _) = hook(&member, &first.url).await?;
    hook(&member, &second.url).await?;
    let body = json!({"kind": "usage_threshold", "threshold": 20, "scope": {"tag": "prod"},
        "destinations": [first_id]});
    let rule = member.post_json("/api/v1/alert-rules", &body).await?.success()?.json()?;
    ensure!(rule["threshold"] == 20 && rule["scope"]["tag"] == "prod", "{rule}");
    let used = cost(PROMPT_TOKENS, 100);
    ensure!((200_000..800_000).contains(&used), "the scene's call costs {used}");
    stage.ask(&scripted(json!({"output_tokens": 100}), json!({}))).await?.success()?;
    let raised = first.wait_for("alert.raised", 1).await?.remove(0);
    ensure!(raised.message["data"]["rule_id"] == rule["id"], "{}", raised.body);
    ensure!(raised.message["data"]["numbers"]["threshold_percent"] == 20, "{}", raised.body);
    ensure!(second.received().is_empty(), "not the rule's destination");

    let in_use = member.delete(&format!("/api/v1/alert-destinations/{first_id}")).await?;
    ensure!(in_use.status == 409 && in_use.json()?["code"] == "alert_destination_in_use");
    let path = format!("/api/v1/alert-rules/{}", rule["id"].as_str().context("id")?);
    let stale = member.header("if-match", "\"7\"")?.patch(&path, &json!({"threshold": 30})).await?;
    ensure!(stale.status == 412, "{}", stale.text());
    let edited = member.patch(&path, &json!({"threshold": 90})).await?.success()?.json()?;
    ensure!(edited["threshold"] == 90 && edited["etag"] == "2", "{edited}");
    alert_is_over(&member, "kind=usage_threshold").await?;
    member.delete(&path).await?.success()?;
    member.delete(&format!("/api/v1/alert-destinations/{first_id}")).await?.success()?;
    Ok(())
}

/// A balance that runs low, and is topped up again: both are told.
#[tokio::test]
async fn a_low_balance_is_told_and_resolved_by_a_top_up() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (member, webhook) = (member(&stage).await?, Webhook::start(&[]).await?);
    hook(&member, &webhook.url).await?;
    let rule = json!({"kind": "balance_low", "threshold": "12.5"});
    member.post_json("/api/v1/alert-rules", &rule).await?.success()?;
    let raised = webhook.wait_for("alert.raised", 1).await?.remove(0);
    let data = &raised.message["data"];
    ensure!(data["kind"] == "balance_low" && data["numbers"]["available"] == "10", "{data}");
    stage.top_up(&stage.user, "5").await?;
    let over = webhook.wait_for("alert.resolved", 1).await?.remove(0);
    ensure!(over.message["data"]["id"] == data["id"], "{}", over.body);
    ensure!(over.message["data"]["resolved_at"].is_string(), "{}", over.body);
    Ok(())
}

/// A key that ends soon.
#[tokio::test]
async fn a_key_that_expires_soon_is_told() -> anyhow::Result<()> {
    let end = seconds() + 10 * 86_400 + 3_600;
    let end = jiff::Timestamp::from_second(end)?.to_string();
    let stage = Stage::with_key(json!({"expires_at": end})).await?;
    let member = member(&stage).await?;
    ensure!(listed(&member, "").await?.is_empty(), "not in its last quarter yet");
    let rule = json!({"kind": "key_expiring", "threshold": 30, "scope": {"key_id": stage.key.id}});
    member.post_json("/api/v1/alert-rules", &rule).await?.success()?;
    let found = alert(&member, "kind=key_expiring").await?;
    ensure!(found["text"].as_str().is_some_and(|text| text.ends_with(", in 10 days.")), "{found}");
    ensure!(found["numbers"]["expires_at"] == end.as_str(), "{found}");
    Ok(())
}

/// What is the deployment's matter is its operators' alone.
#[tokio::test]
async fn a_channel_that_is_down_is_told_to_operators_until_it_is_up() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let member = member(&stage).await?;
    let (theirs, ours) = (Webhook::start(&[]).await?, Webhook::start(&[]).await?);
    hook(&member, &theirs.url).await?;
    hook(&stage.management, &ours.url).await?;
    for _ in 0..6 {
        stage.ask(&scripted(json!({"error": {"status": 500}}), json!({}))).await?;
    }
    let down = ours.wait_for("alert.raised", 1).await?.remove(0);
    let data = &down.message["data"];
    ensure!(data["kind"] == "channel_down" && data["severity"] == "critical", "{data}");
    ensure!(data["subject"] == stage.channel.as_str() && data["owner"].is_null(), "{data}");
    let test = format!("/api/v1/channels/{}/test", stage.channel);
    stage.management.post_json(&test, &json!({})).await?.success()?;
    ours.wait_for("alert.resolved", 1).await?;
    ensure!(theirs.received().is_empty() && listed(&member, "").await?.is_empty());
    let acknowledge = format!("/api/v1/alerts/{}/acknowledge", data["id"].as_str().context("id")?);
    ensure!(member.post_json(&acknowledge, &json!({})).await?.status == 404);
    let kinds = member.post_json("/api/v1/alert-rules", &json!({"kind": "channel_down"})).await?;
    ensure!(kinds.status == 422, "{}", kinds.text());
    Ok(())
}

/// Usage figures that cannot be.
#[tokio::test]
async fn a_suspect_call_is_told() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let absurd =
        json!({"usage_override": {"prompt_tokens": -5, "completion_tokens": 7, "total_tokens": 2}});
    stage.ask(&scripted(absurd, json!({}))).await?;
    let call = stage.only_call().await?;
    ensure!(call["suspect"] == true, "{call}");
    let found = alert(&stage.management, "kind=call_suspect").await?;
    ensure!(found["numbers"]["call_id"] == call["id"], "{found}");
    ensure!(found["subject"] == stage.channel.as_str(), "{found}");
    Ok(())
}

/// Letters go out through the mail server of the settings, and members' only to themselves.
#[tokio::test]
async fn alerts_come_as_letters() -> anyhow::Result<()> {
    let server = MailServer::start(1).await?;
    let smtp = format!("smtp-plain://127.0.0.1:{}", server.port);
    let arguments = ["--smtp", &smtp, "--smtp-from", "alerts@gateway.example"].map(str::to_owned);
    let limit =
        json!({"soft_limit": {"window": "total", "amount": "0.000001"}, "name": "Schlüssel 令牌"});
    let stage = Stage::set_with_key(|gateway| gateway.args(arguments), limit).await?;
    let member = member(&stage).await?;
    let own = stage.user_state().await?["email"].as_str().context("no email")?.to_owned();
    let letter = |address: &str| json!({"name": "mail", "kind": "email", "address": address});
    let stranger = letter("stranger@example.org");
    let refused = member.post_json("/api/v1/alert-destinations", &stranger).await?;
    ensure!(refused.status == 422, "{}", refused.text());
    let made = member.post_json("/api/v1/alert-destinations", &letter(&own)).await?;
    let made = made.success()?.json()?;
    ensure!(made["secret"].is_null(), "{made}");
    stage.ask(&request(json!({}))).await?.success()?;
    eventually("the letter came at the second try", async || Ok(!server.letters().is_empty()))
        .await?;
    let letter = server.letters().remove(0);
    ensure!(letter.from == "alerts@gateway.example" && letter.to == own, "{letter:?}");
    ensure!(letter.content().contains("\"Schlüssel 令牌\" has used"), "{}", letter.content());
    ensure!(!letter.content().contains(&stage.key.secret), "{}", letter.content());
    Ok(())
}

/// Without a mail server nobody is promised letters; private addresses are refused.
#[tokio::test]
async fn what_cannot_be_reached_is_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for (kind, address, field) in [
        ("email", "a@example.com", "kind"),
        ("webhook", "http://10.0.0.1/x", "address"),
        ("webhook", "http://169.254.169.254/latest", "address"),
        ("webhook", "http://[::1]:9/x", "address"),
        ("webhook", "http://0x7f.1/x", "address"),
        ("webhook", "ftp://example.com/", "address"),
        ("webhook", "https://user:password@example.com/", "address"),
        ("pager", "https://example.com/", "kind"),
    ] {
        let body = json!({"name": "x", "kind": kind, "address": address});
        let answer = stage.management.post_json("/api/v1/alert-destinations", &body).await?;
        let problem = answer.json()?;
        ensure!(
            answer.status == 422 && problem["errors"][0]["field"] == field,
            "{body}: {problem}"
        );
    }
    let bad = [
        (json!({}), "kind"),
        (json!({"kind": "usage_threshold"}), "threshold"),
        (json!({"kind": "usage_threshold", "threshold": 101}), "threshold"),
        (json!({"kind": "usage_threshold", "threshold": "80.5"}), "threshold"),
        (json!({"kind": "soft_limit", "threshold": 1}), "threshold"),
        (json!({"kind": "anomaly", "threshold": 1}), "threshold"),
        (json!({"kind": "balance_low", "threshold": -1}), "threshold"),
        (json!({"kind": "soft_limit", "scope": "some"}), "scope"),
        (json!({"kind": "soft_limit", "scope": {"key_id": "x"}}), "scope.key_id"),
        (json!({"kind": "channel_down", "scope": {"tag": "x"}}), "scope"),
        (
            json!({"kind": "soft_limit", "destinations": ["aldest_00000000000000000000000000000000"]}),
            "destinations[0]",
        ),
        (json!({"kind": "soft_limit", "colour": "red"}), "colour"),
    ];
    for (body, field) in bad {
        let answer = stage.management.post_json("/api/v1/alert-rules", &body).await?;
        let problem = answer.json()?;
        ensure!(
            answer.status == 422 && problem["errors"][0]["field"] == field,
            "{body}: {problem}"
        );
    }
    // A share is no amount: what is said of it names whole numbers.
    for (kind, given, reason) in
        [("usage_threshold", "most", "whole_number"), ("balance_low", "most", "amount")]
    {
        let body = json!({"kind": kind, "threshold": given});
        let problem = stage.management.post_json("/api/v1/alert-rules", &body).await?.json()?;
        ensure!(problem["errors"][0]["reason"] == reason, "{body}: {problem}");
    }
    let body = json!({"kind": "party", "threshold": "most"});
    let problem = stage.management.post_json("/api/v1/alert-rules", &body).await?.json()?;
    ensure!(problem["errors"].as_array().is_some_and(|all| all.len() == 2), "{problem}");
    for query in ["kind=party", "state=closed", "limit=0", "colour=red"] {
        let answer = stage.management.get(&format!("/api/v1/alerts?{query}")).await?;
        ensure!(answer.status == 422, "{query}: {}", answer.text());
    }
    Ok(())
}

/// What is another's is not there; and there is an end to how much one can have.
#[tokio::test]
async fn members_have_their_own_and_not_without_end() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let member = member(&stage).await?;
    let webhook = Webhook::start(&[]).await?;
    let (others, _) = hook(&stage.management, &webhook.url).await?;
    let rule = json!({"kind": "balance_low", "threshold": 1, "destinations": [others]});
    let rule = stage.management.post_json("/api/v1/alert-rules", &rule).await?.success()?.json()?;
    let rule = format!("/api/v1/alert-rules/{}", rule["id"].as_str().context("id")?);
    let destination = format!("/api/v1/alert-destinations/{others}");
    ensure!(member.patch(&rule, &json!({"disabled": true})).await?.status == 404);
    ensure!(member.delete(&rule).await?.status == 404);
    ensure!(member.patch(&destination, &json!({"name": "mine"})).await?.status == 404);
    ensure!(member.delete(&destination).await?.status == 404);
    ensure!(member.get(&format!("{destination}/deliveries")).await?.status == 404);
    ensure!(member.post_json(&format!("{destination}/test"), &json!({})).await?.status == 404);
    let foreign = stage.world.key(json!({})).await?;
    for scope in [json!({"key_id": foreign.id}), json!({"user_id": foreign_user(&stage).await?})] {
        let body = json!({"kind": "soft_limit", "scope": scope});
        ensure!(member.post_json("/api/v1/alert-rules", &body).await?.status == 422, "{body}");
    }
    let body = json!({"name": "x", "kind": "webhook", "address": webhook.url});
    for _ in 0..20 {
        member.post_json("/api/v1/alert-destinations", &body).await?.success()?;
    }
    let full = member.post_json("/api/v1/alert-destinations", &body).await?;
    ensure!(full.status == 409 && full.json()?["code"] == "too_many_alert_destinations");
    for _ in 0..100 {
        member.post_json("/api/v1/alert-rules", &json!({"kind": "soft_limit"})).await?.success()?;
    }
    let full = member.post_json("/api/v1/alert-rules", &json!({"kind": "soft_limit"})).await?;
    ensure!(full.status == 409 && full.json()?["code"] == "too_many_alert_rules");
    Ok(())
}

async fn foreign_user(stage: &Stage) -> anyhow::Result<String> {
    stage.world.user("1").await
}

/// Another origin makes a new secret; another path does not.
#[tokio::test]
async fn a_secret_is_bound_to_its_origin() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (here, there) = (Webhook::start(&[]).await?, Webhook::start(&[]).await?);
    let (id, first) = hook(&stage.management, &here.url).await?;
    let path = format!("/api/v1/alert-destinations/{id}");
    let edit = async |body: Value| -> anyhow::Result<Value> {
        stage.management.patch(&path, &body).await?.success()?.json()
    };
    let same = edit(json!({"address": format!("{}&more", here.url)})).await?;
    ensure!(same["secret"].is_null(), "{same}");
    let moved = edit(json!({"address": there.url})).await?;
    let second = moved["secret"].as_str().context("no new secret")?.to_owned();
    stage.management.post_json(&format!("{path}/test"), &json!({})).await?.success()?;
    let received = there.received().remove(0);
    received.verify(&second, seconds())?;
    ensure!(received.verify(&first, seconds()).is_err() && here.received().is_empty());
    let renewed = edit(json!({"new_secret": true})).await?;
    ensure!(renewed["secret"].is_string() && renewed["secret"] != second.as_str(), "{renewed}");
    Ok(())
}
