//! `tollkeeper clear TOOL`: what was there before comes back.

use anyhow::Result;
use clap::{ArgMatches, Command};
use serde_json::json;
use std::process::ExitCode;

use super::{personal, tool};
use crate::output;

pub(super) fn command() -> Command {
    personal::flags(Command::new("clear"))
        .about("Take our configuration out of a tool; what was there before comes back")
        .args([tool::tool_argument(), personal::yes_flag()])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let tool = tool::chosen(matches)?;
    let mut companion = tool::open()?;
    let question = format!("Take it out of {}?", tool.title());
    let make = |companion: &companion::companion::Companion<'_>| companion.plan_clear(tool);
    let plan = tool::carry_out(matches, &mut companion, None, &question, &make)?;
    let Some(plan) = plan else { return Ok(ExitCode::FAILURE) };
    if matches.get_flag("json") {
        let applied = json!({ "applied": true });
        output::say(&tool::with(tool::plan_json(&plan), applied).to_string());
    } else {
        output::say(&format!("{} is as it was before.", tool.title()));
    }
    Ok(ExitCode::SUCCESS)
}
