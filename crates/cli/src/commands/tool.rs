//! What the verbs that configure tools have in common: the machine around them, showing a plan,
//! asking, carrying it out.

mod probe;

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches};
use companion::companion::Companion;
use companion::credential::Credential;
use companion::paths::Places;
use companion::plan::{Plan, PlanError};
use companion::tools::{self, TOOLS, Tool};
use companion::write::WriteError;
use serde_json::{Value, json};

use super::personal;
use crate::output;

pub(super) use probe::NodeProbe;

/// So often a plan is made again because another program changed the file.
const MOST_PLANS: usize = 5;

pub(super) fn places() -> Result<Places> {
    Ok(Places::new(&personal::surroundings()?)?)
}

pub(super) fn open() -> Result<Companion<'static>> {
    Ok(Companion::open(places()?, personal::now().get(), &|_| ())?)
}

/// This program, for tools that ask it for their key.
pub(super) fn program() -> Option<String> {
    std::env::current_exe().ok()?.into_os_string().into_string().ok()
}

pub(super) fn tool_argument() -> Arg {
    Arg::new("tool").value_name("TOOL").help("claude-code, codex, gemini-cli or opencode")
}

/// The tool that was named, or is chosen in a terminal.
pub(super) fn chosen(matches: &ArgMatches) -> Result<&'static dyn Tool> {
    let names = || TOOLS.iter().map(|tool| tool.name()).collect::<Vec<_>>();
    let name = match matches.get_one::<String>("tool") {
        Some(name) => name.clone(),
        None if personal::is_interactive() => {
            personal::asked(inquire::Select::new("Which tool?", names()).prompt())?.to_owned()
        }
        None => bail!("name a tool: {}", names().join(", ")),
    };
    tools::tool(&name).with_context(|| {
        format!("there is no tool `{name}` here; there are {}", names().join(", "))
    })
}

/// Shows, asks and carries out; plans again if a file was changed meanwhile. `None`: the person
/// said no.
pub(super) fn carry_out(
    matches: &ArgMatches,
    companion: &mut Companion<'_>,
    credential: Option<&Credential>,
    question: &str,
    make: &dyn Fn(&Companion<'_>) -> Result<Plan, PlanError>,
) -> Result<Option<Plan>> {
    let mut shown = String::new();
    for _ in 0..MOST_PLANS {
        let plan = make(companion)?;
        let diff = diff_of(&plan);
        // What was agreed to is what is done: another diff is another question.
        if shown != diff {
            if !matches.get_flag("json") {
                show(&plan);
            }
            if !personal::confirmed(matches, question)? {
                output::say("Nothing was changed.");
                return Ok(None);
            }
            shown = diff;
        }
        match companion.apply(&plan, credential, personal::now().get()) {
            Ok(()) => return Ok(Some(plan)),
            Err(WriteError::Changed(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bail!("another program keeps changing the file; close it and try again")
}

fn diff_of(plan: &Plan) -> String {
    plan.files.iter().map(companion::plan::PlannedFile::diff).collect()
}

pub(super) fn show(plan: &Plan) {
    for file in &plan.files {
        if file.changes() {
            output::say(&file.diff());
            if file.wanted.is_some() && file.seen.bytes.is_some() && file.mode != file.seen.mode {
                let path = file.seen.path.display();
                output::say(&format!(
                    "{path}: permissions {:o} -> {:o}",
                    file.seen.mode, file.mode
                ));
            }
        } else {
            output::say(&format!("{}: nothing changes", file.seen.path.display()));
        }
        for left in &file.without_us.left {
            output::say(&format!("{left} was changed by somebody else"));
        }
    }
}

/// A plan as JSON.
pub(super) fn plan_json(plan: &Plan) -> Value {
    let files = plan.files.iter().map(|file| {
        json!({
            "path": file.seen.path.display().to_string(),
            "changed": file.changes(),
            "removed": file.wanted.is_none() && file.seen.bytes.is_some(),
            "diff": file.diff(),
            "left": file.without_us.left.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    json!({ "verb": plan.verb, "tool": plan.tool, "files": files.collect::<Vec<_>>() })
}

/// `base` with more members.
pub(super) fn with(mut base: Value, more: Value) -> Value {
    if let (Some(members), Value::Object(more)) = (base.as_object_mut(), more) {
        members.extend(more);
    }
    base
}
