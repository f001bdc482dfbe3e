//! Claude Code: the `env` block of `settings.json`.
//!
//! Seen with the real program: what stands in `env` counts more than the shell; an empty
//! `ANTHROPIC_API_KEY` keeps a key of the shell from being sent as well; and an `apiKeyHelper` is
//! asked even beside `ANTHROPIC_AUTH_TOKEN`, and what it prints goes to the node as `x-api-key`. So
//! somebody else's helper steps aside as long as our key is in the file.

use domain::secret::Secret;

use super::{
    Effect, ReadBack, Says, SecretCommand, Speaks, Tool, ToolError, ToolFile, Warning, Wish,
    nothing, set, text_at, warning::variables,
};
use crate::edit::{Dialect, Edit, Format, KeyPath, check, find};
use crate::paths::Places;
use crate::surroundings::Surroundings;

const FORMAT: Format = Format::Json(Dialect::Strict);
const BASE_URL: &[&str] = &["env", "ANTHROPIC_BASE_URL"];
const AUTH_TOKEN: &[&str] = &["env", "ANTHROPIC_AUTH_TOKEN"];
const API_KEY: &[&str] = &["env", "ANTHROPIC_API_KEY"];
const MODEL: &[&str] = &["env", "ANTHROPIC_MODEL"];
const SMALL_MODEL: &[&str] = &["env", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
const HELPER: &[&str] = &["apiKeyHelper"];

/// Variables that lead elsewhere whatever the settings say.
const ELSEWHERE: &[&str] =
    &["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];
/// Variables that our settings count more than, or that go to the node with every call.
const BESIDE: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_MODEL",
];

/// Claude Code.
pub(super) struct ClaudeCode;

impl Tool for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn title(&self) -> &'static str {
        "Claude Code"
    }

    fn files(&self, places: &Places) -> Vec<ToolFile> {
        let path = places.claude("settings.json");
        vec![ToolFile { path, format: FORMAT, holds_secret: true }]
    }

    fn edits(&self, wish: &Wish, _: usize, _: &[u8]) -> Result<Vec<Edit>, ToolError> {
        let mut edits = vec![set(BASE_URL, wish.base_url.as_str())];
        match &wish.command {
            Some(command) => {
                edits.extend([set(AUTH_TOKEN, ""), set(API_KEY, "")]);
                edits.push(set(HELPER, shell_line(command)));
            }
            None => {
                edits.extend([set(AUTH_TOKEN, wish.secret.expose()), set(API_KEY, "")]);
                edits.push(nothing(HELPER));
            }
        }
        if let Some(model) = &wish.model {
            edits.extend([set(MODEL, model), set(SMALL_MODEL, model)]);
        }
        Ok(edits)
    }

    fn read_back(&self, files: &[Vec<u8>]) -> ReadBack {
        let text = |path| text_at(FORMAT, files.first()?, path);
        let secret = text(AUTH_TOKEN).filter(|it| !it.is_empty()).map(Secret::new);
        ReadBack { base_url: text(BASE_URL), secret, model: text(MODEL) }
    }

    fn overrides(&self, around: &Surroundings, places: &Places) -> Vec<Warning> {
        let mut warnings = variables(around, ELSEWHERE, Effect::Elsewhere);
        warnings.extend(variables(around, BESIDE, Effect::OnOthers));
        let user = places.claude("settings.json");
        let project = around.directories().flat_map(|directory| {
            ["settings.local.json", "settings.json"].map(|it| directory.join(".claude").join(it))
        });
        for path in project.filter(|path| *path != user) {
            warnings.extend(of_file(&path, Says::ProjectSets));
        }
        for path in places.claude_managed() {
            warnings.extend(of_file(&path, Says::ManagedSets));
        }
        warnings
    }

    fn afterwards(&self) -> &'static str {
        "Claude Code takes it over at once, in running sessions too."
    }

    fn speaks(&self) -> Speaks {
        Speaks::Messages
    }

    fn asks_commands(&self) -> bool {
        true
    }
}

/// What another settings file says about the same things.
fn of_file(path: &std::path::Path, says: fn(String) -> Says) -> Option<Warning> {
    let bytes = std::fs::read(path).ok()?;
    if check(FORMAT, &bytes).is_err() {
        return None;
    }
    let names = [BASE_URL, AUTH_TOKEN, API_KEY, MODEL, HELPER];
    let set: Vec<String> = names
        .iter()
        .map(|names| KeyPath::new(names.iter().copied()))
        .filter(|names| matches!(find(FORMAT, &bytes, names), Ok(Some(_))))
        .map(|names| names.to_string())
        .collect();
    (!set.is_empty()).then(|| Warning::file(path, says(set.join(", "))))
}

/// The command as a line for the shell that runs it.
fn shell_line(command: &SecretCommand) -> String {
    let words = std::iter::once(&command.program).chain(&command.arguments);
    words.map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "_-./:=@%+".contains(it);
    if word.chars().all(plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_is_one_word() {
        let command = SecretCommand {
            program: "/opt/my tools/it's".to_owned(),
            arguments: vec!["secret".to_owned()],
        };
        assert_eq!(shell_line(&command), "'/opt/my tools/it'\\''s' secret");
    }
}
