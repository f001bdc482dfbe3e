//! `POST /v1/api-keys/actions`

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::api_key::ApiKey;
use store::{StoreError, Transaction};
use utoipa::ToSchema;

use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::publish::Changed;
use crate::request::value::{choice, list, parsed};
use crate::request::{Body, Fields, Invalid, ReadBody};
use crate::wrong::Wrong;

/// So many keys are changed by one request.
const MOST: usize = 1_000;

/// What to do with which keys.
#[derive(ToSchema)]
pub(crate) struct ActOnKeys {
    /// `disable`, `enable`, `revoke` or `delete`.
    #[schema(value_type = String)]
    action: Action,
    /// 1 to 1000 ids.
    #[schema(value_type = Vec<String>)]
    ids: Vec<KeyId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Disable,
    Enable,
    Revoke,
    Delete,
}

impl ReadBody for ActOnKeys {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let action = fields.required("action", choice(action, "disable, enable, revoke, delete"));
        let ids = fields.required("ids", list(MOST, parsed::<KeyId>));
        if ids.as_ref().is_some_and(Vec::is_empty) {
            fields.refuse("ids", Invalid::new(Wrong::NoId));
        }
        Some(Self { action: action?, ids: ids? })
    }
}

/// What became of each key, in the order of the request.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActedOnKeys {
    /// One entry for each id.
    data: Vec<ActedOn>,
}

/// What became of a key.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActedOn {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// Whether it is now as was asked for.
    done: bool,
    /// Why it is not: `not_found` or `key_revoked`.
    #[schema(value_type = Option<String>)]
    code: Option<&'static str>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/actions", handle)
        .about(
            "API keys",
            "Disable, enable, revoke or delete many keys",
            "In force when answered. A key that it cannot be done to does not keep it from the others.",
        )
        .answers::<ActedOnKeys>(200, "What became of each.")
}

async fn handle(
    access: Access<KeysWrite>,
    body: Body<ActOnKeys>,
) -> Result<Answer<ActedOnKeys>, Problem> {
    let ActOnKeys { action, ids } = body.value;
    // In one order, so that two requests never wait for each other's keys.
    let distinct: Vec<KeyId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut transaction = access.database().begin().await?;
    let known = transaction.lock_api_keys(&distinct, access.owner()).await?;
    let known: BTreeMap<KeyId, ApiKey> = known.into_iter().map(|key| (key.id, key)).collect();
    let (now, owner) = (access.now(), access.owner());
    let mut refused = BTreeMap::new();
    let mut changed = Vec::new();
    for id in distinct {
        match known.get(&id) {
            None => {
                refused.insert(id, "not_found");
            }
            Some(key) if key.policy.revoked && is_switch(action) => {
                refused.insert(id, "key_revoked");
            }
            Some(before) => match act(&mut transaction, action, id, owner, now).await {
                Ok(key) => {
                    access.app.record(&mut transaction, Some(before), Some(&key))?;
                    changed.push(id);
                }
                Err(StoreError::NotFound) => {
                    refused.insert(id, "not_found");
                }
                Err(error) => return Err(error.into()),
            },
        }
    }
    access.app.commit(transaction, Changed { keys: changed, users: Vec::new() }).await?;
    let acted = |id| {
        let code = refused.get(&id).copied();
        ActedOn { id, done: code.is_none(), code }
    };
    Ok(Answer::ok(ActedOnKeys { data: ids.into_iter().map(acted).collect() }))
}

async fn act(
    transaction: &mut Transaction,
    action: Action,
    id: KeyId,
    owner: Option<UserId>,
    now: UnixMillis,
) -> Result<ApiKey, StoreError> {
    match action {
        Action::Disable => transaction.set_api_key_disabled(id, owner, true, None).await,
        Action::Enable => transaction.set_api_key_disabled(id, owner, false, None).await,
        Action::Revoke => transaction.revoke_api_key(id, owner, now, None).await,
        Action::Delete => transaction.delete_api_key(id, owner, now, None).await,
    }
}

const fn is_switch(action: Action) -> bool {
    matches!(action, Action::Disable | Action::Enable)
}

fn action(name: &str) -> Option<Action> {
    match name {
        "disable" => Some(Action::Disable),
        "enable" => Some(Action::Enable),
        "revoke" => Some(Action::Revoke),
        "delete" => Some(Action::Delete),
        _ => None,
    }
}
