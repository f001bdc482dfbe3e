//! A plan, made: everything in one transaction, then put in force.

use domain::id::{ChannelId, TransactionId};
use domain::key::KeyDigest;
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::user::Credit;
use store::Transaction;
use store::api_key::NewApiKey;
use store::channel::Channel;
use store::deployment::Fact;
use store::user::{NewUser, UserChange};

use super::channels::PlannedChannel;
use super::keys::{PlannedKey, from};
use super::people::PlannedUser;
use super::plan::Plan;
use crate::access::{Access, SystemWrite};
use crate::audit::record::field;
use crate::channels::secrets::seal;
use crate::keys::making;
use crate::problem::Problem;
use crate::state::App;

/// Keys of one statement.
const AT_ONCE: usize = 1_000;

pub(super) async fn make(
    access: &Access<SystemWrite>,
    plan: &Plan,
    now: UnixMillis,
) -> Result<(), Problem> {
    let app = &access.app;
    let mut transaction = access.database().begin().await?;
    for group in &plan.groups {
        let before = transaction.lock_group(&group.name).await?;
        // Whoever made one of this name meanwhile keeps their factor.
        match group.is_new {
            true => transaction.insert_group(&group.name, group.multiplier, now).await?,
            false => drop(transaction.set_group(&group.name, group.multiplier, now).await?),
        }
        let after = transaction.lock_group(&group.name).await?;
        app.record(&mut transaction, before.as_ref(), after.as_ref())?;
    }
    for user in &plan.users {
        make_user(app, &mut transaction, user, from(plan.kind), now).await?;
    }
    make_keys(app, &mut transaction, &plan.keys).await?;
    for channel in &plan.channels {
        let made = transaction.insert_channel(&row(app, channel, now)).await?;
        app.record(&mut transaction, None, Some(&made))?;
    }
    for (model, price) in plan.prices.changes() {
        let version = transaction.set_price(model, price, now).await?;
        let replaced = transaction.replaced_price(&version).await?;
        app.record(&mut transaction, replaced.as_ref(), Some(&version))?;
    }
    let (app, what) = (app.clone(), plan.in_a_few_words(false));
    let digests: Vec<KeyDigest> = plan.keys.iter().map(|it| it.key.digest).collect();
    // On a task of its own: whoever asked may go away in between.
    let committing = tokio::spawn(async move {
        let committed = transaction.commit().await;
        // Even after a failure: it may have lasted all the same. What cannot fail comes first.
        expect(&app, &digests).await;
        let taken = app.catalog_changed().await;
        committed?;
        tracing::info!(what, "a site was imported");
        taken
    });
    committing.await.map_err(Problem::internal)?
}

/// Lets these values of a site be looked up in the database from now on.
pub(super) async fn expect(app: &App, digests: &[KeyDigest]) {
    if !digests.is_empty() {
        app.gateway.directory.expect_imported();
        app.keys_made(digests).await;
    }
}

/// A user, and their balance as a top-up.
async fn make_user(
    app: &App,
    transaction: &mut Transaction,
    user: &PlannedUser,
    site: &str,
    now: UnixMillis,
) -> Result<(), Problem> {
    let new = NewUser {
        id: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.role,
        tier: user.tier,
        groups: user.groups.clone(),
        credit: Credit::Balance,
        password_hash: None,
        created_at: now,
    };
    let mut made = transaction.insert_user(&new).await?;
    if user.disabled {
        let change = UserChange { disabled: Some(true), ..UserChange::default() };
        made = transaction.update_user(user.id, made.version, &change).await?;
    }
    if user.balance > Nanos::ZERO {
        let note = format!("Balance of user {} of the imported {site} site", user.number);
        let id = TransactionId::new(now, rand::random());
        made = transaction.credit_user(user.id, user.balance, id, &note, now).await?;
    }
    app.record(transaction, None, Some(&made))?;
    Ok(())
}

async fn make_keys(
    app: &App,
    transaction: &mut Transaction,
    keys: &[PlannedKey],
) -> Result<(), Problem> {
    if keys.is_empty() {
        return Ok(());
    }
    // A gateway that starts from now on looks up values without our checksum.
    transaction.set_fact_once(Fact::ImportedKeys, "1").await?;
    for some in keys.chunks(AT_ONCE) {
        let rows: Vec<NewApiKey> = some.iter().map(|it| it.key.clone()).collect();
        // There may be a million: their names are enough.
        for key in transaction.insert_api_keys(&rows).await? {
            transaction.changed(key.id, Some(key.owner), field("name", None, Some(&key.name)));
        }
        for planned in some {
            making::seal(app, transaction, planned.key.id, &planned.value).await?;
        }
    }
    Ok(())
}

fn row(app: &App, planned: &PlannedChannel, now: UnixMillis) -> Channel {
    let id = ChannelId::new(now, rand::random());
    Channel {
        id,
        name: planned.name.clone(),
        provider: planned.provider.to_owned(),
        base_url: planned.base_url.clone(),
        secrets: seal(&app.gateway.sealer, id, &planned.origin, &planned.secrets),
        models: planned.models.clone(),
        groups: planned.groups.clone(),
        priority: planned.priority,
        weight: planned.weight,
        settings: planned.settings.clone(),
        disabled: planned.disabled,
        created_at: now,
        version: 1,
    }
}
