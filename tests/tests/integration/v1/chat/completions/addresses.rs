//! Where a call comes from: the socket's address, unless a trusted proxy speaks for another.

use anyhow::ensure;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{Stage, request};

const PATH: &str = "/v1/chat/completions";

/// Lists what the key allows, what `X-Forwarded-For` says, and whether the call is served.
async fn check(arguments: &[&str], cases: &[(Value, &[&str], bool)]) -> anyhow::Result<()> {
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let stage = Stage::set_with(|gateway| gateway.args(arguments)).await?;
    for (allowed, forwarded, expected) in cases {
        stage.edit_key(json!({"ip_allowlist": allowed})).await?;
        let body = request(json!({})).to_string();
        let mut head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            stage.key.secret,
            body.len()
        );
        for line in *forwarded {
            head.push_str(&format!("x-forwarded-for: {line}\r\n"));
        }
        let bytes = format!("{head}\r\n{body}").into_bytes();
        let patience = crate::stage::PATIENCE;
        let answer =
            testkit::client::raw::exchange(stage.gateway.address, &bytes, patience).await?;
        let answer = crate::stage::wire::answer_in(&answer)?;
        let served = match answer.code().as_deref() {
            None => true,
            Some("ip_not_allowed") => false,
            Some(_) => anyhow::bail!("{}", answer.text()),
        };
        ensure!(served == *expected, "{allowed} {forwarded:?}: {}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn the_list_takes_addresses_and_ranges() -> anyhow::Result<()> {
    let cases: &[(Value, &[&str], bool)] = &[
        (json!(["127.0.0.1"]), &[], true),
        (json!(["127.0.0.0/8"]), &[], true),
        (json!(["::1", "127.0.0.1"]), &[], true),
        (json!(["::ffff:127.0.0.1"]), &[], true),
        (json!([]), &[], true),
        (json!(null), &[], true),
        (json!(["127.0.0.2"]), &[], false),
        (json!(["10.0.0.0/8", "::1"]), &[], false),
    ];
    check(&[], cases).await
}

/// Without a trusted proxy the header means nothing.
#[tokio::test]
async fn a_stranger_cannot_say_where_they_are() -> anyhow::Result<()> {
    let cases: &[(Value, &[&str], bool)] = &[
        (json!(["203.0.113.7"]), &["203.0.113.7"], false),
        (json!(["203.0.113.7"]), &["127.0.0.1, 203.0.113.7"], false),
        (json!(["127.0.0.1"]), &["203.0.113.7"], true),
    ];
    check(&[], cases).await?;
    check(&["--trusted-proxy", "192.0.2.1"], cases).await
}

/// Behind trusted proxies, the right-most address that is none of theirs counts; what a client
/// put in front of it does not.
#[tokio::test]
async fn a_trusted_proxy_speaks_for_its_client() -> anyhow::Result<()> {
    let me = json!(["203.0.113.7"]);
    let cases: &[(Value, &[&str], bool)] = &[
        (me.clone(), &["203.0.113.7"], true),
        (me.clone(), &["203.0.113.7, 10.0.0.9"], true),
        (me.clone(), &["198.51.100.1, 203.0.113.7, 10.0.0.9"], true),
        (me.clone(), &["198.51.100.1", "203.0.113.7"], true),
        (me.clone(), &["203.0.113.7:4711"], true),
        (me.clone(), &["203.0.113.7, 198.51.100.1"], false),
        (me.clone(), &["203.0.113.7", "198.51.100.1"], false),
        (me.clone(), &["203.0.113.7, nonsense"], false),
        (me.clone(), &["203.0.113.7, "], false),
        (me.clone(), &["unknown"], false),
        (me.clone(), &[], false),
        (json!(["2001:db8::/48"]), &["[2001:db8::5]:443"], true),
        (json!(["2001:db8::/48"]), &["2001:db8::5"], true),
        (json!(["203.0.113.7"]), &["::ffff:203.0.113.7"], true),
        (json!(["127.0.0.1"]), &["203.0.113.7"], false),
    ];
    check(&["--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"], cases).await
}

/// On `[::]`, a caller over IPv4 counts as IPv4.
#[tokio::test]
async fn a_mapped_address_counts_as_ipv4() -> anyhow::Result<()> {
    let port = TcpListener::bind("[::]:0").await?.local_addr()?.port();
    let listen = format!("[::]:{port}").parse()?;
    let stage = Stage::set_with_key(
        |gateway| gateway.listen(listen),
        json!({"ip_allowlist": ["127.0.0.1"]}),
    )
    .await?;
    let client = testkit::client::Client::new(format!("http://127.0.0.1:{port}"));
    let holder = client.bearer(&stage.key.secret)?;
    holder.post_json(PATH, &request(json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    ensure!(call["client_ip"] == "127.0.0.1", "{call}");
    Ok(())
}
