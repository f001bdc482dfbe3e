//! What the tests that go over all routes share: the fields of every body as the description lists
//! them, a good body for each, and the state that a refusal must leave alone.
//!
//! A new route is covered by itself. If a good body of it needs a value that its type does not give
//! away, that is a row in [`GOOD`].

use domain::id::UserId;
use domain::scope::Scope;
use domain::user::Role;
use http::Method;
use serde_json::{Map, Value, json};

use super::fixture::Answer;
use super::matrix::{Credential, THINGS, World};
use crate::endpoint::Rule;
use crate::router::endpoints;

/// Stands in a body for a value that serde_json could not write.
const HOLE: &str = "@hole@";

/// Values of fields that a type alone does not give away.
const GOOD: &[(&str, &str)] = &[
    ("provider", "\"openai\""),
    ("base_url", "\"https://x.invalid\""),
    ("address", "\"https://x.invalid/hook\""),
    ("models", "[\"m\"]"),
    ("scopes", "[\"keys:read\"]"),
    ("kind", "\"webhook\""),
    ("action", "\"disable\""),
    ("ids", "[\"key_00000000000070008000000000000000\"]"),
    ("keys", "[{\"name\":\"k\"}]"),
    ("since", "\"2026-01-01T00:00:00Z\""),
    ("email", "\"nobody@example.com\""),
    ("fix", "\"set_limit\""),
    ("value", "\"sk-nothing\""),
    ("key_limit", "5"),
];

/// An endpoint, and what the description says that it takes.
pub(super) struct Operation {
    pub(super) method: Method,
    /// With parameters in braces.
    pub(super) path: &'static str,
    /// Who may ask.
    pub(super) rules: Vec<Rule>,
    /// The names of its parameters behind the question mark.
    pub(super) queries: Vec<String>,
    /// Whether a change can be meant for one version.
    pub(super) with_etag: bool,
    body: Option<Value>,
}

/// A field, however deep: what leads to it, each step a name or, where it is none, a list's first.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) steps: Vec<Option<String>>,
    /// Whether it is a number, and nothing else but null or a text of a number.
    pub(super) number: bool,
}

impl Field {
    /// As refusals name it.
    pub(super) fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.steps {
            match step {
                None => name.push_str("[0]"),
                Some(step) if name.is_empty() => name.push_str(step),
                Some(step) => name.push_str(&format!(".{step}")),
            }
        }
        name
    }
}

/// Every endpoint, with what the deployment's own description says of it.
pub(super) async fn operations(world: &World) -> Vec<Operation> {
    let document = world.deployment.get("/openapi.json").await.is(200);
    let of = |endpoint: crate::endpoint::Endpoint| {
        let path = endpoint.documented_path();
        let told = &document["paths"][&path][endpoint.method.as_str().to_lowercase()];
        let parameters = told["parameters"].as_array().cloned().unwrap_or_default();
        let queries = parameters.iter().filter(|one| one["in"] == "query");
        let schema = &told["requestBody"]["content"]["application/json"]["schema"];
        Operation {
            method: endpoint.method.clone(),
            path: endpoint.path,
            queries: queries.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
            with_etag: parameters.iter().any(|one| one["name"] == "If-Match"),
            body: schema.is_object().then(|| resolved(&document, schema, 0)),
            rules: endpoint.description().rules,
        }
    };
    endpoints().into_iter().map(of).collect()
}

/// A schema without references, so far as it matters here.
fn resolved(document: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 12 {
        return json!({});
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return resolved(document, &document["components"]["schemas"][name], depth + 1);
    }
    match schema {
        Value::Object(members) => {
            let inner = |(name, value): (&String, &Value)| {
                (name.clone(), resolved(document, value, depth + 1))
            };
            Value::Object(members.iter().map(inner).collect())
        }
        Value::Array(items) => {
            items.iter().map(|item| resolved(document, item, depth + 1)).collect()
        }
        other => other.clone(),
    }
}

/// The forms that a schema has: its own, and those it is put together from.
fn forms(schema: &Value) -> Vec<&Value> {
    let inner = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|word| schema[word].as_array());
    std::iter::once(schema).chain(inner.flatten().flat_map(forms)).collect()
}

fn has_type(schema: &Value, name: &str) -> bool {
    forms(schema).iter().any(|form| {
        form["type"] == name
            || form["type"].as_array().is_some_and(|types| types.iter().any(|it| it == name))
    })
}

fn is_number(schema: &Value) -> bool {
    has_type(schema, "number") || has_type(schema, "integer")
}

fn members(schema: &Value) -> Vec<(&String, &Value)> {
    let objects = forms(schema).into_iter().filter_map(|form| form["properties"].as_object());
    objects.flatten().collect()
}

