//! A person's home in a temporary directory, with one tool's file in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use companion::base_url::BaseUrl;
use companion::companion::{Companion, Request};
use companion::credential::{Credential, Site};
use companion::paths::Places;
use companion::surroundings::{Platform, Surroundings};
use companion::tools::{SecretCommand, Tool, tool};
use companion::write::Steps;
use domain::secret::Secret;

pub(crate) const KEY: &str = "sk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL";
pub(crate) const OTHER_KEY: &str = "sk-otherkeyotherkeyotherkeyotherkeyotherkey12345678";
const NOW: i64 = 1_800_000_000_000;

pub(crate) struct World {
    pub(crate) home: tempfile::TempDir,
    pub(crate) tool: &'static dyn Tool,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        Self { home: tempfile::tempdir().unwrap(), tool: tool(name).unwrap() }
    }

    pub(crate) fn places(&self) -> Places {
        places(self.home.path())
    }

    /// The tool's file at this place among its files.
    pub(crate) fn path(&self, file: usize) -> PathBuf {
        self.tool.files(&self.places())[file].path.clone()
    }

    pub(crate) fn write(&self, file: usize, bytes: &[u8]) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, file: usize) -> Option<Vec<u8>> {
        std::fs::read(self.path(file)).ok()
    }

    pub(crate) fn text(&self, file: usize) -> String {
        String::from_utf8(self.read(file).unwrap()).unwrap()
    }

    pub(crate) fn open(&self) -> Companion<'static> {
        Companion::open(self.places(), NOW, &|_| ()).unwrap()
    }

    pub(crate) fn apply(&self, key: &str) -> Result<(), String> {
        apply(self.home.path(), self.tool, key, None, &|_| ())
    }

    pub(crate) fn apply_with_command(&self) -> Result<(), String> {
        let command = SecretCommand {
            program: "/opt/tollkeeper".to_owned(),
            arguments: vec!["secret".to_owned(), self.tool.name().to_owned()],
        };
        apply(self.home.path(), self.tool, KEY, Some(command), &|_| ())
    }

    pub(crate) fn clear(&self) -> Vec<String> {
        let mut companion = self.open();
        let plan = companion.plan_clear(self.tool).unwrap();
        companion.apply(&plan, None, NOW).unwrap();
        let left = plan.files.iter().flat_map(|it| &it.without_us.left);
        left.map(ToString::to_string).collect()
    }

    pub(crate) fn undo(&self) -> Result<(), String> {
        let mut companion = self.open();
        let plan = companion.plan_undo().map_err(|error| error.to_string())?;
        companion.apply(&plan, None, NOW).map_err(|error| error.to_string())
    }

    /// Every file below the home but the companion's own, with its bytes.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        walk(self.home.path(), &self.places().own().state, &mut found);
        found
    }
}

pub(crate) fn places(home: &Path) -> Places {
    let home = home.to_str().unwrap();
    let variables = [
        ("HOME".to_owned(), home.to_owned()),
        ("TOLLKEEPER_HOME".to_owned(), format!("{home}/own")),
    ];
    Places::new(&Surroundings {
        platform: Platform::Linux,
        variables: variables.into(),
        current_directory: PathBuf::from(home),
    })
    .unwrap()
}

pub(crate) fn apply(
    home: &Path,
    tool: &'static dyn Tool,
    key: &str,
    command: Option<SecretCommand>,
    steps: Steps<'_>,
) -> Result<(), String> {
    let mut companion =
        Companion::open(places(home), NOW, steps).map_err(|error| error.to_string())?;
    let credential = Credential {
        base_url: BaseUrl::new("https://gateway.example.com/v1/").unwrap(),
        secret: Secret::new(key.to_owned()),
        site: Site::Pasted,
    };
    let model = Some("claude-sonnet-4-5".to_owned());
    let request = Request { tool, credential: &credential, model, command };
    let plan = companion.plan_use(&request, NOW).map_err(|error| error.to_string())?;
    companion.apply(&plan, Some(&credential), NOW).map_err(|error| error.to_string())?;
    companion.verify(&plan, tool, None).map_err(|error| error.to_string())?;
    Ok(())
}

fn walk(directory: &Path, own: &Path, found: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path == own {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            found.insert(path.clone(), None);
            walk(&path, own, found);
        } else {
            found.insert(path.clone(), std::fs::read(&path).ok());
        }
    }
}
