//! Where the tools keep their files, and where the companion keeps its own, on each platform.
//!
//! Pure: texts in, paths out. Windows' paths are made with Windows' separators wherever the
//! program runs.

use std::path::{Path, PathBuf};

use crate::home::{self, Home, HomeError};
use crate::surroundings::{Platform, Surroundings};

/// The directories of one person on one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    platform: Platform,
    home: String,
    claude: String,
    codex: String,
    gemini: String,
    opencode: String,
    own: Home,
}

impl Places {
    /// Finds them.
    ///
    /// # Errors
    /// When the home directory is not known, or `TOLLKEEPER_HOME` is not absolute.
    pub fn new(around: &Surroundings) -> Result<Self, HomeError> {
        let platform = around.platform;
        let home = home::person(around)?.to_owned();
        let below = |base: &str, names: &[&str]| platform.join(base, names);
        let named = |variable: &str, names: &[&str]| {
            around.variable(variable).map_or_else(|| below(&home, names), str::to_owned)
        };
        let gemini_home = around.variable("GEMINI_CLI_HOME").unwrap_or(&home);
        let config = named("XDG_CONFIG_HOME", &[".config"]);
        Ok(Self {
            claude: named("CLAUDE_CONFIG_DIR", &[".claude"]),
            codex: named("CODEX_HOME", &[".codex"]),
            gemini: below(gemini_home, &[".gemini"]),
            opencode: below(&config, &["opencode"]),
            own: home::find(around)?,
            platform,
            home,
        })
    }

    fn at(&self, base: &str, names: &[&str]) -> PathBuf {
        PathBuf::from(self.platform.join(base, names))
    }

    /// A file in the person's home.
    #[must_use]
    pub fn home(&self, names: &[&str]) -> PathBuf {
        self.at(&self.home, names)
    }

    /// The part of a path that is below the person's home.
    #[must_use]
    pub fn below_home<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.strip_prefix(&self.home).ok()
    }

    /// A file of Claude Code.
    #[must_use]
    pub fn claude(&self, name: &str) -> PathBuf {
        self.at(&self.claude, &[name])
    }

    /// A file of Codex.
    #[must_use]
    pub fn codex(&self, name: &str) -> PathBuf {
        self.at(&self.codex, &[name])
    }

    /// A file of Gemini CLI.
    #[must_use]
    pub fn gemini(&self, name: &str) -> PathBuf {
        self.at(&self.gemini, &[name])
    }

    /// A file of OpenCode.
    #[must_use]
    pub fn opencode(&self, name: &str) -> PathBuf {
        self.at(&self.opencode, &[name])
    }

    /// The companion's own directories.
    #[must_use]
    pub const fn own(&self) -> &Home {
        &self.own
    }

    /// Settings that an administrator puts above a person's, for Claude Code.
    #[must_use]
    pub fn claude_managed(&self) -> Vec<PathBuf> {
        let name = "managed-settings.json";
        match self.platform {
            Platform::Linux => vec![self.at("/etc/claude-code", &[name])],
            Platform::MacOs => {
                vec![self.at("/Library/Application Support/ClaudeCode", &[name])]
            }
            Platform::Windows => vec![
                self.at("C:\\Program Files\\ClaudeCode", &[name]),
                self.at("C:\\ProgramData\\ClaudeCode", &[name]),
            ],
        }
    }

    /// The same for Codex.
    #[must_use]
    pub fn codex_managed(&self) -> Vec<PathBuf> {
        match self.platform {
            Platform::Windows => vec![self.codex("managed_config.toml")],
            _ => vec![self.at("/etc/codex", &["managed_config.toml"])],
        }
    }

    /// The same for Gemini CLI.
    #[must_use]
    pub fn gemini_managed(&self) -> Vec<PathBuf> {
        match self.platform {
            Platform::Linux => vec![self.at("/etc/gemini-cli", &["settings.json"])],
            Platform::MacOs => {
                vec![self.at("/Library/Application Support/GeminiCli", &["settings.json"])]
            }
            Platform::Windows => vec![self.at("C:\\ProgramData\\gemini-cli", &["settings.json"])],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(platform: Platform, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            platform,
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            current_directory: PathBuf::from("/"),
        }
    }

    #[test]
    fn each_platform_has_its_places() {
        let linux = Places::new(&around(Platform::Linux, &[("HOME", "/h/ann/")])).unwrap();
        assert_eq!(linux.claude("settings.json"), PathBuf::from("/h/ann/.claude/settings.json"));
        assert_eq!(linux.codex("config.toml"), PathBuf::from("/h/ann/.codex/config.toml"));
        assert_eq!(linux.gemini(".env"), PathBuf::from("/h/ann/.gemini/.env"));
        assert_eq!(linux.own().state, PathBuf::from("/h/ann/.local/state/tollkeeper"));
        let mac = Places::new(&around(Platform::MacOs, &[("HOME", "/Users/ann")])).unwrap();
        assert_eq!(
            mac.own().state,
            PathBuf::from("/Users/ann/Library/Application Support/tollkeeper")
        );
        assert_eq!(
            mac.opencode("opencode.json"),
            PathBuf::from("/Users/ann/.config/opencode/opencode.json")
        );
        let variables = [("USERPROFILE", "C:\\Users\\ann"), ("HOME", "/c/Users/ann")];
        let windows = Places::new(&around(Platform::Windows, &variables)).unwrap();
        assert_eq!(
            windows.claude("settings.json"),
            PathBuf::from("C:\\Users\\ann\\.claude\\settings.json")
        );
        assert_eq!(
            windows.own().state,
            PathBuf::from("C:\\Users\\ann\\AppData\\Local\\tollkeeper")
        );
        let managed = PathBuf::from("C:\\Program Files\\ClaudeCode\\managed-settings.json");
        assert!(windows.claude_managed().contains(&managed));
    }

    #[test]
    fn variables_move_them() {
        let variables = [
            ("HOME", "/h"),
            ("CLAUDE_CONFIG_DIR", "/c"),
            ("CODEX_HOME", "/x/"),
            ("XDG_CONFIG_HOME", "/g"),
            ("XDG_STATE_HOME", "/s"),
            ("GEMINI_CLI_HOME", "/m"),
        ];
        let places = Places::new(&around(Platform::Linux, &variables)).unwrap();
        assert_eq!(places.claude("settings.json"), PathBuf::from("/c/settings.json"));
        assert_eq!(places.codex("config.toml"), PathBuf::from("/x/config.toml"));
        assert_eq!(places.opencode("a"), PathBuf::from("/g/opencode/a"));
        assert_eq!(places.gemini(".env"), PathBuf::from("/m/.gemini/.env"));
        assert_eq!(places.own().state, PathBuf::from("/s/tollkeeper"));
        let own = [("HOME", "/h"), ("TOLLKEEPER_HOME", "/o")];
        let places = Places::new(&around(Platform::Linux, &own)).unwrap();
        assert_eq!(places.own().state, PathBuf::from("/o"));
        let nobody = around(Platform::Linux, &[("HOME", "")]);
        assert_eq!(Places::new(&nobody), Err(HomeError::Nowhere("HOME")));
    }
}
