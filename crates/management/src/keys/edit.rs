//! `PATCH /v1/api-keys/{id}`

use domain::id::KeyId;
use domain::money::Nanos;
use store::StoreError;
use store::api_key::ApiKey;
use utoipa::ToSchema;

use super::terms::{KeyTerms, TermsOf};
use super::view::KeyView;
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, UsdInput};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{signed_amount, text};
use crate::request::{Body, Fields, Id, IfMatch, Invalid, ReadBody};
use crate::wrong::Wrong;

/// How often an edit is tried that others keep changing under it.
const TRIES: usize = 200;

/// An edit of a key: what is left out stays as it is.
#[derive(ToSchema)]
pub(crate) struct EditKey {
    /// What its owner calls it: 1–100 characters.
    name: Option<String>,
    /// Added to the quota, or taken from it if it is negative; not together with `quota`.
    #[schema(value_type = Option<UsdInput>)]
    quota_delta: Option<Nanos>,
    #[serde(flatten)]
    terms: KeyTerms,
}

impl ReadBody for EditKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        for name in ["billing_method", "owner", "key"] {
            if fields.take(name, |_| Ok(())).is_some() {
                fields.refuse(name, Invalid::new(Wrong::KeyFixed));
            }
        }
        let edit = Self {
            name: fields.take("name", text(1..=100)),
            quota_delta: fields.take("quota_delta", signed_amount),
            terms: KeyTerms::take(fields),
        };
        if edit.quota_delta.is_some() && edit.terms.sets_quota() {
            fields.refuse("quota_delta", Invalid::new(Wrong::QuotaOrDelta));
        }
        Some(edit)
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/v1/api-keys/{id}", handle)
        .about(
            "API keys",
            "Edit a key",
            "In force when answered. Within a limit, a part that is left out stays as it is.",
        )
        .answers::<KeyView>(200, "The key as it is now.")
        .fails(409, "The key was changed at the same time.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
    body: Body<EditKey>,
) -> Result<Answer<KeyView>, Problem> {
    let key = edit(&access, id, &if_match, body.value).await?;
    let version = key.version;
    Ok(Answer::ok(KeyView::of(&access.app, key).await?).version(version))
}

/// Edits a key; in force when this returns.
pub(crate) async fn edit(
    access: &Access<KeysWrite>,
    id: KeyId,
    if_match: &IfMatch,
    wanted: EditKey,
) -> Result<ApiKey, Problem> {
    for _ in 0..TRIES {
        let before = access.database().api_key(id, access.owner()).await?;
        let mut key = before.clone();
        if_match.check(key.version)?;
        if let Some(groups) = wanted.terms.groups() {
            let owner = access.database().user(key.owner).await?;
            super::owner_groups::check(access.database(), &owner, &groups).await?;
        }
        apply(&wanted, &mut key)?;
        let mut transaction = access.database().begin().await?;
        match transaction.update_api_key(&key).await {
            Ok(key) => {
                access.app.record(&mut transaction, Some(&before), Some(&key))?;
                access.app.commit(transaction, id).await?;
                return Ok(key);
            }
            Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Stale.into())
}

fn apply(wanted: &EditKey, key: &mut ApiKey) -> Result<(), Problem> {
    if let Some(name) = &wanted.name {
        key.name.clone_from(name);
    }
    if let Some(delta) = wanted.quota_delta {
        key.policy.quota = Some(moved(key.policy.quota, delta)?);
    }
    wanted.terms.clone().apply(TermsOf {
        policy: &mut key.policy,
        soft_limit: &mut key.soft_limit,
        tags: &mut key.tags,
        metadata: &mut key.metadata,
    });
    Ok(())
}

fn moved(quota: Option<Nanos>, delta: Nanos) -> Result<Nanos, Problem> {
    let refuse = |wrong: Wrong| Err(Problem::field("quota_delta", wrong));
    let Some(quota) = quota else {
        return refuse(Wrong::QuotaUnlimited);
    };
    match quota.checked_add(delta) {
        Some(sum) if !sum.is_negative() => Ok(sum),
        Some(_) => refuse(Wrong::QuotaBelowZero),
        None => refuse(Wrong::BooksFull),
    }
}
