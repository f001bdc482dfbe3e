//! Where each setting's value comes from: flag, variable, file, default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::setting::{SETTINGS, Setting};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag on the command line.
    Flag,
    /// An environment variable.
    Variable(String),
    /// A line of a file.
    File(PathBuf),
    /// Nothing was said.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What the values are looked up in.
pub struct Sources<'a> {
    /// A flag's values, if it was given.
    pub flag: &'a dyn Fn(&str) -> Option<Vec<String>>,
    /// An environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The settings file, if there is one.
    pub file: Option<&'a Path>,
}

/// Every setting's value and where it comes from.
#[derive(Debug, Clone)]
pub struct Resolved {
    values: BTreeMap<&'static str, (Vec<String>, Source)>,
}

impl Resolved {
    /// Looks every setting up.
    ///
    /// # Errors
    /// When the file cannot be read or names a setting that does not exist.
    pub fn new(sources: &Sources<'_>) -> Result<Self, ConfigError> {
        let file = sources.file.map(read_file).transpose()?.unwrap_or_default();
        let values = SETTINGS
            .iter()
            .map(|setting| (setting.name, look_up(setting, sources, &file)))
            .collect();
        Ok(Self { values })
    }

    /// Every setting with its values and their source, in the order of the table.
    pub fn all(&self) -> impl Iterator<Item = (&'static Setting, &[String], &Source)> {
        SETTINGS.iter().filter_map(|setting| {
            let (values, source) = self.values.get(setting.name)?;
            Some((setting, values.as_slice(), source))
        })
    }

    /// The text of a setting that has one value.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.0.first().map(String::as_str)
    }

    pub(super) fn one<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let value = self.optional(name, parse)?;
        value.ok_or_else(|| self.invalid(name, "", "expected a value".to_owned()))
    }

    pub(super) fn optional<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let text = self.text(name);
        text.map(|text| parse(text).map_err(|reason| self.invalid(name, text, reason))).transpose()
    }

    pub(super) fn many<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ConfigError> {
        let texts = self.values.get(name).map_or(&[] as &[String], |(values, _)| values.as_slice());
        texts
            .iter()
            .map(|text| parse(text).map_err(|reason| self.invalid(name, text, reason)))
            .collect()
    }

    pub(super) fn invalid(&self, name: &'static str, value: &str, reason: String) -> ConfigError {
        let source_text =
            self.values.get(name).map_or_else(String::new, |(_, source)| source.to_string());
        ConfigError::Invalid { name, value: value.to_owned(), source_text, reason }
    }
}

fn look_up(
    setting: &Setting,
    sources: &Sources<'_>,
    file: &BTreeMap<String, Vec<String>>,
) -> (Vec<String>, Source) {
    if let Some(values) = (sources.flag)(setting.name).filter(|values| !values.is_empty()) {
        return (values, Source::Flag);
    }
    let variables = [Some(setting.variable()), setting.also_variable.map(str::to_owned)];
    for variable in variables.into_iter().flatten() {
        if let Some(text) = (sources.environment)(&variable).filter(|text| !text.is_empty()) {
            let values = if setting.repeatable { split(&text) } else { vec![text] };
            return (values, Source::Variable(variable));
        }
    }
    if let (Some(values), Some(path)) = (file.get(setting.name), sources.file) {
        return (values.clone(), Source::File(path.to_owned()));
    }
    (setting.default.iter().map(|text| (*text).to_owned()).collect(), Source::Default)
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn read_file(path: &Path) -> Result<BTreeMap<String, Vec<String>>, ConfigError> {
    let fail = |reason: String| ConfigError::File(path.to_owned(), reason);
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| fail(error.to_string()))?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        if !SETTINGS.iter().any(|setting| setting.name == name) {
            return Err(ConfigError::Unknown { file: path.to_owned(), name });
        }
        let texts = match value {
            toml::Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>(),
            other => scalar(&other).map(|text| vec![text]),
        };
        let texts = texts
            .ok_or_else(|| fail(format!("{name}: expected a text, a number, or a list of them")))?;
        values.insert(name, texts);
    }
    Ok(values)
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_beat_variables_beat_the_file_beats_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tollkeeper.toml");
        std::fs::write(&path, "listen = \"1.1.1.1:1\"\nworkers = 3\nallow-egress = [\"10.0.0.0/8\"]\ntime-zone = \"Asia/Tokyo\"\n").unwrap();
        let sources = Sources {
            flag: &|name| (name == "listen").then(|| vec!["3.3.3.3:3".to_owned()]),
            environment: &|name| match name {
                "TOLLKEEPER_LISTEN" => Some("2.2.2.2:2".to_owned()),
                "TOLLKEEPER_TRUSTED_PROXY" => Some("10.0.0.1, 10.0.0.2".to_owned()),
                "DATABASE_URL" => Some("postgres://db".to_owned()),
                "TOLLKEEPER_TIME_ZONE" => Some(String::new()),
                _ => None,
            },
            file: Some(&path),
        };
        let resolved = Resolved::new(&sources).unwrap();
        let of = |name: &str| {
            resolved
                .all()
                .find(|(setting, ..)| setting.name == name)
                .map(|(_, values, source)| (values.join("|"), source.clone()))
                .unwrap()
        };
        assert_eq!(of("listen"), ("3.3.3.3:3".to_owned(), Source::Flag));
        assert_eq!(of("trusted-proxy").0, "10.0.0.1|10.0.0.2");
        assert_eq!(of("database").1, Source::Variable("DATABASE_URL".to_owned()));
        assert_eq!(of("workers"), ("3".to_owned(), Source::File(path.clone())));
        assert_eq!(of("time-zone").0, "Asia/Tokyo");
        assert_eq!(of("durability"), ("standard".to_owned(), Source::Default));
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tollkeeper.toml");
        std::fs::write(&path, "lisen = \"x\"").unwrap();
        let sources = Sources { flag: &|_| None, environment: &|_| None, file: Some(&path) };
        assert!(Resolved::new(&sources).unwrap_err().to_string().contains("lisen"));
    }
}