impl Operation {
    pub(super) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    pub(super) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Every field of its body.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut found = Vec::new();
        if let Some(schema) = &self.body {
            collect(schema, &[], &mut found);
        }
        found
    }

    /// A body with what is required, as far as it can be told.
    pub(super) fn good(&self) -> Value {
        let mut body = Map::new();
        for form in self.body.iter().flat_map(forms) {
            for name in form["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                let schema = members(form).into_iter().find(|(known, _)| *known == name);
                body.insert(name.to_owned(), schema.map_or(json!("x"), |it| good(name, it.1)));
            }
        }
        // Needed to make one, and not to edit it: the description cannot say so.
        if self.method == Method::POST && self.path.starts_with("/api/v1/alert-") {
            for (name, schema) in self.body.iter().flat_map(members) {
                if matches!(name.as_str(), "name" | "kind" | "address") {
                    body.insert(name.clone(), good(name, schema));
                }
            }
        }
        Value::Object(body)
    }

    /// The path to a fresh thing of a user's.
    pub(super) async fn asked(&self, world: &World, owner: UserId) -> String {
        let Some((head, rest)) = self.path.split_once('{') else { return self.path.to_owned() };
        let beginning = THINGS.iter().find(|row| self.path.starts_with(row.0)).unwrap();
        let name = world.thing(beginning.1, owner).await;
        format!("{head}{name}{}", rest.split_once('}').unwrap().1)
    }

    /// The bearer credential and the headers of somebody who may: the owner, or where only a person
    /// may, a member whose things are asked for.
    pub(super) async fn credential(&self, world: &World) -> (String, Vec<(&'static str, String)>) {
        let key =
            self.rules.iter().any(|rule| matches!(rule, Rule::Scoped { .. } | Rule::Owner { .. }));
        match self.rules.first() {
            Some(Rule::ApiKey(_)) if !key => {
                world.headers(Role::Member, Credential::ApiKey, None).await
            }
            _ if key => {
                let owner = world.deployment.management_key.clone();
                (owner, vec![("host", "gateway.example".to_owned())])
            }
            Some(Rule::Person | Rule::Proven) => {
                world.headers(Role::Member, Credential::SameSite, None).await
            }
            _ => world.headers(Role::Member, Credential::Nothing, None).await,
        }
    }

    /// Sends a body, as somebody who may.
    pub(super) async fn send(&self, world: &World, path: &str, body: &[u8]) -> Answer {
        let (bearer, headers) = self.credential(world).await;
        let mut headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("content-type", "application/json"));
        let method = self.method.clone();
        world.deployment.send_bytes(&bearer, method, path, body, &headers).await
    }
}

fn collect(schema: &Value, steps: &[Option<String>], found: &mut Vec<Field>) {
    if steps.len() > 4 {
        return;
    }
    for (name, inner) in members(schema) {
        let steps = [steps, &[Some(name.clone())]].concat();
        let number = is_number(inner) && !has_type(inner, "object") && !has_type(inner, "array");
        found.push(Field { steps: steps.clone(), number });
        collect(inner, &steps, found);
        for item in forms(inner).into_iter().filter_map(|form| form.get("items")) {
            let steps = [&steps[..], &[None]].concat();
            found.push(Field { steps: steps.clone(), number: is_number(item) });
            collect(item, &steps, found);
        }
    }
}

fn good(name: &str, schema: &Value) -> Value {
    if let Some((_, text)) = GOOD.iter().find(|row| row.0 == name) {
        return serde_json::from_str(text).unwrap();
    }
    match schema {
        _ if is_number(schema) => json!(1),
        _ if has_type(schema, "boolean") => json!(true),
        _ if has_type(schema, "array") => json!([]),
        _ if has_type(schema, "object") => json!({}),
        _ => json!("text"),
    }
}

/// A body with a raw JSON text in one field.
pub(super) fn with(body: &Value, field: &Field, raw: &str) -> String {
    let mut body = body.clone();
    let mut place = &mut body;
    for step in &field.steps {
        place = match step {
            Some(name) => {
                if !place.is_object() {
                    *place = json!({});
                }
                place.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Null)
            }
            None => {
                *place = json!([null]);
                &mut place[0]
            }
        };
    }
    *place = json!(HOLE);
    body.to_string().replace(&format!("\"{HOLE}\""), raw)
}

/// What every list shows, the audit log among them.
pub(super) async fn state(world: &World) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for endpoint in endpoints() {
        let (method, path) = (endpoint.method.clone(), endpoint.path);
        let scoped = |rule: &Rule| matches!(rule, Rule::Scoped { scope, .. } | Rule::Owner { scope } if Scope::ALL.contains(scope));
        if method == Method::GET
            && !path.contains('{')
            && !path.ends_with("starter")
            && endpoint.description().rules.iter().any(scoped)
        {
            let answer = world.deployment.get(path).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
            all.push((path, answer.text));
        }
    }
    all
}

/// What is wrong with an answer, if something is: a refusal is a problem that says what to mend.
pub(super) fn fault(answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    if matches!(status, 200 | 201) {
        return None;
    }
    if !matches!(status, 400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 422 | 429) {
        return Some(format!("status {status}"));
    }
    let kind = answer.headers.get("content-type").map(|value| value.as_bytes().to_vec());
    if kind.as_deref() != Some(b"application/problem+json") {
        return Some(format!("{status} with {kind:?}"));
    }
    if answer.code().is_empty() {
        return Some(format!("{status} without a code"));
    }
    let nameless = answer.fields().is_empty() || answer.fields().iter().any(String::is_empty);
    (status == 422 && nameless && answer.code() == "invalid_fields")
        .then(|| "422 that names no field".to_owned())
}
