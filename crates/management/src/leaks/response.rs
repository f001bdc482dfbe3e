//! What is done about a leaked key: it ends with its calls, another is made in its place, its
//! owner's balance is frozen; all in the database or nothing, and in force before the answer.

use domain::id::KeyId;
use domain::key::mask;
use domain::secret::Secret;
use domain::time::UnixMillis;
use serde::Serialize;
use std::time::Duration;
use store::Transaction;
use store::api_key::{ApiKey, NewApiKey};
use store::leak::KeyLeak;
use store::user::User;
use utoipa::ToSchema;

use super::report::since;
use crate::access::{Access, KeysWrite};
use crate::answer::Moment;
use crate::keys::create::Revealed;
use crate::keys::making::{new_value, seal};
use crate::keys::view::KeyView;
use crate::problem::Problem;
use crate::publish::Changed;
use crate::request::Fields;
use crate::request::value::{boolean, or_null, text, time};
use crate::state::App;

/// Calls that are cut end within moments; one whose client takes nothing can take longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is to be done about a leak.
#[derive(Clone, ToSchema)]
#[schema(as = LeakMeasures)]
pub(super) struct Measures {
    /// From when on calls may be another's; null or left out: 24 hours ago.
    #[schema(value_type = Option<Moment>)]
    pub(super) since: Option<UnixMillis>,
    /// Also freeze the owner's balance: none of their keys makes a call until it is thawed.
    /// False by default.
    #[schema(value_type = Option<bool>)]
    freeze_balance: bool,
    /// Also make a key with the same settings. False by default.
    #[schema(value_type = Option<bool>)]
    replace: bool,
    /// For people: at most 500 characters.
    #[schema(value_type = Option<String>)]
    note: String,
}

impl Measures {
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        Self {
            since: fields.take("since", or_null(time)).flatten(),
            freeze_balance: fields.take("freeze_balance", boolean).unwrap_or_default(),
            replace: fields.take("replace", boolean).unwrap_or_default(),
            note: fields.take("note", or_null(text(0..=500))).flatten().unwrap_or_default(),
        }
    }
}

/// What was known of a leaked key before anything was done.
pub(super) struct Target {
    key: ApiKey,
    owner: User,
}

/// What was done, in the database so far.
pub(super) struct Done {
    /// The key, revoked.
    pub(super) key: ApiKey,
    /// The leak as it is recorded.
    pub(super) leak: KeyLeak,
    replacement: Option<(ApiKey, Secret)>,
    froze: bool,
    /// Whether the owner's balance is frozen.
    pub(super) frozen: bool,
}

/// The key that was made in a leaked one's place.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replacement {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// The value, `sk-…`: shown this once; null when the request is repeated, or when an earlier
    /// one made the key.
    #[schema(value_type = Option<String>)]
    key: Option<Revealed>,
}

impl Target {
    /// A key that whoever asks may end, with all that is asked for.
    pub(super) async fn find(
        access: &Access<KeysWrite>,
        id: KeyId,
        measures: &Measures,
    ) -> Result<Self, Problem> {
        let key = access.database().api_key(id, access.owner()).await?;
        let owner = access.database().user(key.owner).await?;
        if measures.freeze_balance && owner.id != access.principal.user {
            access.principal.require(domain::scope::Scope::UsersWrite)?;
            access.principal.may_manage(owner.role)?;
        }
        Ok(Self { key, owner })
    }

    /// Whether it was revoked before.
    pub(super) const fn is_revoked(&self) -> bool {
        self.key.policy.revoked
    }

    /// The key as answers show it.
    pub(super) async fn view(&self, access: &Access<KeysWrite>) -> Result<KeyView, Problem> {
        Ok(KeyView::of(&access.app, self.key.clone()).await?)
    }

    /// Does it in the database. With the transaction, all of it is undone.
    pub(super) async fn respond(
        self,
        access: &Access<KeysWrite>,
        transaction: &mut Transaction,
        measures: &Measures,
        now: UnixMillis,
    ) -> Result<Done, Problem> {
        let app = &access.app;
        let before = transaction.lock_api_key(self.key.id, access.owner()).await?;
        let key = transaction.revoke_api_key(before.id, access.owner(), now, None).await?;
        app.record(transaction, Some(&before), Some(&key))?;
        let new_id = KeyId::new(now, rand::random());
        let leak = KeyLeak {
            key: key.id,
            owner: key.owner,
            reported_by: access.principal.user,
            since: since(measures.since, now),
            note: measures.note.clone(),
            replaced_by: measures.replace.then_some(new_id),
            reported_at: now,
        };
        let leak = transaction.record_leak(&leak).await?;
        let mut replacement = None;
        // Of several reports, the first that asks for a key in its place gets one.
        if leak.replaced_by == Some(new_id) {
            let value = new_value()?;
            // A key that ends now makes room for its replacement, whatever the tier allows.
            if key.revoked_at != Some(now) {
                transaction.check_key_limit(key.owner, 1).await?;
            }
            let digest = access.app.gateway.hasher.digest(value.expose());
            let new = NewApiKey {
                id: new_id,
                owner: key.owner,
                name: key.name.clone(),
                masked: mask(value.expose()),
                digest,
                policy: domain::policy::KeyPolicy { revoked: false, ..key.policy.clone() },
                soft_limit: key.soft_limit,
                tags: key.tags.clone(),
                metadata: key.metadata.clone(),
                created_at: now,
            };
            let made = transaction.insert_api_key(&new, None).await?;
            app.record(transaction, None, Some(&made))?;
            seal(app, transaction, new_id, &value).await?;
            replacement = Some((made, value));
        }
        if measures.freeze_balance {
            let before = transaction.locked_user(key.owner).await?;
            let frozen = transaction.freeze_user(key.owner, now).await?;
            app.record(transaction, Some(&before), Some(&frozen))?;
        }
        let frozen = measures.freeze_balance || self.owner.frozen_at.is_some();
        Ok(Done { key, leak, replacement, froze: measures.freeze_balance, frozen })
    }
}

/// Makes all of it last, puts it in force, and waits a little for the calls that are cut.
pub(super) async fn put_in_force<'d>(
    app: &App,
    transaction: Transaction,
    done: impl Iterator<Item = &'d Done> + Clone,
) -> Result<(), Problem> {
    let mut changed = Changed::default();
    for one in done.clone() {
        let replacement = one.replacement.as_ref().map(|(made, _)| made.id);
        changed.keys.extend(replacement.into_iter().chain([one.key.id]));
        changed.users.extend(one.froze.then_some(one.key.owner));
    }
    app.commit(transaction, changed).await?;
    let directory = &app.gateway.directory;
    let ended = async {
        for entry in done.filter_map(|one| directory.find(&one.key.digest)) {
            entry.calls_ended().await;
        }
    };
    // Those that have not ended by then are counted in the report.
    drop(tokio::time::timeout(PATIENCE, ended).await);
    Ok(())
}

impl Done {
    /// The key that was made in its place, now or earlier.
    pub(super) fn replacement(&mut self, reveal: bool) -> Option<Replacement> {
        let id = self.leak.replaced_by?;
        let value = if reveal { self.replacement.take() } else { None };
        Some(Replacement { id, key: value.map(|(_, value)| Revealed(value)) })
    }

    /// The key as answers show it.
    pub(super) async fn view(&self, access: &Access<KeysWrite>) -> Result<KeyView, Problem> {
        Ok(KeyView::of(&access.app, self.key.clone()).await?)
    }
}
