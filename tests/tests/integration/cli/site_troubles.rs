//! Everything that can be in the way at a site, and what the person is told.

use std::time::Duration;

use anyhow::ensure;
use testkit::site::{Conduct, Trouble};

use crate::stage::person::Person;

const BALANCE: [&str; 3] = ["balance", "--account", "mine"];

async fn told(trouble: Trouble, at: &str) -> anyhow::Result<String> {
    let person = Person::with_account(Conduct::default()).await?;
    person.site.behave(Conduct::default().with_trouble(trouble, at));
    person.failure(&BALANCE, "").await
}

#[tokio::test]
async fn each_trouble_is_told_with_what_to_do() -> anyhow::Result<()> {
    let refusal = |status, text: &str| Trouble::Refusal(status, text.to_owned());
    for (trouble, says) in [
        (Trouble::BotWall, "bot wall"),
        (Trouble::Page(403), "bot wall"),
        (Trouble::Page(200), "check that its URL is right"),
        (Trouble::Page(404), "has no /api/"),
        (Trouble::Page(502), "failed with 502"),
        (Trouble::TooOften(Some(7)), "wait 7 s and try again"),
        (Trouble::TooOften(None), "does not say how long"),
        (Trouble::Flood, "longer than 8 MB"),
        (Trouble::Garbage, "something else than data"),
        (refusal(200, "User has been banned"), "banned this account"),
        (refusal(200, "用户已被封禁"), "banned this account"),
        (refusal(200, "Turnstile token 为空"), "a person"),
        (refusal(401, "whatever"), "does not take this access token"),
        (refusal(200, "无权进行此操作，access token 无效"), "does not take this access token"),
        (refusal(401, "New-Api-User header not provided"), "--user-id"),
        (refusal(401, "无权进行此操作，与登录用户不匹配，请重新登录"), "the user id 3 is not"),
        (refusal(200, "out of stock"), "refused: out of stock"),
        (refusal(500, "Database error"), "failed with 500"),
    ] {
        let said = told(trouble.clone(), "/api/user/self").await?;
        ensure!(said.contains(says), "{trouble:?}: {said}");
        ensure!(said.contains("127.0.0.1"), "the site is not named: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_ended_is_told_in_either_language() -> anyhow::Result<()> {
    for chinese in [false, true] {
        let person = Person::with_session(Conduct::default()).await?;
        person.site.behave(Conduct { signed_in: false, chinese, ..Conduct::default() });
        let said = person.failure(&BALANCE, "").await?;
        ensure!(
            said.contains("does not take this session") && said.contains("--replace"),
            "{said}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn silence_ends() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    person.site.behave(Conduct::default().with_trouble(Trouble::Silence, ""));
    let asked = [&BALANCE[..], &["--timeout", "1"]].concat();
    let said = tokio::time::timeout(Duration::from_secs(20), person.failure(&asked, "")).await??;
    ensure!(said.contains("did not answer within 1 s") && said.contains("--timeout"), "{said}");
    Ok(())
}

/// Nothing of a sign-in goes to another origin; within the site it follows.
#[tokio::test]
async fn credentials_are_not_sent_on() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let elsewhere = Person::stranger(Conduct::default()).await?;
    for target in [
        format!("{}/api/user/self?leak=1", elsewhere.site.base_url()),
        "https://evil.example/".to_owned(),
        format!("//{}/api/user/self", elsewhere.site.address),
    ] {
        let trouble = Trouble::Redirect(target);
        person.site.behave(Conduct::default().with_trouble(trouble, "/api/user/self"));
        let said = person.failure(&BALANCE, "").await?;
        ensure!(said.contains("credentials are not sent on"), "{said}");
    }
    ensure!(elsewhere.site.seen().is_empty(), "another origin was asked");
    let circle = Trouble::Redirect("/api/user/self".to_owned());
    person.site.behave(Conduct::default().with_trouble(circle, "/api/user/self"));
    let said = person.failure(&BALANCE, "").await?;
    ensure!(said.contains("without an end"), "{said}");
    Ok(())
}

#[tokio::test]
async fn names_connections_and_tls_have_their_own_words() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let port = person.site.address.port();
    let closed = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.local_addr()?.port()
    };
    for (site, says) in [
        ("https://no-such-site.invalid".to_owned(), "the name no-such-site.invalid is not known"),
        (format!("https://127.0.0.1:{port}"), "nothing was sent"),
        (format!("http://127.0.0.1:{closed}"), "no connection to"),
    ] {
        let add = ["account", "add", "x", "--site", &site, "--key-stdin"];
        let said = person.failure(&add, "sk-planted0123456789").await?;
        ensure!(said.contains(says), "{site}: {said}");
    }
    ensure!(person.site.seen().is_empty(), "something was sent");
    Ok(())
}
