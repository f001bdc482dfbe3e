//! The benchmark's own parts, as processes: a load through the bare proxy to the upstream.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tollkeeper-bench");

/// A role that runs until the test ends.
struct Role {
    child: Child,
    address: String,
}

impl Role {
    fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(PROGRAM).args(arguments).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let (_, address) = line.trim().split_once("http://").context("no address")?;
        Ok(Self { child, address: address.to_owned() })
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn load(target: &str, model: &str, body_bytes: &str) -> anyhow::Result<Value> {
    let output = Command::new(PROGRAM)
        .args(["load", "--json", "--connections", "4", "--requests", "100"])
        .args(["--target", target, "--model", model, "--body-bytes", body_bytes])
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[test]
fn every_call_is_answered_through_the_bare_proxy() -> anyhow::Result<()> {
    let upstream = Role::start(&["upstream"])?;
    let proxy = Role::start(&["proxy", "--upstream", &upstream.address])?;
    for target in [&upstream.address, &proxy.address] {
        for (model, body_bytes) in [("bench-json", "200"), ("bench-json", "91000")] {
            let outcome = load(target, model, body_bytes)?;
            assert_eq!((&outcome["answered"], &outcome["errors"]), (&100.into(), &0.into()));
        }
        let outcome = load(target, "bench-sse", "200")?;
        assert_eq!((&outcome["answered"], &outcome["errors"]), (&100.into(), &0.into()));
        let seconds = outcome["seconds"].as_f64().context("no time")?;
        let rate = outcome["events_per_second"].as_f64().context("no rate")?;
        // 32 events of content, the usage, and `[DONE]`.
        assert_eq!((rate * seconds).round(), 3_400.0);
    }
    Ok(())
}
