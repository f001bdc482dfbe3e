//! https without a proxy in front: `--tls-cert` and `--tls-key`.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use rustix::process::Signal;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use testkit::client::raw::exchange;
use testkit::client::{Client, Speech};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::stage::certificates::{Authority, Files};
use crate::stage::wire::signal;
use crate::stage::{
    PROMPT_TOKENS, Stage, cost, eventually, nanos, path, request, said, scripted, tollkeeper,
};

/// A scene whose gateway speaks https, and what its certificate is from.
pub(crate) struct Encrypted {
    pub(crate) stage: Stage,
    authority: Authority,
    files: Files,
    _directory: tempfile::TempDir,
}

impl Encrypted {
    pub(crate) async fn set() -> anyhow::Result<Self> {
        let authority = Authority::new()?;
        let directory = tempfile::tempdir()?;
        let files = Files::in_directory(directory.path());
        files.put(&authority.sign()?)?;
        let arguments = [
            "--tls-cert".as_ref(),
            files.certificate.as_os_str(),
            "--tls-key".as_ref(),
            files.key.as_os_str(),
        ];
        let roots = authority.roots()?;
        let stage = Stage::set_with(|gateway| gateway.args(arguments).signed_by(roots)).await?;
        Ok(Self { stage, authority, files, _directory: directory })
    }

    fn holder(&self, speech: Speech) -> anyhow::Result<Client> {
        self.stage.gateway.client(speech).bearer(&self.stage.key.secret)
    }

    /// A new encrypted connection, offering these protocols.
    async fn connect(&self, offered: &[&str]) -> anyhow::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.authority.roots()?)
            .with_no_client_auth();
        config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(self.stage.gateway.address).await?;
        let name = ServerName::try_from("localhost")?;
        Ok(TlsConnector::from(Arc::new(config)).connect(name, stream).await?)
    }

    /// The certificate that a new connection is shown.
    async fn shown(&self) -> anyhow::Result<CertificateDer<'static>> {
        let stream = self.connect(&["http/1.1"]).await?;
        let chain = stream.get_ref().1.peer_certificates().context("no certificate")?;
        Ok(chain.first().context("no certificate")?.clone().into_owned())
    }
}

#[tokio::test]
async fn json_and_events_over_either_version_of_http() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    for speech in [Speech::Http1, Speech::Http2] {
        let holder = encrypted.holder(speech)?;
        let script = json!({"output_tokens": 20});
        let body = scripted(script.clone(), json!({}));
        let answer = holder.post_json("/v1/chat/completions", &body).await?.success()?;
        ensure!(answer.json()?["usage"]["completion_tokens"] == 20, "{}", answer.text());
        let body = scripted(script, json!({"stream": true}));
        let mut stream = holder.stream("/v1/chat/completions", &body).await?;
        let events = stream.rest().await?;
        ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
        // The management routes are behind the same door.
        let manager = encrypted.stage.gateway.client(speech);
        let manager = manager.bearer(&encrypted.stage.gateway.management_key)?;
        ensure!(manager.get("/api/v1/users").await?.status == 200);
    }
    let calls = encrypted.stage.calls_when(4).await?;
    ensure!(calls.iter().all(|call| nanos(&call["cost"]) == cost(PROMPT_TOKENS, 20)), "{calls:?}");
    encrypted.stage.audit().await
}

/// Both are offered, HTTP/2 first; who asks for nothing gets HTTP/1.1.
#[tokio::test]
async fn the_version_is_negotiated() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    for (offered, chosen) in [
        (&["h2", "http/1.1"][..], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&[], None),
    ] {
        let stream = encrypted.connect(offered).await?;
        let got = stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name));
        ensure!(got.as_deref() == chosen, "{offered:?}: {got:?}");
    }
    let other = encrypted.connect(&["spdy/1"]).await;
    ensure!(other.is_err(), "a protocol that is not spoken is agreed on");
    Ok(())
}

