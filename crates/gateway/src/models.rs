//! `GET /v1/models`: only what this key may call.

use bytes::Bytes;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use protocol::openai_chat::models::{Model, model_body, model_list};

use crate::authenticate::{Authenticated, permit};
use crate::catalog::Catalog;
use crate::gateway::Gateway;

/// The list in OpenAI's shape.
///
/// # Errors
/// When the key may not read it.
pub fn list(gateway: &Gateway, call: &Authenticated) -> Result<Bytes, Refusal> {
    permit(&call.key, Permission::ModelsRead)?;
    let catalog = gateway.catalog.load();
    let models = callable(&catalog, call);
    Ok(model_list(models.iter().map(|id| entry(id))))
}

/// One model in OpenAI's shape.
///
/// # Errors
/// When the key may not read it, or may not call the model.
pub fn get(gateway: &Gateway, call: &Authenticated, id: &str) -> Result<Bytes, Refusal> {
    permit(&call.key, Permission::ModelsRead)?;
    let catalog = gateway.catalog.load();
    if callable(&catalog, call).contains(&id) {
        return Ok(model_body(&entry(id)));
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

const fn entry(id: &str) -> Model<'_> {
    Model { id, created: 0, owned_by: "tollkeeper" }
}
