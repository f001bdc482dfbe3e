//! `cargo xtask test`: everything that has to hold, in order, with what it needs brought along.

mod binaries;
mod checks;
mod clients;
mod debian;
mod deny;
mod end_to_end;
mod postgres;
mod report;
mod suites;
mod tally;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::repository;
use binaries::Binaries;
use end_to_end::{Running, SUITES};
use postgres::Postgres;
use report::{Outcome, Report};

/// What was asked for, and where.
pub(crate) struct Run {
    root: PathBuf,
    /// Leave out what takes long and seldom breaks.
    quick: bool,
    /// Only tests whose name has this in it, and none of the checks.
    filter: Option<String>,
    /// On the build machine a skip is a failure.
    ci: bool,
}

impl Run {
    fn read(arguments: &[String]) -> Result<Self> {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        let mut run = Self { root: repository::root()?, quick: false, filter: None, ci };
        for argument in arguments {
            match argument.as_str() {
                "--quick" => run.quick = true,
                flag if flag.starts_with('-') => bail!("unknown flag {flag}; known: --quick"),
                name if run.filter.is_none() => run.filter = Some(name.to_owned()),
                name => bail!("one filter only; {name} is a second"),
            }
        }
        Ok(run)
    }

    /// Why a check is left out, if it is.
    fn left_out(&self, takes_long: bool) -> Option<String> {
        match &self.filter {
            Some(filter) => Some(format!("only tests named {filter} were asked for")),
            None if self.quick && takes_long => Some("--quick was given".to_owned()),
            None => None,
        }
    }
}

pub(crate) fn command(arguments: &[String]) -> Result<ExitCode> {
    let run = Run::read(arguments)?;
    let mut report = Report::new(run.ci);

    report.check("format", run.left_out(false), || checks::format(&run));
    report.check("tidy", run.left_out(false), || checks::tidy(&run));
    report.check("clippy", run.left_out(false), || checks::clippy(&run));
    report.check("rustdoc", run.left_out(true), || checks::rustdoc(&run));
    report.check("dependencies", run.left_out(true), || deny::check(&run));

    let (mut binaries, mut postgres) = (None, None);
    report.check("build", None, || {
        binaries = Some(Binaries::build(&run)?);
        Ok(Outcome::passed())
    });
    report.check("PostgreSQL", None, || {
        postgres = Some(Postgres::start()?);
        Ok(Outcome::passed())
    });
    report.check("tests", None, || {
        let binaries = binaries.as_ref().context("not run: the build failed")?;
        let postgres = postgres.as_ref().context("not run: there is no PostgreSQL")?;
        suites::cargo_tests(&run, binaries, postgres)
    });
    drop(postgres);
    let quick = run.quick.then(|| "--quick was given".to_owned());
    let mut running = None;
    report.check("end to end: clients", quick.clone(), || {
        let binaries = binaries.as_ref().context("not run: the build failed")?;
        running = Some(Running::start(&run, binaries)?);
        Ok(Outcome::passed())
    });
    for suite in SUITES {
        report.check(suite.title, quick.clone(), || {
            running.as_mut().context("not run: its clients are not there")?.end(suite)
        });
    }
    Ok(report.end())
}