/// Both ways, and nothing is dropped: the stream that began under the old certificate ends whole.
#[tokio::test]
async fn a_new_certificate_is_taken_without_a_restart() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    let slow = scripted(
        json!({"output_tokens": 200, "chunk_delay_ms": 20}),
        json!({"stream": true, "max_tokens": 300}),
    );
    let holder = encrypted.holder(Speech::Http2)?;
    let mut stream = holder.stream("/v1/chat/completions", &slow).await?;
    stream.next().await?.context("no event")?;

    let first = encrypted.shown().await?;
    encrypted.files.put(&encrypted.authority.sign()?)?;
    eventually("the changed files are used", || async { Ok(encrypted.shown().await? != first) })
        .await?;

    let second = encrypted.shown().await?;
    encrypted.files.put(&encrypted.authority.sign()?)?;
    signal(&encrypted.stage.gateway, Signal::HUP)?;
    eventually("the files are used after SIGHUP", || async {
        Ok(encrypted.shown().await? != second)
    })
    .await?;

    let events = stream.rest().await?;
    ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    let call = encrypted.stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 200), "{call}");
    encrypted.stage.audit().await
}

/// Files that are no pair change nothing, and say so.
#[tokio::test]
async fn a_useless_pair_leaves_the_old_one_in_use() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    let first = encrypted.shown().await?;
    let other = encrypted.authority.sign()?;
    std::fs::write(&encrypted.files.key, &other.key)?;
    signal(&encrypted.stage.gateway, Signal::HUP)?;
    let log = encrypted.stage.gateway.stderr_path();
    eventually("the log says what is wrong", || async {
        Ok(logged(&log)?.contains("not the key of the certificate"))
    })
    .await?;
    ensure!(encrypted.shown().await? == first, "another certificate is shown");
    std::fs::write(&encrypted.files.certificate, &other.certificate)?;
    eventually("the whole pair is used", || async { Ok(encrypted.shown().await? != first) })
        .await?;
    encrypted.holder(Speech::Http1)?.get("/v1/models").await?.success()?;
    Ok(())
}

fn logged(log: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    std::fs::File::open(log)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Whoever speaks http here is told so, and a connection that is neither is closed.
#[tokio::test]
async fn plain_http_is_answered_with_what_is_wrong() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    let address = encrypted.stage.gateway.address;
    let head = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let patience = Duration::from_secs(5);
    let answer = String::from_utf8(exchange(address, head, patience).await?)?;
    ensure!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    ensure!(answer.contains("https://") && !answer.contains("ok\n"), "{answer}");
    let prior = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let answer = String::from_utf8(exchange(address, prior, patience).await?)?;
    ensure!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let noise = exchange(address, b"\x01\x02\x03\x04\x05\x06\x07\x08", patience).await?;
    ensure!(!String::from_utf8_lossy(&noise).contains("HTTP"), "{noise:?}");
    encrypted.holder(Speech::Http2)?.get("/v1/models").await?.success()?;
    Ok(())
}

/// A hand-shake that does not go on is given up as a head is, and others do not wait for it.
#[tokio::test]
async fn a_slow_hand_shake_is_given_up() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    let address = encrypted.stage.gateway.address;
    let started = Instant::now();
    let half = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    let half = exchange(address, half, Duration::from_secs(25));
    let nothing = exchange(address, b"", Duration::from_secs(25));
    let others = async {
        encrypted.holder(Speech::Http1)?.get("/v1/models").await?.success()?;
        ensure!(started.elapsed() < Duration::from_secs(5), "others wait for it");
        Ok(())
    };
    let (half, nothing, others) = tokio::join!(half, nothing, others);
    others?;
    half?;
    nothing?;
    let waited = started.elapsed();
    ensure!(waited > Duration::from_secs(8) && waited < Duration::from_secs(18), "{waited:?}");
    Ok(())
}

/// A stop waits for the stream, not for the hand-shake.
#[tokio::test]
async fn a_stop_finishes_encrypted_streams() -> anyhow::Result<()> {
    let mut encrypted = Encrypted::set().await?;
    let holder = encrypted.holder(Speech::Http1)?;
    let slow = json!({"output_tokens": 30, "chunk_delay_ms": 40});
    let body = scripted(slow, json!({"stream": true}));
    let mut stream = holder.stream("/v1/chat/completions", &body).await?;
    stream.next().await?.context("no event")?;
    let _hesitant = TcpStream::connect(encrypted.stage.gateway.address).await?;
    let gateway = &mut encrypted.stage.world.gateway;
    let (ended, events) = tokio::join!(gateway.terminate(), stream.rest());
    ensure!(ended?.code() == Some(0));
    ensure!(events?.last().is_some_and(|event| event.data == "[DONE]"));
    gateway.restart().await?;
    encrypted.stage.audit().await
}

