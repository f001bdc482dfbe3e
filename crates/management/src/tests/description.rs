//! The API's description says what the router does, and the reference page needs nothing else.

use gateway::endpoint::ROUTES;
use http::Method;
use serde_json::Value;
use std::collections::BTreeSet;

use super::fixture::Deployment;
use crate::request::{Fields, Parameters, ReadBody, ReadQuery};
use crate::router::endpoints;

#[tokio::test]
async fn every_route_is_described_and_every_description_has_a_route() {
    let deployment = Deployment::open().await;
    let document = deployment.get("/openapi.json").await.is(200);
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            described.insert((path.clone(), method.to_string()));
            if is_call(&method, path) {
                continue;
            }
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}"
            );
            assert!(operation["security"].is_array(), "{method} {path}");
            let asked = path.replace("{id}", "x").replace("{name}", "x");
            let answer = deployment.send_as("", method.clone(), &asked, "", &[]).await;
            let expected = match path.as_str() {
                "/openapi.json" | "/docs" | "/docs/reference.css" | "/docs/reference.js" => 200,
                // Where people log in: without a body, which is not JSON then.
                "/api/v1/sessions" | "/api/v1/setup" if method == Method::POST => 415,
                _ => 401,
            };
            assert_eq!(answer.status.as_u16(), expected, "{method} {path}");
        }
    }
    let endpoints = endpoints();
    let routed = endpoints.iter().map(|e| (e.documented_path(), e.method.to_string()));
    let calls = ROUTES.iter().map(|route| (route.path.to_owned(), route.method.to_owned()));
    assert_eq!(described, routed.chain(calls).collect());
}

/// The data plane's routes, which the router of the management API does not have.
fn is_call(method: &Method, path: &str) -> bool {
    ROUTES.iter().any(|route| route.method == method.as_str() && route.path == path)
}

/// Each of the data plane's routes says what it takes, who may ask, and in which shape it fails.
#[tokio::test]
async fn calls_are_described_whole() {
    let deployment = Deployment::open().await;
    let document = deployment.get("/openapi.json").await.is(200);
    let mut names = BTreeSet::new();
    for route in ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        let about = format!("{} {}", route.method, route.path);
        assert!(names.insert(operation["operationId"].to_string()), "{about}: a name twice");
        let summary = operation["summary"].as_str().unwrap();
        assert!(route.path == "/" || !summary.starts_with("See whether"), "{about}: {summary}");
        if route.path == "/" {
            continue;
        }
        let ways: Vec<&String> = operation["security"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|way| way.as_object().unwrap().keys())
            .collect();
        assert_eq!(ways, ["api_key", "x_api_key", "x_goog_api_key", "key_query"], "{about}");
        for way in ways {
            assert!(document["components"]["securitySchemes"][way].is_object(), "{about}: {way}");
        }
        let has_body = route.method == "POST" && !route.path.ends_with("/cancel");
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["additionalProperties"] == true, has_body, "{about}: {body}");
        assert_eq!(body["properties"].is_object(), has_body, "{about}: {body}");
        let failed = &operation["responses"]["402"]["content"]["application/json"]["schema"];
        let any = failed["anyOf"].as_array().cloned().unwrap_or_else(|| vec![failed.clone()]);
        let names = |shape: &Value| {
            shape["$ref"].as_str().map(|name| name.rsplit('/').next().map(str::to_owned))
        };
        let shapes: Vec<String> = any.iter().filter_map(names).flatten().collect();
        let expected: &[&str] = match route.path {
            path if path.contains("messages") => &["AnthropicError"],
            path if path.contains(':') || path.contains("v1beta") => &["GeminiError"],
            // Whose client asks is told by its headers.
            path if path.starts_with("/v1/models") => {
                &["OpenAiError", "AnthropicError", "GeminiError"]
            }
            _ => &["OpenAiError"],
        };
        assert_eq!(shapes, expected, "{about}");
        for status in ["401", "429", "503"] {
            let heads = operation["responses"][status]["headers"].as_object().unwrap();
            assert!(heads.contains_key("retry-after"), "{about} {status}");
        }
        for parameter in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let told = operation["parameters"].as_array().unwrap().iter();
            assert_eq!(told.filter(|one| one["name"] == parameter).count(), 1, "{about}");
        }
    }
    let codes = &document["components"]["schemas"]["OpenAiError"]["properties"]["error"]["properties"]
        ["code"]["enum"];
    assert_eq!(codes.as_array().unwrap().len(), domain::refusal::RefusalCode::ALL.len());
}

