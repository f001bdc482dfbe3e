//! The Anthropic Messages dialect: metering and translation, both ways.

mod answers;
mod made_up;
mod meter;
mod properties;
mod requests;
mod streams;
mod usage;

use std::path::{Path, PathBuf};

/// A directory of recorded-like material.
fn golden(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/messages").join(kind)
}

fn read(kind: &str, file: &str) -> Vec<u8> {
    std::fs::read(golden(kind).join(file)).unwrap()
}

/// Compares with the snapshot beside the material.
fn snapshot(kind: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(golden(kind));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// JSON on many lines.
fn pretty(body: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}
