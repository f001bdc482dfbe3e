//! `tollkeeper status`: which tool uses which node and key, and whether its files still say so.

use anyhow::Result;
use clap::{ArgMatches, Command};
use companion::companion::{Standing, look, standing};
use companion::tools::TOOLS;
use serde_json::json;
use std::process::ExitCode;

use super::{personal, tool};
use crate::output;

pub(super) fn command() -> Command {
    personal::flags(Command::new("status"))
        .about("Show which tool uses which node and key, and what would count more")
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (around, places) = (personal::surroundings()?, tool::places()?);
    let state = look(&places)?;
    let (mut rows, mut cells, mut warned) = (Vec::new(), Vec::new(), Vec::new());
    for tool in TOOLS {
        let Some(of) = state.tools.get(tool.name()) else {
            rows.push(json!({ "tool": tool.name(), "configured": false }));
            cells.push(vec![tool.name().to_owned(), "not configured".to_owned()]);
            continue;
        };
        let standing = standing(tool, of, &places);
        let warnings = tool.overrides(&around, &places);
        rows.push(json!({
            "tool": tool.name(), "configured": true, "base_url": of.base_url, "key": of.key,
            "model": of.model, "source": of.source, "secret_in_file": of.secret.is_none(),
            "files": of.files.iter().map(|it| it.path.display().to_string()).collect::<Vec<_>>(),
            "standing": standing.code(), "since": of.at,
            "warnings": warnings.iter()
                .map(|it| json!({ "code": it.code(), "message": it.to_string() })).collect::<Vec<_>>(),
        }));
        let said = match standing {
            Standing::AsWritten => "as written",
            Standing::ChangedBeside => "as written; other parts of the file changed",
            Standing::Overwritten => "overwritten by somebody else",
            Standing::Unreadable => "its file cannot be read",
        };
        let model = of.model.clone().unwrap_or_default();
        let row = [tool.name(), said, &of.base_url, &of.key, &model].map(str::to_owned);
        cells.push(row.to_vec());
        warned.extend(warnings.into_iter().map(|it| format!("{}: {}", tool.name(), it)));
    }
    if matches.get_flag("json") {
        output::say(&json!({ "data": rows }).to_string());
    } else {
        output::say(&output::table(&["tool", "status", "node", "key", "model"], cells));
        for warning in warned {
            output::say(&format!("Warning: {warning}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