#[test]
fn one_name_is_one_schema() {
    let mut known = std::collections::BTreeMap::new();
    for endpoint in endpoints() {
        let (_, schemas) = endpoint.description().operation("x");
        for (name, schema) in schemas {
            let schema = serde_json::to_value(schema).unwrap();
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*first, schema, "{name}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let deployment = Deployment::open().await;
    let answer = deployment.get("/openapi.json").await;
    let document = answer.is(200);
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.insert(reference.clone());
            }
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

/// The properties of a schema, those of its parts included.
fn properties(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    let parts = schema["allOf"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|part| properties(document, part));
    own.chain(parts).collect()
}

fn taken<T: ReadBody>() -> BTreeSet<String> {
    let mut fields = Fields::default();
    T::read(&mut fields);
    fields.asked().iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn the_described_fields_are_those_that_are_read() {
    let deployment = Deployment::open().await;
    let document = deployment.get("/openapi.json").await.is(200);
    let described = |pointer: &str| {
        let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        properties(&document, &schema["requestBody"]["content"]["application/json"]["schema"])
    };
    let mut edit_key = taken::<crate::keys::edit::EditKey>();
    for fixed in ["billing_method", "owner", "key"] {
        edit_key.remove(fixed);
    }
    for (pointer, read) in [
        ("/paths/~1v1~1api-keys/post", taken::<crate::keys::create::CreateKey>()),
        ("/paths/~1v1~1api-keys~1{id}/patch", edit_key),
        ("/paths/~1v1~1api-keys~1{id}~1rotate/post", taken::<crate::keys::rotate::RotateKey>()),
        ("/paths/~1v1~1api-keys~1{id}~1reveal/post", taken::<crate::keys::reveal::RevealKey>()),
        ("/paths/~1v1~1api-keys~1bulk/post", taken::<crate::keys::bulk::CreateKeys>()),
        ("/paths/~1v1~1api-keys~1actions/post", taken::<crate::keys::actions::ActOnKeys>()),
        (
            "/paths/~1api~1v1~1key-templates~1{name}/put",
            taken::<crate::keys::templates::TemplateFields>(),
        ),
        ("/paths/~1api~1v1~1users/post", taken::<crate::users::create::CreateUser>()),
        ("/paths/~1api~1v1~1users~1{id}/patch", taken::<crate::users::edit::EditUser>()),
        ("/paths/~1api~1v1~1users~1{id}~1topups/post", taken::<crate::users::top_up::TopUp>()),
        ("/paths/~1api~1v1~1users~1{id}~1reset/post", taken::<crate::users::reset::ResetUser>()),
        ("/paths/~1api~1v1~1sessions/post", taken::<crate::sessions::create::LogIn>()),
        (
            "/paths/~1api~1v1~1sessions~1current~1proof/post",
            taken::<crate::sessions::prove::ProveAgain>(),
        ),
        ("/paths/~1api~1v1~1setup/post", taken::<crate::setup::SetUp>()),
        ("/paths/~1api~1v1~1me/patch", taken::<crate::me::edit::EditMe>()),
        ("/paths/~1api~1v1~1me~1password/post", taken::<crate::me::password::ChangePassword>()),
        ("/paths/~1api~1v1~1me~1totp~1confirm/post", taken::<crate::me::totp::ConfirmTotp>()),
        ("/paths/~1api~1v1~1me~1redemptions/post", taken::<crate::me::redeem::RedeemCode>()),
        (
            "/paths/~1api~1v1~1redemption-codes/post",
            taken::<crate::redemption_codes::create::CreateCodes>(),
        ),
        ("/paths/~1api~1v1~1tiers/put", taken::<crate::tiers::set::SetTiers>()),
        (
            "/paths/~1api~1v1~1management-keys/post",
            taken::<crate::management_keys::create::CreateManagementKey>(),
        ),
        ("/paths/~1api~1v1~1groups~1{name}/put", taken::<crate::groups::set::SetGroup>()),
        ("/paths/~1api~1v1~1channels/post", taken::<crate::channels::ChannelFields>()),
        (
            "/paths/~1api~1v1~1channels~1{id}~1test/post",
            taken::<crate::channels::test::TestFields>(),
        ),
        ("/paths/~1api~1v1~1prices~1{name}/put", taken::<crate::prices::PriceFields>()),
        ("/paths/~1api~1v1~1prices~1import/post", taken::<crate::prices::import::ImportFields>()),
        (
            "/paths/~1api~1v1~1doubts~1{id}~1settle/post",
            taken::<crate::doubts::settle::SettleDoubt>(),
        ),
        ("/paths/~1v1~1api-keys~1leaked/post", taken::<crate::leaks::leaked::Leaked>()),
        (
            "/paths/~1v1~1api-keys~1{id}~1compromised/post",
            taken::<crate::leaks::compromised::Compromise>(),
        ),
        ("/paths/~1v1~1api-keys~1{id}~1refund/post", taken::<crate::keys::refund::RefundKey>()),
        ("/paths/~1api~1v1~1calls~1{id}~1refund/post", taken::<crate::calls::refund::RefundCall>()),
        ("/paths/~1api~1v1~1findings~1{id}~1fix/post", taken::<crate::findings::fix::FixFinding>()),
        (
            "/paths/~1api~1v1~1findings~1{id}~1dismiss/post",
            taken::<crate::findings::dismiss::DismissFinding>(),
        ),
    ] {
        assert_eq!(described(pointer), read, "{pointer}");
    }
}

#[test]
fn the_described_parameters_are_those_that_are_read() {
    fn check<T: ReadQuery>() {
        let described: BTreeSet<&str> = T::PARAMETERS.iter().map(|(name, _)| *name).collect();
        let read: BTreeSet<&str> = Parameters::asked_by::<T>().into_iter().collect();
        assert_eq!(described, read, "{}", std::any::type_name::<T>());
    }
    check::<crate::keys::list::ListKeys>();
    check::<crate::keys::export::ExportKeys>();
    check::<crate::users::list::ListUsers>();
    check::<crate::users::ledger::ListEntries>();
    check::<crate::management_keys::list::ListManagementKeys>();
    check::<crate::audit::list::ListAudit>();
    check::<crate::redemption_codes::list::ListCodes>();
    check::<crate::calls::list::ListCalls>();
    check::<crate::usage::get::ReadUsage>();
    check::<crate::leaks::read::ReadLeak>();
    check::<crate::findings::list::ListFindings>();
}

#[tokio::test]
async fn the_answers_fields_are_those_that_are_described() {
    let deployment = Deployment::open().await;
    let document = deployment.get("/openapi.json").await.is(200);
    let made = deployment.post("/v1/api-keys", serde_json::json!({"name": "a"})).await.is(201);
    let schema = document
        .pointer("/paths/~1v1~1api-keys/post/responses/201/content/application~1json/schema")
        .unwrap();
    let answered: BTreeSet<String> = made.as_object().unwrap().keys().cloned().collect();
    assert_eq!(properties(&document, schema), answered);
}

#[tokio::test]
async fn the_reference_page_needs_nothing_from_elsewhere() {
    let deployment = Deployment::open().await;
    for path in ["/docs", "/docs/reference.css", "/docs/reference.js"] {
        let answer = deployment.send_as("", Method::GET, path, "", &[]).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(!answer.text.contains("http://") && !answer.text.contains("https://"), "{path}");
        assert!(!answer.text.contains("innerHTML") && !answer.text.contains("<style"), "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
}
