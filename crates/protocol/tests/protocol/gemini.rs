//! The Gemini dialect from outside.

mod answers;
mod properties;
mod requests;
mod streams;
mod usage;

use std::path::{Path, PathBuf};

/// A golden file of this dialect.
fn golden(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/gemini").join(folder).join(name)
}

/// Holds a text against its snapshot beside the golden file.
fn snapshot(folder: &str, name: &str, said: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../golden/gemini/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, said));
}

/// JSON with a line to each member, whatever the order of the features that are built.
fn pretty(json: &[u8]) -> String {
    let mut value: serde_json::Value = serde_json::from_slice(json).unwrap();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).unwrap()
}
