//! Codex: a provider of its own in `config.toml`.
//!
//! Never `auth.json`, which holds a person's log-in, and never `requires_openai_auth`, which would
//! send that log-in to the node.

use domain::secret::Secret;

use super::{
    Effect, ReadBack, Says, Speaks, Tool, ToolError, ToolFile, Warning, Wish, free_name, set,
    text_at, warning::variables,
};
use crate::edit::{Edit, Format, KeyPath, Value};
use crate::paths::Places;
use crate::surroundings::Surroundings;

const PROVIDERS: &str = "model_providers";
const PROVIDER: &[&str] = &["model_provider"];
const MODEL: &[&str] = &["model"];

/// Codex.
pub(super) struct Codex;

impl Tool for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn title(&self) -> &'static str {
        "Codex"
    }

    fn files(&self, places: &Places) -> Vec<ToolFile> {
        let path = places.codex("config.toml");
        vec![ToolFile { path, format: Format::Toml, holds_secret: true }]
    }

    fn edits(&self, wish: &Wish, _: usize, without_us: &[u8]) -> Result<Vec<Edit>, ToolError> {
        // A provider of this name that the person wrote is the person's.
        let id = free_name(Format::Toml, without_us, PROVIDERS)?;
        let at = |name: &'static str| [PROVIDERS, &id, name];
        let mut edits = vec![set(PROVIDER, &*id)];
        edits.extend(wish.model.as_ref().map(|model| set(MODEL, model)));
        edits.extend([
            set(&at("name"), "Tollkeeper"),
            set(&at("base_url"), wish.base_url.with_v1()),
            set(&at("wire_api"), "responses"),
        ]);
        match &wish.command {
            Some(command) => {
                let auth = |name| [PROVIDERS, &id, "auth", name];
                edits.push(set(&auth("command"), &*command.program));
                let arguments = Value::List(command.arguments.clone());
                edits.push(Edit::set(KeyPath::new(auth("args")), arguments));
            }
            None => edits.push(set(&at("experimental_bearer_token"), wish.secret.expose())),
        }
        Ok(edits)
    }

    fn read_back(&self, files: &[Vec<u8>]) -> ReadBack {
        let text = |path: &[&str]| text_at(Format::Toml, files.first()?, path);
        let Some(id) = text(PROVIDER) else { return ReadBack::default() };
        ReadBack {
            base_url: text(&[PROVIDERS, &id, "base_url"]),
            secret: text(&[PROVIDERS, &id, "experimental_bearer_token"]).map(Secret::new),
            model: text(MODEL),
        }
    }

    fn overrides(&self, around: &Surroundings, places: &Places) -> Vec<Warning> {
        let names = ["OPENAI_BASE_URL", "OPENAI_API_KEY", "CODEX_API_KEY"];
        let mut warnings = variables(around, &names, Effect::OnSomeVersions);
        let own = places.codex("config.toml");
        if let Ok(bytes) = std::fs::read(&own)
            && let Some(profile) = text_at(Format::Toml, &bytes, &["profile"])
        {
            let set = |name| text_at(Format::Toml, &bytes, &["profiles", &profile, name]).is_some();
            if set("model_provider") || set("model") {
                warnings.push(Warning::file(&own, Says::Profile(profile)));
            }
        }
        let project = around.directories().map(|it| it.join(".codex").join("config.toml"));
        for path in project.filter(|path| *path != own) {
            warnings.extend(of_file(&path, Says::ProjectProvider));
        }
        for path in places.codex_managed() {
            warnings.extend(of_file(&path, Says::ManagedProvider));
        }
        warnings
    }

    fn afterwards(&self) -> &'static str {
        "Restart Codex: running sessions keep what they started with."
    }

    fn speaks(&self) -> Speaks {
        Speaks::Responses
    }

    fn asks_commands(&self) -> bool {
        true
    }
}

fn of_file(path: &std::path::Path, says: Says) -> Option<Warning> {
    let bytes = std::fs::read(path).ok()?;
    let chosen = [PROVIDER, MODEL, &["profile"]];
    let chosen = chosen.iter().any(|name| text_at(Format::Toml, &bytes, name).is_some());
    chosen.then(|| Warning::file(path, says))
}