/// What cannot be used ends the start with a sentence, before anything is opened.
#[tokio::test]
async fn wrong_files_end_the_start() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("data");
    let data = path(&data)?;
    let made = tollkeeper(&["init", "--data", data, "--json"]).output().await?;
    ensure!(made.status.success(), "{}", said(&made));
    let authority = Authority::new()?;
    let (one, other) = (authority.sign()?, authority.sign()?);
    let write = |name: &str, text: &str| -> anyhow::Result<String> {
        let file = directory.path().join(name);
        std::fs::write(&file, text)?;
        Ok(path(&file)?.to_owned())
    };
    let certificate = write("cert.pem", &one.certificate)?;
    let key = write("key.pem", &one.key)?;
    let wrong = write("wrong.pem", &other.key)?;
    for (arguments, says) in [
        (vec!["--tls-cert", &certificate], "--tls-key"),
        (vec!["--tls-key", &key], "--tls-cert"),
        (vec!["--tls-cert", "/nowhere.pem", "--tls-key", &key], "/nowhere.pem cannot be read"),
        (vec!["--tls-cert", &certificate, "--tls-key", &wrong], "not the key of the certificate"),
        (vec!["--tls-cert", &key, "--tls-key", &key], "it holds no certificate"),
        (vec!["--upstream-ca", &key], "it holds no certificate"),
    ] {
        let fixed = ["serve", "--data", data, "--listen", "127.0.0.1:0"];
        let output = tollkeeper(&fixed).args(&arguments).output().await?;
        ensure!(!output.status.success(), "{arguments:?}: {}", said(&output));
        ensure!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
        ensure!(!said(&output).contains("PRIVATE KEY-----\n"), "{}", said(&output));
    }
    let settings = ["config", "--json", "--data", data, "--tls-cert", &certificate];
    let output = tollkeeper(&settings).env("TOLLKEEPER_TLS_KEY", &key).output().await?;
    let settings: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    ensure!(settings["tls-cert"]["from"] == "flag", "{settings}");
    ensure!(settings["tls-key"]["from"] == "variable TOLLKEEPER_TLS_KEY", "{settings}");
    Ok(())
}

/// An old certificate is served, with a warning.
#[tokio::test]
async fn an_expired_certificate_is_a_warning() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let authority = Authority::new()?;
    let files = Files::in_directory(directory.path());
    files.put(&authority.sign()?)?;
    let builder = testkit::gateway_process::GatewayProcess::builder();
    let builder = builder.data(directory.path().join("data"));
    let gateway = files.given_to(builder, &authority)?.start().await?;
    ensure!(!logged(&gateway.stderr_path())?.contains("expired"));
    files.put(&authority.sign_until(2020)?)?;
    signal(&gateway, Signal::HUP)?;
    let log = gateway.stderr_path();
    eventually("the log warns", || async {
        Ok(logged(&log)?.contains("the certificate has expired"))
    })
    .await?;
    let refused = gateway.client(Speech::Http1).get("/healthz").await;
    ensure!(refused.is_err(), "a client takes it");
    Ok(())
}

/// The command line asks a gateway over https, too.
#[tokio::test]
async fn verbs_ask_over_https() -> anyhow::Result<()> {
    let encrypted = Encrypted::set().await?;
    let root = encrypted.files.certificate.with_file_name("root.pem");
    std::fs::write(&root, encrypted.authority.pem())?;
    let url = encrypted.stage.gateway.base_url();
    let ask = |more: &[&str]| {
        let mut command = tollkeeper(&["channels", "presets", "--json", "--url", &url]);
        command
            .args(more)
            .env("TOLLKEEPER_MANAGEMENT_KEY", &encrypted.stage.gateway.management_key);
        command
    };
    let output = ask(&["--upstream-ca", path(&root)?]).output().await?;
    ensure!(output.status.success(), "{}", said(&output));
    let output = ask(&[]).output().await?;
    ensure!(!output.status.success(), "an unknown root is trusted: {}", said(&output));
    let plain = request(json!({}));
    encrypted.holder(Speech::Http1)?.post_json("/v1/chat/completions", &plain).await?.success()?;
    Ok(())
}
