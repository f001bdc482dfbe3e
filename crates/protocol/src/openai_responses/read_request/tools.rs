//! Tools, and which of them the model must call.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{Fields, flag, text};
use crate::canonical::{Losses, Tool, ToolChoice, ToolKind, Untranslatable};

/// The tools of a request, from wherever in it they are given.
#[derive(Debug, Default)]
pub(super) struct Tools {
    list: Vec<Tool>,
    /// Whether a tool takes free text, by its canonical name.
    free: HashMap<String, bool>,
    /// The canonical names of tools by their names in their namespaces.
    inner: HashMap<String, String>,
}

impl Tools {
    /// Takes a list of tools. Those that the provider itself would run are left out.
    pub(super) fn read(
        &mut self,
        value: Value,
        field: &str,
        losses: &mut Losses,
    ) -> Result<(), Untranslatable> {
        let Value::Array(tools) = value else { return Ok(()) };
        for tool in tools {
            let Value::Object(mut tool) = tool else { continue };
            let kind = text(&mut tool, "type").unwrap_or_default();
            if kind != "namespace" {
                self.read_tool(&kind, tool, None, losses);
                continue;
            }
            let Some(namespace) = text(&mut tool, "name") else {
                return Err(Untranslatable::new(field, "A namespace of tools needs a name."));
            };
            if text(&mut tool, "description").is_some_and(|words| !words.is_empty()) {
                losses.add("tools.namespace.description");
            }
            let Some(Value::Array(nested)) = tool.remove("tools") else { continue };
            for tool in nested {
                let Value::Object(mut tool) = tool else { continue };
                let kind = text(&mut tool, "type").unwrap_or_default();
                self.read_tool(&kind, tool, Some(&namespace), losses);
            }
        }
        Ok(())
    }

    fn read_tool(
        &mut self,
        kind: &str,
        mut tool: Fields,
        namespace: Option<&str>,
        losses: &mut Losses,
    ) {
        let name = text(&mut tool, "name").unwrap_or_default();
        let kind = match kind {
            "function" => ToolKind::Function {
                parameters: tool
                    .remove("parameters")
                    .filter(Value::is_object)
                    .unwrap_or_else(|| json!({"type": "object", "properties": {}})),
                strict: flag(&mut tool, "strict"),
            },
            "custom" => {
                ToolKind::Free { format: tool.remove("format").filter(|format| !format.is_null()) }
            }
            hosted => {
                losses.add(format!("tools.{hosted}"));
                return;
            }
        };
        let canonical = canonical_name(namespace, &name);
        if self.free.contains_key(&canonical) {
            return;
        }
        self.free.insert(canonical.clone(), matches!(kind, ToolKind::Free { .. }));
        if namespace.is_some() {
            self.inner.insert(name.clone(), canonical.clone());
        }
        self.list.push(Tool {
            name: canonical,
            namespace: namespace.map(|namespace| (namespace.to_owned(), name)),
            description: text(&mut tool, "description"),
            kind,
            cached: false,
        });
    }

    /// Whether a tool is known to take free text.
    pub(super) fn is_free(&self, name: &str) -> bool {
        self.free.get(name).copied().unwrap_or(false)
    }

    pub(super) fn into_list(self) -> Vec<Tool> {
        self.list
    }

    /// Reads `tool_choice`, in all its forms.
    pub(super) fn read_choice(
        &self,
        value: Value,
        losses: &mut Losses,
    ) -> Result<Option<ToolChoice>, Untranslatable> {
        let mut choice = match value {
            Value::String(word) => {
                return match word.as_str() {
                    "auto" => Ok(Some(ToolChoice::Auto)),
                    "none" => Ok(Some(ToolChoice::None)),
                    "required" => Ok(Some(ToolChoice::Required)),
                    other => Err(cannot_choose(other)),
                };
            }
            Value::Object(choice) => choice,
            _ => return Ok(None),
        };
        match text(&mut choice, "type").unwrap_or_default().as_str() {
            "function" | "custom" => Ok(Some(ToolChoice::Named(self.chosen(&mut choice)))),
            "allowed_tools" => self.read_allowed(choice, losses).map(Some),
            hosted => Err(cannot_choose(hosted)),
        }
    }

    fn read_allowed(
        &self,
        mut choice: Fields,
        losses: &mut Losses,
    ) -> Result<ToolChoice, Untranslatable> {
        let required = text(&mut choice, "mode").as_deref() == Some("required");
        let mut names = Vec::new();
        let mut seen = HashSet::new();
        for tool in choice.remove("tools").and_then(into_array).unwrap_or_default() {
            let Value::Object(mut tool) = tool else { continue };
            match text(&mut tool, "type").unwrap_or_default().as_str() {
                "function" | "custom" => {
                    let name = self.chosen(&mut tool);
                    if seen.insert(name.clone()) {
                        names.push(name);
                    }
                }
                hosted => losses.add(format!("tools.{hosted}")),
            }
        }
        match (names.is_empty(), required) {
            (true, true) => Err(cannot_choose("allowed_tools")),
            (true, false) => Ok(ToolChoice::None),
            (false, _) => Ok(ToolChoice::Among { names, required }),
        }
    }

    /// The canonical name of a tool that is spoken of.
    fn chosen(&self, choice: &mut Fields) -> String {
        let name = text(choice, "name").unwrap_or_default();
        let namespace = text(choice, "namespace");
        let canonical = canonical_name(namespace.as_deref(), &name);
        if self.free.contains_key(&canonical) {
            return canonical;
        }
        self.inner.get(&name).cloned().unwrap_or(canonical)
    }
}

/// The name between the dialects of a tool, perhaps in a namespace.
pub(super) fn canonical_name(namespace: Option<&str>, name: &str) -> String {
    match namespace.filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => format!("{namespace}__{name}"),
        None => name.to_owned(),
    }
}

fn cannot_choose(tool: &str) -> Untranslatable {
    Untranslatable::new(
        "tool_choice",
        format!("The provider of this model has no {tool:?} that it could be made to call."),
    )
}

fn into_array(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(elements) => Some(elements),
        _ => None,
    }
}
