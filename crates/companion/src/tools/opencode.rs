//! OpenCode: a provider of its own in `opencode.json`, or in `opencode.jsonc` where that is used.

use domain::secret::Secret;

use super::{
    Effect, ReadBack, Says, Speaks, Tool, ToolError, ToolFile, Unmet, Warning, Wish, free_name,
    set, text_at, warning::variables,
};
use crate::edit::{Dialect, Edit, Format, KeyPath, Value, find};
use crate::paths::Places;
use crate::surroundings::Surroundings;

const FORMAT: Format = Format::Json(Dialect::CommentsAndTrailingCommas);
const SCHEMA: &str = "https://opencode.ai/config.json";
const PROVIDERS: &str = "provider";

/// OpenCode.
pub(super) struct OpenCode;

impl Tool for OpenCode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn title(&self) -> &'static str {
        "OpenCode"
    }

    fn files(&self, places: &Places) -> Vec<ToolFile> {
        // Of two, this one counts more.
        let commented = places.opencode("opencode.jsonc");
        let plain = places.opencode("opencode.json");
        let path = if commented.exists() { commented } else { plain };
        vec![ToolFile { path, format: FORMAT, holds_secret: true }]
    }

    fn edits(&self, wish: &Wish, _: usize, without_us: &[u8]) -> Result<Vec<Edit>, ToolError> {
        if wish.command.is_some() {
            return Err(ToolError::Wish(Unmet::NoCommand));
        }
        let model = wish.model.as_deref().ok_or(ToolError::Wish(Unmet::ModelNeeded))?;
        let id = free_name(FORMAT, without_us, PROVIDERS)?;
        let mut edits = Vec::new();
        // OpenCode rewrites a file that has none.
        if find(FORMAT, without_us, &KeyPath::new(["$schema"]))?.is_none() {
            edits.push(set(&["$schema"], SCHEMA));
        }
        edits.extend([
            set(&[PROVIDERS, &id, "npm"], "@ai-sdk/openai-compatible"),
            set(&[PROVIDERS, &id, "name"], "Tollkeeper"),
            set(&[PROVIDERS, &id, "options", "baseURL"], wish.base_url.with_v1()),
            set(&[PROVIDERS, &id, "options", "apiKey"], wish.secret.expose()),
            Edit::set(KeyPath::new([PROVIDERS, &id, "models", model]), Value::Empty),
            set(&["model"], format!("{id}/{model}")),
        ]);
        Ok(edits)
    }

    fn read_back(&self, files: &[Vec<u8>]) -> ReadBack {
        let text = |path: &[&str]| text_at(FORMAT, files.first()?, path);
        let Some(chosen) = text(&["model"]) else { return ReadBack::default() };
        let (id, model) = chosen.split_once('/').unwrap_or((&chosen, ""));
        ReadBack {
            base_url: text(&[PROVIDERS, id, "options", "baseURL"]),
            secret: text(&[PROVIDERS, id, "options", "apiKey"]).map(Secret::new),
            model: Some(model.to_owned()),
        }
    }

    fn overrides(&self, around: &Surroundings, places: &Places) -> Vec<Warning> {
        let names = ["OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "OPENCODE_CONFIG_CONTENT"];
        let mut warnings = variables(around, &names, Effect::CountsMore("opencode.json"));
        let names = ["opencode.json", "opencode.jsonc"];
        let own = names.map(|name| places.opencode(name));
        let project = around.directories().flat_map(|it| names.map(|name| it.join(name)));
        for path in project.filter(|path| !own.contains(path)) {
            let Ok(bytes) = std::fs::read(&path) else { continue };
            if text_at(FORMAT, &bytes, &["model"]).is_some() {
                warnings.push(Warning::file(&path, Says::Model));
            }
        }
        warnings
    }

    fn afterwards(&self) -> &'static str {
        "Restart OpenCode: running sessions keep what they started with."
    }

    fn speaks(&self) -> Speaks {
        Speaks::Chat
    }

    fn needs_model(&self) -> bool {
        true
    }
}
