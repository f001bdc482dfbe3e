//! `tollkeeper undo`: the last change of a tool is taken back.

use anyhow::Result;
use clap::{ArgMatches, Command};
use companion::companion::Companion;
use serde_json::json;
use std::process::ExitCode;

use super::{personal, tool};
use crate::output;

pub(super) fn command() -> Command {
    personal::flags(Command::new("undo"))
        .about("Take the last change of a tool's configuration back")
        .arg(personal::yes_flag())
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let mut companion = tool::open()?;
    let make = |companion: &Companion<'_>| companion.plan_undo();
    let plan = tool::carry_out(matches, &mut companion, None, "Take it back?", &make)?;
    let Some(plan) = plan else { return Ok(ExitCode::FAILURE) };
    if matches.get_flag("json") {
        let applied = json!({ "applied": true });
        output::say(&tool::with(tool::plan_json(&plan), applied).to_string());
    } else {
        output::say(&format!("The last change of {} is taken back.", plan.tool));
    }
    Ok(ExitCode::SUCCESS)
}
