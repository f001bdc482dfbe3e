//! What another process costs, from `/proc`, and what this one and its children may open.

use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A pause in which a process uses less than this much of a core counts as rest.
const RESTING_SHARE: f64 = 0.2;
/// Work within this time of the last answer cannot be told from the answering itself.
pub(crate) const NOTICED: Duration = Duration::from_millis(150);
const SAMPLE: Duration = Duration::from_millis(100);
const LONGEST_DRAIN: Duration = Duration::from_secs(15);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// CPU seconds used so far, user and system, by all threads past and present.
pub(crate) fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let stat = read(process, "stat")?;
    // The second field is the program's name in parentheses and may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("/proc/…/stat has no name")?;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap_or(0))
        .sum();
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Resident memory in MiB.
pub(crate) fn resident_mebibytes(process: u32) -> anyhow::Result<f64> {
    status_mebibytes(process, "VmRSS:")
}

/// The most memory that was resident at any time, in MiB.
pub(crate) fn peak_mebibytes(process: u32) -> anyhow::Result<f64> {
    status_mebibytes(process, "VmHWM:")
}

/// Waits until the process rests and returns the moment when it last worked: what it does after
/// the last answer (shipping its journal) belongs to what the answers cost.
pub(crate) async fn drained(process: u32) -> anyhow::Result<Instant> {
    let start = Instant::now();
    let mut worked = start;
    let mut before = cpu_seconds(process)?;
    // Three restful samples in a row: a batch may still be waiting for its time.
    let mut restful = 0;
    while restful < 3 && start.elapsed() < LONGEST_DRAIN {
        tokio::time::sleep(SAMPLE).await;
        let now = cpu_seconds(process)?;
        if now - before > SAMPLE.as_secs_f64() * RESTING_SHARE {
            worked = Instant::now();
            restful = 0;
        } else {
            restful += 1;
        }
        before = now;
    }
    Ok(worked)
}

/// Allows as many open files as the system lets us: a thousand streams through a proxy are two
/// thousand sockets in it. Children inherit it.
pub(crate) fn raise_file_limit() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).context("cannot raise the limit of open files")
}

fn status_mebibytes(process: u32, field: &str) -> anyhow::Result<f64> {
    let status = read(process, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let line = line.with_context(|| format!("/proc/…/status has no {field}"))?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0 / MEBIBYTE)
}

fn read(process: u32, file: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{process}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_costs() -> anyhow::Result<()> {
        let own = std::process::id();
        assert!(cpu_seconds(own)? >= 0.0);
        assert!(resident_mebibytes(own)? > 0.5);
        assert!(peak_mebibytes(own)? >= resident_mebibytes(own)? * 0.9);
        Ok(())
    }
}
