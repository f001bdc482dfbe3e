//! What the Gemini API refuses of tools and of schemas, which are not JSON Schema but a part of
//! OpenAPI's.

use crate::provider::node::{Checked, Node};

const SCHEMA: &[&str] = &[
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
];
const TYPES: &[&str] = &["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];
const TOOLS: &[&str] = &[
    "functionDeclarations",
    "googleSearch",
    "googleSearchRetrieval",
    "codeExecution",
    "urlContext",
    "computerUse",
    "fileSearch",
    "googleMaps",
    "mcpServers",
];

/// Checks `tools` and `toolConfig`.
pub(super) fn check(root: &Node<'_>) -> Checked {
    let mut names = Vec::new();
    for tool in root.field("tools").map_or(Ok(Vec::new()), |tools| tools.items())? {
        tool.only(TOOLS)?;
        let declared = tool.field("functionDeclarations");
        for function in declared.map_or(Ok(Vec::new()), |declared| declared.items())? {
            names.push(self::function(&function)?);
        }
    }
    let Some(config) = root.field("toolConfig") else { return Ok(()) };
    config.only(&[
        "functionCallingConfig",
        "retrievalConfig",
        "includeServerSideToolInvocations",
    ])?;
    let Some(calling) = config.field("functionCallingConfig") else { return Ok(()) };
    calling.only(&["mode", "allowedFunctionNames", "streamFunctionCallArguments"])?;
    calling.each_if_there(&["mode"], |mode| {
        mode.one_of(&["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]).map(drop)
    })?;
    calling.each_if_there(&["allowedFunctionNames"], |allowed| {
        if !calling.value.get("mode").is_some_and(|mode| mode == "ANY" || mode == "VALIDATED") {
            let message = "Function calling mode must be ANY when allowed_function_names is set.";
            return Err(allowed.fault(message));
        }
        allowed.items()?.iter().try_for_each(|name| {
            if names.contains(&name.text()?) {
                return Ok(());
            }
            Err(name.fault("Allowed function name is not among the function declarations."))
        })
    })
}

fn function<'a>(function: &Node<'a>) -> Checked<&'a str> {
    function.only(&[
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "behavior",
    ])?;
    let name = function.need("name")?;
    if !is_name(name.text()?) {
        return Err(name.fault(format!(
            "* GenerateContentRequest.{}: Invalid function name. Must start with a letter or an \
             underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons \
             (:) or dashes (-), with a maximum length of 64.",
            name.path
        )));
    }
    if function.has("parameters") && function.has("parametersJsonSchema") {
        let message = "Only one of parameters and parameters_json_schema may be set.";
        return Err(function.fault(message));
    }
    function.each_if_there(&["parameters"], |it| schema(it))?;
    name.text()
}

fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let good = |it: char| it.is_ascii_alphanumeric() || "_.:-".contains(it);
    begins && name.len() <= 64 && name.chars().all(good)
}

/// Checks a schema and all inside it. Words of JSON Schema that OpenAPI lacks
/// (`additionalProperties`, `$schema`, `const`, …) are unknown names.
pub(super) fn schema(schema: &Node<'_>) -> Checked {
    schema.only(SCHEMA)?;
    let mut kind = String::new();
    if let Some(of) = schema.field("type") {
        kind = of.text()?.to_uppercase();
        if !TYPES.contains(&kind.as_str()) {
            return of.one_of(TYPES).map(drop);
        }
    }
    if kind == "ARRAY" && !schema.has("items") {
        return Err(
            schema.fault(format!("* GenerateContentRequest.{}.items: missing field.", schema.path))
        );
    }
    if let Some(values) = schema.field("enum") {
        for value in values.items()? {
            value.text()?;
        }
        if kind != "STRING" && !kind.is_empty() {
            return Err(values.fault(format!(
                "* GenerateContentRequest.{}: only allowed for STRING type",
                values.path
            )));
        }
    }
    schema.each_if_there(&["items"], |it| self::schema(it))?;
    schema.each_if_there(&["anyOf"], |it| it.items()?.iter().try_for_each(self::schema))?;
    let Some(properties) = schema.field("properties") else { return Ok(()) };
    for name in properties.object()?.keys() {
        self::schema(&properties.need(name)?)?;
    }
    let required = schema.field("required").map_or(Ok(Vec::new()), |it| it.items())?;
    required.iter().try_for_each(|name| {
        if properties.has(name.text()?) {
            return Ok(());
        }
        Err(name.fault(format!("* GenerateContentRequest.{}: property is not defined", name.path)))
    })
}
