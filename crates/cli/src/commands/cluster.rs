//! `tollkeeper cluster`: which node keeps the books, and forgetting one that is gone for good.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches, Command};
use domain::id::NodeId;
use server::deployment::{check, open_database};
use std::process::ExitCode;

use crate::{output, settings};

pub(super) fn command() -> Command {
    let node = Arg::new("node").value_name("NODE").required(true).help("The node's id (node_…)");
    Command::new("cluster")
        .about("List the nodes of a database, or forget one that is gone for good")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(settings::flags(Command::new("list").about("List the nodes")))
        .subcommand(settings::flags(
            Command::new("forget")
                .about("Let another node keep the books. What the forgotten one had not shipped is lost with its disk")
                .arg(node),
        ))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (verb, matches) = matches.subcommand().context("say list or forget")?;
    let config = settings::config(matches)?;
    super::runtime()?.block_on(async {
        let database = open_database(&config).await?;
        check(&config, &database, &settings::master_key(&config)?).await?;
        let nodes = database.nodes().await?;
        if verb == "list" {
            let rows = nodes.iter().map(|(node, active)| {
                let state = if *active { "keeps the books" } else { "ended" };
                vec![
                    node.id.to_string(),
                    state.to_owned(),
                    node.epoch.to_string(),
                    node.shipped.to_string(),
                ]
            });
            output::say(&output::table(&["node", "state", "starts", "shipped"], rows));
            return Ok(ExitCode::SUCCESS);
        }
        let id: NodeId = matches.get_one::<String>("node").context("name the node")?.parse()?;
        if !nodes.iter().any(|(node, _)| node.id == id) {
            bail!("there is no node {id}; `tollkeeper cluster list` lists them");
        }
        // A gateway that runs here may be the very node: it would go on keeping the books.
        let _lock = ledger::lock_directory(&config.data)?;
        let mut transaction = database.begin().await?;
        transaction.end_node(id).await?;
        transaction.commit().await?;
        output::say(&format!("{id} is forgotten: another node can keep the books now."));
        Ok(ExitCode::SUCCESS)
    })
}
