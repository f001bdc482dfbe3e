//! `tollkeeper init`: the database, the owner, and the first management key.

use domain::id::{ManagementKeyId, UserId};
use domain::key::{Kind, generate, mask};
use domain::scope::Scope;
use domain::secret::Secret;
use domain::time::UnixMillis;
use domain::user::{Credit, Role, Tier};
use sha2::{Digest, Sha256};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use store::deployment::Fact;
use store::management_key::ManagementKey;
use store::user::NewUser;
use store::user_link::{LinkDigest, LinkPurpose, UserLink};
use store::{Database, StoreError};

use crate::config::Config;
use crate::master_key::{MasterKey, MasterKeyError};

/// Why a deployment could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// There is one already.
    #[error("{0} holds a deployment already: start it with `tollkeeper serve --data {0}`")]
    Exists(String),
    /// There is none.
    #[error("{0} holds no deployment yet: make one with `tollkeeper init --data {0}`")]
    Missing(String),
    /// The master key is not the one that the deployment was made with.
    #[error(
        "the master key is not the one that this deployment was made with: its keys and secrets cannot be read. Restore the right master.key"
    )]
    WrongMasterKey,
    /// The master key cannot be read or made.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory cannot be made.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] std::io::Error),
}

/// What a new deployment hands out, once.
pub struct Initialized {
    /// The owner.
    pub owner: UserId,
    /// A management key with every scope.
    pub management_key: Secret,
    /// The token of the link that sets the owner's password.
    pub setup_token: Secret,
}

/// How long the set-up link works.
const SETUP_LINK: i64 = 7 * 24 * 3_600_000;

/// Opens the database that the settings name.
///
/// # Errors
/// When it cannot be opened, is foreign, or newer than this release.
pub async fn open_database(config: &Config) -> Result<Database, StoreError> {
    match &config.database {
        Some(url) => Database::open(url).await,
        None => Database::open_embedded(&config.data).await,
    }
}

/// Makes a deployment: nothing is left behind if a step fails before the last.
///
/// # Errors
/// When there is one already, or a file or the database cannot be written.
pub async fn initialize(
    config: &Config,
    variable: Option<String>,
    now: UnixMillis,
) -> Result<Initialized, DeploymentError> {
    let place = config.data.display().to_string();
    let io = |error| DeploymentError::Io(config.data.clone(), error);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data).map_err(io)?;
    if config.database.is_none() && config.data.join("tollkeeper.db").exists() {
        return Err(DeploymentError::Exists(place));
    }
    let database = open_database(config).await?;
    if database.fact(Fact::Id).await?.is_some() {
        return Err(DeploymentError::Exists(place));
    }
    let master = match MasterKey::load(variable, config.master_key_file.as_deref(), &config.data) {
        Err(MasterKeyError::Missing(path)) => MasterKey::create(&path)?,
        loaded => loaded?,
    };
    let owner = UserId::new(now, rand::random());
    let management_key = new_credential(Kind::Management);
    let setup_token = Secret::new(hex::encode(rand::random::<[u8; 24]>()));
    let mut transaction = database.begin().await?;
    transaction.set_fact_once(Fact::Id, &owner.to_string()).await?;
    transaction.set_fact_once(Fact::MasterKeyFingerprint, &master.fingerprint()).await?;
    transaction.ensure_default_group(now).await?;
    transaction
        .insert_user(&NewUser {
            id: owner,
            name: "Owner".to_owned(),
            email: None,
            role: Role::Owner,
            tier: Tier::Enterprise,
            groups: vec!["default".to_owned()],
            credit: Credit::Unlimited,
            password_hash: None,
            created_at: now,
        })
        .await?;
    transaction
        .insert_management_key(&ManagementKey {
            id: ManagementKeyId::new(now, rand::random()),
            owner,
            name: "init".to_owned(),
            digest: master.hasher().digest(management_key.expose()),
            masked: mask(management_key.expose()),
            scopes: Scope::ALL.to_vec(),
            expires_at: None,
            revoked_at: None,
            created_at: now,
        })
        .await?;
    let digest = LinkDigest::new(Sha256::digest(setup_token.expose().as_bytes()).into());
    let link =
        UserLink { user: owner, purpose: LinkPurpose::Setup, expires_at: now.plus(SETUP_LINK) };
    transaction.insert_user_link(digest, &link).await?;
    transaction.commit().await?;
    database.close().await;
    Ok(Initialized { owner, management_key, setup_token })
}

/// Checks that a database is an initialised deployment and that the master key is its own.
///
/// # Errors
/// When it is not initialised, or the key is another.
pub async fn check(
    config: &Config,
    database: &Database,
    master: &MasterKey,
) -> Result<(), DeploymentError> {
    match database.fact(Fact::MasterKeyFingerprint).await? {
        None => Err(DeploymentError::Missing(config.data.display().to_string())),
        Some(fingerprint) if fingerprint != master.fingerprint() => {
            Err(DeploymentError::WrongMasterKey)
        }
        Some(_) => Ok(()),
    }
}

/// Deletes the values of keys that were kept sealed by an earlier setting.
///
/// # Errors
/// When the database refuses.
pub async fn forget_sealed_keys(database: &Database) -> Result<(), StoreError> {
    let mut transaction = database.begin().await?;
    let forgotten = transaction.forget_all_sealed_keys().await?;
    transaction.commit().await?;
    if forgotten > 0 {
        tracing::info!(
            forgotten,
            "values of keys are shown once: those that were kept are deleted"
        );
    }
    Ok(())
}

/// A new credential; the random bytes practically always suffice at the first try.
#[must_use]
pub fn new_credential(kind: Kind) -> Secret {
    loop {
        let random: [[u8; 32]; 3] = rand::random();
        if let Some(secret) = generate(kind, random.as_flattened()) {
            return secret;
        }
    }
}
