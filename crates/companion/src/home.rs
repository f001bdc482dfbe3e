//! Where the companion keeps what it knows: `TOLLKEEPER_HOME`, else the system's own places.
//!
//! Which places those are is decided from a person's surroundings alone, so that the rules
//! of every system are tested on each.

use std::path::{Path, PathBuf};

use crate::surroundings::{Platform, Surroundings};

/// The companion's two directories. They need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Accounts, nodes and secrets.
    pub config: PathBuf,
    /// Lists, histories and snapshots: what can be got again, or is of this machine alone.
    pub state: PathBuf,
}

/// Why there is no place to keep anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// The variable holds a path that depends on where one is.
    #[error("TOLLKEEPER_HOME must be an absolute path")]
    NotAbsolute,
    /// Nothing says where the person's files are.
    #[error("there is no {0} in the environment; set TOLLKEEPER_HOME to a directory of yours")]
    Nowhere(&'static str),
}

/// Finds the companion's directories.
///
/// # Errors
/// When `TOLLKEEPER_HOME` is not absolute, or neither it nor the person's home is known.
pub fn find(around: &Surroundings) -> Result<Home, HomeError> {
    let platform = around.platform;
    if let Some(own) = around.variable("TOLLKEEPER_HOME") {
        if !platform.is_absolute(own) {
            return Err(HomeError::NotAbsolute);
        }
        return Ok(Home { config: own.into(), state: own.into() });
    }
    let below = |base: &str, names: &[&str]| PathBuf::from(platform.join(base, names));
    // The XDG specification: a relative path in these variables is to be ignored.
    let own = |name: &str, otherwise: &[&str]| -> Result<PathBuf, HomeError> {
        let base = match around.variable(name) {
            Some(base) if platform.is_absolute(base) => base.to_owned(),
            _ => platform.join(person(around)?, otherwise),
        };
        Ok(below(&base, &["tollkeeper"]))
    };
    match platform {
        Platform::Linux => Ok(Home {
            config: own("XDG_CONFIG_HOME", &[".config"])?,
            state: own("XDG_STATE_HOME", &[".local", "state"])?,
        }),
        Platform::MacOs => {
            let own = below(person(around)?, &["Library", "Application Support", "tollkeeper"]);
            Ok(Home { config: own.clone(), state: own })
        }
        Platform::Windows => Ok(Home {
            config: own("APPDATA", &["AppData", "Roaming"])?,
            state: own("LOCALAPPDATA", &["AppData", "Local"])?,
        }),
    }
}

/// The person's own directory.
pub(crate) fn person(around: &Surroundings) -> Result<&str, HomeError> {
    match around.platform {
        Platform::Windows => around
            .variable("USERPROFILE")
            .or_else(|| around.variable("HOME"))
            .ok_or(HomeError::Nowhere("USERPROFILE")),
        Platform::Linux | Platform::MacOs => {
            around.variable("HOME").ok_or(HomeError::Nowhere("HOME"))
        }
    }
}

impl Home {
    /// A file among the settings.
    #[must_use]
    pub fn config_file(&self, name: &str) -> PathBuf {
        self.config.join(name)
    }

    /// A file among the state.
    #[must_use]
    pub fn state_file(&self, place: impl AsRef<Path>) -> PathBuf {
        self.state.join(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(platform: Platform, set: &[(&str, &str)]) -> Result<Home, HomeError> {
        let variables = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let current_directory = PathBuf::from("/");
        find(&Surroundings { platform, variables: variables.collect(), current_directory })
    }

    fn home(config: &str, state: &str) -> Result<Home, HomeError> {
        Ok(Home { config: config.into(), state: state.into() })
    }

    #[test]
    fn its_own_variable_comes_first() {
        let set = [("TOLLKEEPER_HOME", "/srv/t"), ("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")];
        assert_eq!(found(Platform::Linux, &set), home("/srv/t", "/srv/t"));
        let windows = [("TOLLKEEPER_HOME", r"D:\t"), ("APPDATA", r"C:\a")];
        assert_eq!(found(Platform::Windows, &windows), home(r"D:\t", r"D:\t"));
        let share = [("TOLLKEEPER_HOME", r"\\server\t")];
        assert_eq!(found(Platform::Windows, &share), home(r"\\server\t", r"\\server\t"));
        for relative in ["t", "./t", "C:t"] {
            for platform in [Platform::Linux, Platform::MacOs, Platform::Windows] {
                let set = [("TOLLKEEPER_HOME", relative), ("HOME", "/h")];
                assert_eq!(found(platform, &set), Err(HomeError::NotAbsolute), "{relative}");
            }
        }
    }

    #[test]
    fn each_system_has_its_places() {
        let linux = found(Platform::Linux, &[("HOME", "/h")]);
        assert_eq!(linux, home("/h/.config/tollkeeper", "/h/.local/state/tollkeeper"));
        let xdg = [("HOME", "/h"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "relative")];
        assert_eq!(
            found(Platform::Linux, &xdg),
            home("/c/tollkeeper", "/h/.local/state/tollkeeper")
        );
        let mac = "/h/Library/Application Support/tollkeeper";
        assert_eq!(found(Platform::MacOs, &[("HOME", "/h")]), home(mac, mac));
        let windows = [("APPDATA", "C:/a"), ("LOCALAPPDATA", "C:/l")];
        assert_eq!(
            found(Platform::Windows, &windows),
            home(r"C:/a\tollkeeper", r"C:/l\tollkeeper")
        );
        let bare = home(r"C:\u\AppData\Roaming\tollkeeper", r"C:\u\AppData\Local\tollkeeper");
        assert_eq!(found(Platform::Windows, &[("USERPROFILE", r"C:\u")]), bare);
    }

    #[test]
    fn nowhere_is_said() {
        assert_eq!(found(Platform::Linux, &[]), Err(HomeError::Nowhere("HOME")));
        let empty = [("TOLLKEEPER_HOME", ""), ("HOME", "")];
        assert_eq!(found(Platform::MacOs, &empty), Err(HomeError::Nowhere("HOME")));
        assert_eq!(found(Platform::Windows, &[]), Err(HomeError::Nowhere("USERPROFILE")));
    }
}
