//! The benchmark: tollkeeper against a bare hyper proxy and a direct call, in one run.
//!
//! `run` is the one to use; it starts the other roles as processes of their own.
//!
//! ```text
//! load (in `run`) ──┬────────────────────────> upstream      "direct": the physical limit
//!                   ├──> bare proxy ─────────> upstream      the practical limit
//!                   └──> tollkeeper, all on ─> upstream      what is measured
//! ```

mod bare_proxy;
mod framing;
mod load;
mod options;
mod process;
mod run;
mod upstream;

use std::io::Write;
use std::net::SocketAddr;

use anyhow::bail;
use options::Options;

const HELP: &str = "\
tollkeeper-bench run      [--rounds 5] [--requests 20000] [--only ROW] [--json] [--binary PATH]
tollkeeper-bench upstream [--listen 127.0.0.1:0]
tollkeeper-bench proxy    --upstream ADDRESS [--listen 127.0.0.1:0]
tollkeeper-bench load     --target ADDRESS [--model bench-json] [--connections 32]
                          [--requests 20000] [--body-bytes 200] [--secret sk-…] [--json]

                          [--keys 1000000] [--calls 10000000] [--database postgres://…]

ROW: json-32 json-256 body-91k sse-64 sse-paced latency-1 hot-key memory; and if they are named: keys, calls
Models of the upstream: bench-json, bench-sse, bench-paced (10 ms a chunk), bench-hold (1 s)
";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().unwrap_or_default();
    if matches!(verb.as_str(), "" | "help" | "-h" | "--help") {
        std::io::stdout().write_all(HELP.as_bytes())?;
        return Ok(());
    }
    let options = Options::read(arguments)?;
    process::raise_file_limit()?;
    match verb.as_str() {
        "run" => run::run(&options).await,
        "load" => load::command(&options).await,
        "upstream" => upstream::serve(listen(options.listen).await?).await,
        "proxy" => {
            let upstream = options.upstream()?;
            bare_proxy::serve(listen(options.listen).await?, upstream).await
        }
        _ => bail!("unknown verb {verb}\n\n{HELP}"),
    }
}

/// Binds the address and says so in one line, for the parent process.
async fn listen(address: SocketAddr) -> anyhow::Result<tokio::net::TcpListener> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    Ok(listener)
}
