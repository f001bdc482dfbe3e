//! Where the companion keeps what it knows: `TOLLKEEPER_HOME`, else the system's own places.
//!
//! Which places those are is decided from a platform and its environment alone, so that the rules
//! of every system are tested on each.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The systems whose places are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux and the other Unixes.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The system that this program was built for.
    #[must_use]
    pub const fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// Whether a path names a place without knowing where one is.
    fn is_absolute(self, path: &str) -> bool {
        match self {
            Self::Linux | Self::MacOs => path.starts_with('/'),
            Self::Windows => {
                let mut start = path.chars();
                let drive = start.next().is_some_and(|letter| letter.is_ascii_alphabetic())
                    && start.next() == Some(':')
                    && start.next().is_some_and(|slash| slash == '\\' || slash == '/');
                drive || path.starts_with(r"\\")
            }
        }
    }
}

/// Reads a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

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
pub fn find(platform: Platform, environment: &Environment<'_>) -> Result<Home, HomeError> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    if let Some(own) = set("TOLLKEEPER_HOME") {
        if !platform.is_absolute(&own.to_string_lossy()) {
            return Err(HomeError::NotAbsolute);
        }
        let own = PathBuf::from(own);
        return Ok(Home { config: own.clone(), state: own });
    }
    let directory =
        |name: &'static str| set(name).map(PathBuf::from).ok_or(HomeError::Nowhere(name));
    match platform {
        Platform::Linux => {
            // The XDG specification: a relative path in these variables is to be ignored.
            let base = |name: &str, otherwise: &str| match set(name)
                .filter(|it| platform.is_absolute(&it.to_string_lossy()))
            {
                Some(path) => Ok(PathBuf::from(path)),
                None => directory("HOME").map(|home| home.join(otherwise)),
            };
            Ok(Home {
                config: base("XDG_CONFIG_HOME", ".config")?.join("tollkeeper"),
                state: base("XDG_STATE_HOME", ".local/state")?.join("tollkeeper"),
            })
        }
        Platform::MacOs => {
            let own = directory("HOME")?.join("Library/Application Support/tollkeeper");
            Ok(Home { config: own.clone(), state: own })
        }
        Platform::Windows => Ok(Home {
            config: directory("APPDATA")?.join("tollkeeper"),
            state: directory("LOCALAPPDATA")?.join("tollkeeper"),
        }),
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
        find(platform, &|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
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
        assert_eq!(found(Platform::Windows, &windows), home("C:/a/tollkeeper", "C:/l/tollkeeper"));
    }

    #[test]
    fn nowhere_is_said() {
        assert_eq!(found(Platform::Linux, &[]), Err(HomeError::Nowhere("HOME")));
        let empty = [("TOLLKEEPER_HOME", ""), ("HOME", "")];
        assert_eq!(found(Platform::MacOs, &empty), Err(HomeError::Nowhere("HOME")));
        assert_eq!(found(Platform::Windows, &[]), Err(HomeError::Nowhere("APPDATA")));
    }
}
