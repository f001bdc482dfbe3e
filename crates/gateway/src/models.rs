//! `GET /v1/models`: only what this key may call.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use http::HeaderMap;
use protocol::anthropic_messages::models as anthropic;
use protocol::gemini::models as gemini;
use protocol::openai_chat::models::{Model, model_body, model_list};

use crate::authenticate::{Authenticated, permit};
use crate::catalog::Catalog;
use crate::endpoint::Surface;
use crate::gateway::Gateway;

/// The list in the shape of the caller's dialect.
///
/// # Errors
/// When the key may not read it.
pub fn list(gateway: &Gateway, call: &Authenticated, surface: Surface) -> Result<Bytes, Refusal> {
    permit(&call.key, Permission::ModelsRead)?;
    let catalog = gateway.catalog.load();
    let models = callable(&catalog, call);
    let models = models.into_iter();
    Ok(match surface {
        Dialect::Messages => anthropic::model_list(models.map(anthropic_entry)),
        Dialect::Gemini => gemini::model_list(models.map(gemini_entry)),
        Dialect::Chat | Dialect::Responses => model_list(models.map(entry)),
    })
}

/// One model in the shape of the caller's dialect.
///
/// # Errors
/// When the key may not read it, or may not call the model.
pub fn get(
    gateway: &Gateway,
    call: &Authenticated,
    surface: Surface,
    id: &str,
) -> Result<Bytes, Refusal> {
    permit(&call.key, Permission::ModelsRead)?;
    let catalog = gateway.catalog.load();
    if callable(&catalog, call).contains(&id) {
        return Ok(match surface {
            Dialect::Messages => anthropic::model_body(&anthropic_entry(id)),
            Dialect::Gemini => gemini::model_body(&gemini_entry(id)),
            Dialect::Chat | Dialect::Responses => model_body(&entry(id)),
        });
    }
    let message = format!(
        "No model {id:?} can be called with this key. GET /v1/models lists those that can."
    );
    Err(Refusal::new(RefusalCode::ModelNotFound, message).at("model"))
}

/// What a key may call: offered in one of its groups, on its list, and priced.
fn callable<'c>(catalog: &'c Catalog, call: &Authenticated) -> Vec<&'c str> {
    let policy = &call.key.policy;
    let rights = call.key.owner.rights();
    let own = |group: &String| {
        policy.groups.is_empty()
            || policy.groups.iter().any(|g| &**g == group.as_str() || &**g == "auto")
    };
    let groups: Vec<&String> = rights.groups.iter().filter(|group| own(group)).collect();
    catalog
        .models()
        .into_iter()
        .filter(|model| policy.allows_model(model))
        .filter(|model| catalog.price(model).is_some())
        .filter(|model| {
            catalog
                .offering(model)
                .iter()
                .any(|channel| groups.iter().any(|g| channel.groups.contains(g)))
        })
        .collect()
}

/// Whose shape of the list a caller wants: the path says it, or the headers of their SDK do.
#[must_use]
pub fn surface(by_path: Surface, headers: &HeaderMap) -> Surface {
    if by_path == Dialect::Gemini || headers.contains_key("x-goog-api-key") {
        Dialect::Gemini
    } else if headers.contains_key("anthropic-version") {
        Dialect::Messages
    } else {
        by_path
    }
}

const fn entry(id: &str) -> Model<'_> {
    Model { id, created: 0, owned_by: "tollkeeper" }
}

const fn anthropic_entry(id: &str) -> anthropic::Model<'_> {
    anthropic::Model { id, display_name: id, created: 0 }
}

const fn gemini_entry(id: &str) -> gemini::Model<'_> {
    gemini::Model { id, methods: gemini::GENERATES }
}
