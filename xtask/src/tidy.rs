//! `cargo xtask tidy`: the house's rules as small checks. One rule, one file; each finding names
//! the place and what to do.

mod rust;
mod tree;

mod changelog;
mod decisions;
mod driver;
mod egress;
mod environment;
mod exceptions;
mod languages;
mod layers;
mod links;
mod messages;
mod metrics;
mod module_docs;
mod names;
mod problems;
mod refusals;
mod settings;
mod size;
mod sql;
mod traces;
mod whitespace;

use anyhow::{Result, bail};
use std::path::Path;
use std::process::ExitCode;

use crate::{child, repository};
use tree::{Finding, Tree};

/// A rule's name, and the function that finds where it is broken.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("module-docs", module_docs::check),
    ("size", size::check),
    ("names", names::check),
    ("exceptions", exceptions::check),
    ("layers", layers::check),
    ("driver", driver::check),
    ("egress", egress::check),
    ("environment", environment::check),
    ("sql", sql::check),
    ("traces", traces::check),
    ("whitespace", whitespace::check),
    ("links", links::check),
    ("languages", languages::check),
    ("messages", messages::check),
    ("settings", settings::check),
    ("problems", problems::check),
    ("refusals", refusals::check),
    ("metrics", metrics::check),
    ("decisions", decisions::check),
    ("changelog", changelog::check),
];

/// How many findings there are, and how many rules hold.
pub(crate) struct Outcome {
    pub(crate) findings: usize,
    pub(crate) sound: usize,
}

pub(crate) fn command(arguments: &[String]) -> Result<ExitCode> {
    let root = repository::root()?;
    match arguments {
        [] => {}
        [fix] if fix == "--fix" => mend(&root)?,
        _ => bail!("tidy takes --fix and nothing else"),
    }
    let outcome = run(&root)?;
    Ok(if outcome.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks every rule and prints what breaks it.
pub(crate) fn run(root: &Path) -> Result<Outcome> {
    let tree = Tree::read(root)?;
    let mut outcome = Outcome { findings: 0, sound: 0 };
    for (rule, check) in RULES {
        let mut findings = check(&tree);
        findings.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        for Finding { path, line, message } in &findings {
            println!("{path}:{line}: {message} [{rule}]");
        }
        outcome.findings += findings.len();
        outcome.sound += usize::from(findings.is_empty());
    }
    println!("{}", size::figures(&tree));
    println!("{} of {} rules hold; {} findings", outcome.sound, RULES.len(), outcome.findings);
    Ok(outcome)
}

/// Puts right what can be put right without thinking: format, white space, generated tables.
fn mend(root: &Path) -> Result<()> {
    child::must(child::cargo(root).args(["fmt", "--all"]))?;
    let tree = Tree::read(root)?;
    for file in tree.texts() {
        if !whitespace::is_ours(&file.path) {
            continue;
        }
        let mended = settings::mend(&tree, &file.path, &whitespace::mend(&file.text));
        if mended != file.text {
            std::fs::write(root.join(&file.path), mended)?;
            println!("mended {}", file.path);
        }
    }
    Ok(())
}
