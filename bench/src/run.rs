//! One whole run: everything is started, every row measured in alternating rounds, and printed.

mod calls;
mod keys;
mod memory;
mod report;
mod rows;
mod stage;

use anyhow::{bail, ensure};

use crate::load::{Load, chat_request, percentile_micros};
use crate::options::Options;
use crate::process;
use calls::CALLS;
use keys::KEYS;
use report::Figure;
use rows::{ROWS, Row};
use stage::{Stage, Subject};

/// The row that is not a load but a look at memory.
const MEMORY: &str = "memory";

/// `tollkeeper-bench run`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    // Rows that take minutes and gigabytes are measured when they are asked for by name.
    let named = |name: &str| options.only.as_deref() == Some(name);
    let has_many = named(KEYS) || named(CALLS);
    if !wanted(MEMORY) && !has_many && !ROWS.iter().any(|row| wanted(row.name)) {
        bail!(
            "no such row; known: {}, {MEMORY}, {KEYS}, {CALLS}",
            ROWS.map(|row| row.name).join(", ")
        );
    }
    if cfg!(debug_assertions) {
        eprintln!("warning: a debug build measures itself; build with --release");
    }
    let mut figures = Vec::new();
    if ROWS.iter().any(|row| wanted(row.name)) {
        let stage = Stage::start(options.binary.as_deref()).await?;
        for row in ROWS.iter().filter(|row| wanted(row.name)) {
            figures.extend(measure_row(&stage, row, options).await?);
        }
    }
    if wanted(MEMORY) {
        // On processes of their own: memory remembers what went before.
        let stage = Stage::start(options.binary.as_deref()).await?;
        figures.extend(memory::measure(&stage).await?);
    }
    if named(KEYS) {
        figures.extend(keys::measure(options).await?);
    }
    if named(CALLS) {
        figures.extend(calls::measure(options).await?);
    }
    report::print(&figures, options.json)
}

/// One round of one subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) calls_per_second: f64,
    pub(crate) events_per_second: f64,
    /// CPU seconds of the subject per 1,000 calls; not a number for the direct call.
    pub(crate) cpu: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) first_byte: f64,
}

/// The rounds of each subject, in the order of [`Subject::ALL`].
type Rounds = [Vec<Measure>; 3];

async fn measure_row(stage: &Stage, row: &Row, options: &Options) -> anyhow::Result<Vec<Figure>> {
    let requests = row.requests(options.requests);
    let mut rounds: Rounds = Default::default();
    for round in 0..=options.rounds {
        // Who goes first changes, so that a drift of the machine hits all alike.
        let mut order: Vec<(Subject, &mut Vec<Measure>)> =
            Subject::ALL.into_iter().zip(rounds.iter_mut()).collect();
        order.rotate_left(round % Subject::ALL.len());
        for (subject, measures) in order {
            let is_warm_up = round == 0;
            let requests = if is_warm_up { (requests / 10).max(row.connections) } else { requests };
            let measure = measure_once(stage, subject, row, requests).await?;
            if !is_warm_up {
                measures.push(measure);
            }
        }
    }
    Ok(row.figures(&rounds))
}

async fn measure_once(
    stage: &Stage,
    subject: Subject,
    row: &Row,
    requests: usize,
) -> anyhow::Result<Measure> {
    // The yardstick of a translation is the same program passing the same call through.
    let (subject, model) = match (subject, row.passed_through) {
        (Subject::Tollkeeper, _) | (_, None) => (subject, row.model),
        (Subject::Direct, Some(model)) => (subject, model),
        (Subject::Bare, Some(model)) => (Subject::Tollkeeper, model),
    };
    let target = stage.address(subject);
    let request = chat_request(target, stage.secret(), model, row.body_bytes);
    let process = stage.process(subject)?;
    let cpu_before = process.map(process::cpu_seconds).transpose()?;
    let load = Load { target, connections: row.connections, requests, request };
    let outcome = load.run().await?;
    let answered = std::time::Instant::now();
    ensure!(
        outcome.errors == 0,
        "{} errors in {} calls of {} through {subject:?}",
        outcome.errors,
        requests,
        row.name
    );
    let mut seconds = outcome.elapsed.as_secs_f64();
    let mut cpu = f64::NAN;
    if let (Some(process), Some(before)) = (process, cpu_before) {
        let worked = process::drained(process).await?;
        if worked > answered + process::NOTICED {
            seconds += (worked - answered).as_secs_f64();
        }
        cpu = (process::cpu_seconds(process)? - before) * 1_000.0 / outcome.answered() as f64;
    }
    Ok(Measure {
        calls_per_second: outcome.answered() as f64 / seconds,
        events_per_second: outcome.events as f64 / seconds,
        cpu,
        p50: percentile_micros(&outcome.latencies, 0.5),
        p99: percentile_micros(&outcome.latencies, 0.99),
        first_byte: percentile_micros(&outcome.first_bytes, 0.5),
    })
}
