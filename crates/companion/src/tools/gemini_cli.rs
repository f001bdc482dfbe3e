//! Gemini CLI: the key and the address in `.env`, the way to sign in in `settings.json`.

use domain::secret::Secret;

use super::{
    Effect, ReadBack, Says, Speaks, Tool, ToolError, ToolFile, Unmet, Warning, Wish, set, text_at,
    warning::variables,
};
use crate::edit::{Dialect, Edit, Format};
use crate::paths::Places;
use crate::surroundings::Surroundings;

const SETTINGS: Format = Format::Json(Dialect::Comments);
const SIGN_IN: &[&str] = &["security", "auth", "selectedType"];
const BY_KEY: &str = "gemini-api-key";

/// Gemini CLI.
pub(super) struct GeminiCli;

impl Tool for GeminiCli {
    fn name(&self) -> &'static str {
        "gemini-cli"
    }

    fn title(&self) -> &'static str {
        "Gemini CLI"
    }

    fn files(&self, places: &Places) -> Vec<ToolFile> {
        let secret = |path| ToolFile { path, format: Format::Dotenv, holds_secret: true };
        let plain = |path| ToolFile { path, format: SETTINGS, holds_secret: false };
        vec![secret(places.gemini(".env")), plain(places.gemini("settings.json"))]
    }

    fn edits(&self, wish: &Wish, file: usize, _: &[u8]) -> Result<Vec<Edit>, ToolError> {
        if wish.command.is_some() {
            return Err(ToolError::Wish(Unmet::NoCommand));
        }
        if file > 0 {
            return Ok(vec![set(SIGN_IN, BY_KEY)]);
        }
        let mut edits = vec![
            set(&["GEMINI_API_KEY"], wish.secret.expose()),
            set(&["GOOGLE_GEMINI_BASE_URL"], wish.base_url.as_str()),
        ];
        edits.extend(wish.model.as_ref().map(|model| set(&["GEMINI_MODEL"], model)));
        Ok(edits)
    }

    fn read_back(&self, files: &[Vec<u8>]) -> ReadBack {
        let text = |name| text_at(Format::Dotenv, files.first()?, &[name]);
        ReadBack {
            base_url: text("GOOGLE_GEMINI_BASE_URL"),
            secret: text("GEMINI_API_KEY").map(Secret::new),
            model: text("GEMINI_MODEL"),
        }
    }

    fn overrides(&self, around: &Surroundings, places: &Places) -> Vec<Warning> {
        let names = [
            "GEMINI_API_KEY",
            "GOOGLE_API_KEY",
            "GOOGLE_GEMINI_BASE_URL",
            "GOOGLE_GENAI_USE_VERTEXAI",
            "GOOGLE_GENAI_USE_GCA",
            "GEMINI_MODEL",
        ];
        let mut warnings = variables(around, &names, Effect::CountsMore("~/.gemini/.env"));
        let own = places.gemini(".env");
        let beside =
            around.directories().flat_map(|it| [it.join(".gemini").join(".env"), it.join(".env")]);
        // The first that exists is read, and no other.
        if let Some(hides) = beside.take_while(|path| *path != own).find(|path| path.is_file())
            && hides != places.home(&[".env"])
        {
            warnings.push(Warning::file(&hides, Says::HidesYours));
        }
        let project =
            around.directories().map(|directory| directory.join(".gemini").join("settings.json"));
        let project = project.filter(|path| *path != places.gemini("settings.json"));
        for path in project.chain(places.gemini_managed()) {
            let chosen = std::fs::read(&path).ok();
            let chosen = chosen.and_then(|bytes| text_at(SETTINGS, &bytes, SIGN_IN));
            if chosen.is_some_and(|chosen| chosen != BY_KEY) {
                warnings.push(Warning::file(&path, Says::SignIn));
            }
        }
        warnings
    }

    fn afterwards(&self) -> &'static str {
        "Restart Gemini CLI: running sessions keep what they started with. It reads its key only in \
         folders that it trusts; where nobody can answer it, say --skip-trust."
    }

    fn speaks(&self) -> Speaks {
        Speaks::Gemini
    }
}
