//! Whose interface a channel speaks.

use super::preset::{PRESETS, Preset};
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// The kinds of provider.
pub(super) const KINDS: &[&str] = &[
    "openai",
    "anthropic",
    "gemini",
    "azure-openai",
    "openai-compatible",
    "tollkeeper",
    "new-api",
];

/// `provider` as it was sent.
#[derive(Clone, Copy)]
pub(super) struct Provider {
    /// The kind.
    pub(super) kind: &'static str,
    /// The preset, if it was one's name.
    pub(super) preset: Option<&'static Preset>,
}

/// A kind of provider, or a preset's name.
pub(super) fn provider(value: Value<'_>) -> Result<Provider, Invalid> {
    let name = value.string().unwrap_or_default();
    if let Some(kind) = KINDS.iter().copied().find(|kind| *kind == name) {
        return Ok(Provider { kind, preset: None });
    }
    match Preset::named(&name) {
        Some(preset) => Ok(Provider { kind: preset.provider, preset: Some(preset) }),
        None => Err(Invalid::new(Wrong::Provider { names: KINDS.join(", ") })),
    }
}

/// A preset's name.
pub(super) fn preset(value: Value<'_>) -> Result<&'static Preset, Invalid> {
    let name = value.string().unwrap_or_default();
    Preset::named(&name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        Invalid::new(Wrong::one_of(names))
    })
}
