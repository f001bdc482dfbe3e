//! `GET /openapi.json`: the API's description, OpenAPI 3.1, made from the endpoints themselves.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Server};

use crate::access::Anybody;
use crate::endpoint::Endpoint;
use crate::relay_document;
use crate::router::endpoints;
use crate::state::DeploymentInfo;

const ABOUT: &str = "Calls to models, in the shapes of OpenAI, Anthropic and Gemini; and the keys, users, channels, prices, \
usage and calls of this deployment.

Amounts are USD: a decimal number or a text of one on the way in, a number with every digit on the way out. \
Times are RFC 3339 in UTC. Failures of the management API are problem JSON (RFC 9457) with a stable `code`; wrong fields are listed in \
`errors`, all at once. A change is in force when it is answered.";

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/openapi.json", handle)
        .about("Description", "Read this description", "OpenAPI 3.1.")
        .answers_text("application/json", "The description.")
}

async fn handle(Anybody(app): Anybody) -> Response {
    let document = app.document.get_or_init(|| of(endpoints(), &app.deployment)).clone();
    let mut response = document.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The description of endpoints, as it is served.
pub(crate) fn of(endpoints: Vec<Endpoint>, deployment: &DeploymentInfo) -> Bytes {
    // A description is texts and lists: it always serialises.
    let mut document = serde_json::to_value(describe(endpoints, deployment)).unwrap_or_default();
    relay_document::add_to(&mut document);
    serde_json::to_vec(&document).unwrap_or_default().into()
}

fn describe(endpoints: Vec<Endpoint>, deployment: &DeploymentInfo) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            "management_key",
            bearer("mk-…", "A management key: manages, within its scopes."),
        )
        .security_scheme(
            "api_key",
            bearer("sk-…", "An API key: calls models and reads about itself."),
        )
        .security_scheme("session", session());
    for endpoint in endpoints {
        let path = endpoint.documented_path();
        let Some(method) = method(&endpoint.method) else { continue };
        let id = operation_id_of(endpoint.method.as_str(), &path);
        let (operation, schemas) = endpoint.description().operation(&id);
        paths.add_path_operation(path, vec![method], operation);
        for (name, schema) in schemas {
            components = components.schema(name, schema);
        }
    }
    let info = InfoBuilder::new()
        .title("Tollkeeper")
        .version(&deployment.version)
        .description(Some(ABOUT));
    let servers = deployment.public_url.as_ref().map(|url| vec![Server::new(url)]);
    OpenApiBuilder::new()
        .info(info.build())
        .servers(servers)
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn bearer(format: &str, text: &str) -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format);
    SecurityScheme::Http(scheme.description(Some(text)).build())
}

fn session() -> SecurityScheme {
    let text = "The cookie of POST /api/v1/sessions; over https its name begins with __Host-. Writes are refused when a page of another site asks.";
    let cookie = ApiKeyValue::with_description(crate::access::cookie::PLAIN, text);
    SecurityScheme::ApiKey(ApiKey::Cookie(cookie))
}

fn method(method: &Method) -> Option<HttpMethod> {
    match method.as_str() {
        "GET" => Some(HttpMethod::Get),
        "POST" => Some(HttpMethod::Post),
        "PUT" => Some(HttpMethod::Put),
        "PATCH" => Some(HttpMethod::Patch),
        "DELETE" => Some(HttpMethod::Delete),
        _ => None,
    }
}

/// `POST /v1/api-keys/{id}/enable` → `post_v1_api_keys_id_enable`.
pub(crate) fn operation_id_of(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    format!("{}_{}", method.to_lowercase(), words.join("_"))
}
