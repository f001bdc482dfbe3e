//! The simulated provider as a process of its own, for tests that must outlive its clients and
//! for tests in other languages.
//!
//! `simulated-provider [--listen ADDRESS] [--books FILE] [--script JSON] [--secret SECRET]…`
//! `[--strict true|false] [--models NAME,NAME…] [--keep-seen COUNT]`
//! prints `{"address":"127.0.0.1:PORT","base_url":"http://…"}` as one line and serves until it is
//! killed. `--help` says what it serves and how it is told what to do.

use std::io::Write;

use anyhow::{Context, bail};
use testkit::provider::{ProviderConfig, SimulatedProvider};

const HELP: &str = r#"A model provider that speaks every dialect, follows scripts and keeps books.

Options:
  --listen ADDRESS     where to listen; by default a free port of 127.0.0.1
  --books FILE         also write the books to this file, as JSON lines
  --script JSON        what happens to requests that no rule speaks for
  --secret SECRET      ask for this secret; may be given again
  --strict BOOL        refuse what the real API would refuse, or take everything;
                       by default every dialect but Chat is strict
  --models NAME,NAME   what the lists of models show
  --keep-seen COUNT    remember the last requests for /_control/seen (default 100)

It serves:
  POST /v1/chat/completions /v1/completions /v1/embeddings
  POST /v1/responses; GET and DELETE /v1/responses/{id}
  POST /v1/messages /v1/messages/count_tokens
  POST /v1beta/models/{model}:generateContent :streamGenerateContent :countTokens
       :embedContent :batchEmbedContents
  GET  /v1/models /v1beta/models

Controls while it runs (no secret is asked for):
  POST   /_control/script {"match": {…}, "script": {…}}   add a rule; the newest that matches wins
  DELETE /_control/script                                 remove all rules
  GET    /_control/totals                                 what the books add up to
  GET    /_control/seen                                   the last requests: method, path,
                                                          headers, body
  DELETE /_control/seen                                   forget them

  match:  model, call, secret, stream, dialect, text, tools; {} is every request
  script: output_tokens, prompt_tokens, cached_tokens, cache_write_tokens,
          cache_write_1h_tokens, reasoning_tokens, usage, answer, thoughts, tool_use, finish,
          delay_ms, chunk_delay_ms, cut, omit_usage, usage_override, error,
          error_event_mid_stream, hang, fail_times, strict, …

Let a coding agent run a command and repeat what it said, in two turns:
  {"match": {"tools": true}, "script": {"tool_use": {"command": "ls"}, "thoughts": "Let me see."}}
"#;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut stdout = std::io::stdout();
    if arguments.iter().any(|argument| argument == "--help") {
        return Ok(write!(stdout, "{HELP}")?);
    }
    let provider = SimulatedProvider::start(read_arguments(arguments.into_iter())?).await?;
    let line = serde_json::json!({"address": provider.address, "base_url": provider.base_url()});
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    std::future::pending().await
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<ProviderConfig> {
    let mut config = ProviderConfig::default().keep_seen(100);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{flag} needs a value"))?;
        config = match flag.as_str() {
            "--listen" => config.listen(value.parse().context("--listen: not an address")?),
            "--books" => config.books(value),
            "--script" => config.script(serde_json::from_str(&value).context("--script")?),
            "--secret" => config.require_secret(value),
            "--strict" => config.strict(value.parse().context("--strict: true or false")?),
            "--models" => config.models(value.split(',')),
            "--keep-seen" => config.keep_seen(value.parse().context("--keep-seen: no number")?),
            _ => bail!(
                "unknown flag {flag}; known: --listen --books --script --secret --strict --models \
                 --keep-seen --help"
            ),
        };
    }
    Ok(config)
}
